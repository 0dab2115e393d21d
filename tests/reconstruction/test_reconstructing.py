"""Views become volumes that lie where the patient's activity is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from reconstruction_scenes import AXIS_MM, CHEST, PIXEL_MM, Ball, angles_of, counted, views_of
from shortaxis.errors import CountsError, GeometryError, OptionError
from shortaxis.geometry.affines import affine_from_axes, apply_affine
from shortaxis.reconstruction.attenuation import AttenuationMap
from shortaxis.reconstruction.post_filters import PostFilter
from shortaxis.reconstruction.reconstructing import reconstruct
from shortaxis.reconstruction.settings import ReconstructionSettings
from shortaxis.spect.projections import Projections
from shortaxis.spect.volume import SpectVolume

NO_FILTER = PostFilter("none")
OSEM = ReconstructionSettings(iterations=3, subsets=8, post_filter=NO_FILTER)
FBP = ReconstructionSettings(method="fbp", post_filter=NO_FILTER)
RECOVERED = replace(OSEM, collimator="LEHR")
HALF_TURN = angles_of(180, 32)
ARCS = {
    "180 CW": HALF_TURN,
    "180 CC": angles_of(180, 32, 45, 1),
    "360 CW": angles_of(360, 48, 0),
    "360 CC": angles_of(360, 48, 170, 1),
    "two heads": angles_of(90, 16) + angles_of(90, 16, 135),
}
BALL = Ball((55.0, -38.0, 21.0), 9.0, 5e5)
"""To the left, to the front, to the head, each by another distance."""


def middle_mm(volume: SpectVolume) -> np.ndarray:
    """Centre of what is hot, LPS mm."""
    hot = np.argwhere(volume.counts > 0.3 * volume.counts.max())
    weights = volume.counts[tuple(hot.T)]
    return np.average(apply_affine(volume.patient_from_index, hot), axis=0, weights=weights)


def counts_about(volume: SpectVolume) -> float:
    """Within 50 mm of the ball: backprojection has streaks farther away, which sum to nothing."""
    index = np.indices(volume.shape).reshape(3, -1).T
    place = apply_affine(volume.patient_from_index, index) - AXIS_MM - BALL.place_mm
    near = np.linalg.norm(place, axis=1) < 50
    return float(volume.counts.ravel()[near].sum(dtype=np.float64))


def water_cylinder(radius_mm: float, unit: str = "per_cm") -> AttenuationMap:
    """Water around the axis of rotation on voxels of 4 mm, whose slices run to the feet."""
    shape = (60, 90, 80)
    half = np.array([59, 89, 79]) / 2 * 4
    origin = np.array(AXIS_MM) - half[::-1] * [1, 1, -1]
    affine = affine_from_axes([(0, 0, -1), (0, 1, 0), (1, 0, 0)], (4, 4, 4), origin)
    index = np.indices(shape).reshape(3, -1).T
    place = apply_affine(affine, index) - AXIS_MM
    inside = np.hypot(place[:, 0], place[:, 1]).reshape(shape) < radius_mm
    values = np.where(inside, 0.154, 0.0) if unit == "per_cm" else np.where(inside, 0, -1000)
    return AttenuationMap(SpectVolume(values, affine), unit)


@pytest.mark.parametrize("arc", ARCS)
@pytest.mark.parametrize("settings", [OSEM, FBP, RECOVERED], ids=["osem", "fbp", "recovered"])
def test_a_ball_is_reconstructed_where_it_lies(arc: str, settings: ReconstructionSettings) -> None:
    projections = views_of((BALL,), ARCS[arc])

    found = reconstruct(projections, settings)

    assert middle_mm(found.volume) == pytest.approx(np.add(AXIS_MM, BALL.place_mm), abs=1.0)


@pytest.mark.parametrize("settings", [OSEM, FBP], ids=["osem", "fbp"])
def test_counts_are_those_of_all_views(settings: ReconstructionSettings) -> None:
    projections = views_of((BALL,), HALF_TURN)

    found = reconstruct(projections, settings)

    assert counts_about(found.volume) == pytest.approx(projections.counts.sum(), rel=0.03)


@pytest.mark.parametrize("settings", [OSEM, FBP], ids=["osem", "fbp"])
def test_the_shape_of_a_ball_comes_back(settings: ReconstructionSettings) -> None:
    ball = Ball((30.0, 20.0, -10.0), 20.0, 1e6)
    projections = views_of((ball,), angles_of(360, 60))

    volume = reconstruct(projections, replace(settings, iterations=8)).volume

    index = np.indices(volume.shape).reshape(3, -1).T
    off = apply_affine(volume.patient_from_index, index) - AXIS_MM - ball.place_mm
    density = np.exp(-0.5 * (off**2).sum(axis=1) / 20.0**2) / (2 * np.pi * 20.0**2) ** 1.5
    wanted = density * PIXEL_MM**3 * 1e6 * 60
    assert np.corrcoef(volume.counts.ravel(), wanted)[0, 1] > 0.998
    assert volume.counts.max() == pytest.approx(wanted.max(), rel=0.06)


def test_the_order_of_the_views_does_not_matter_to_backprojection() -> None:
    projections = views_of(CHEST, HALF_TURN)
    backwards = replace(
        projections,
        counts=projections.counts[:, :, ::-1],
        angles_deg=projections.angles_deg[::-1],
    )

    found, other = (reconstruct(each, FBP).volume.counts for each in (projections, backwards))

    assert found == pytest.approx(other, abs=1e-5 * float(found.max()))


def test_a_missing_view_leaves_backprojection_its_level() -> None:
    whole = views_of((BALL,), HALF_TURN)
    kept = [view for view in range(32) if view not in (11, 12)]
    part = replace(
        whole,
        counts=whole.counts[:, :, kept],
        angles_deg=tuple(whole.angles_deg[view] for view in kept),
        radial_position_mm=(180.0,) * 30,
    )

    found, usual = reconstruct(part, FBP), reconstruct(whole, FBP)

    level = counts_about(found.volume) / 30 / (counts_about(usual.volume) / 32)
    assert level == pytest.approx(1, abs=0.03)
    assert any("views are missing" in note.text for note in found.notes)


@pytest.mark.parametrize("unit", ["per_cm", "hounsfield"])
def test_attenuation_correction_gives_back_what_water_takes(unit: str) -> None:
    source = views_of((Ball((0, 0, 0), 8, 1e6),), angles_of(360, 48))
    # The way out is 100 mm of water in all directions.
    taken = replace(source, counts=source.counts * np.float32(np.exp(-0.154 * 10)))
    settings = replace(OSEM, attenuation_corrected=True)

    found = reconstruct(taken, settings, attenuation=water_cylinder(100, unit))

    assert found.volume.counts.sum() == pytest.approx(source.counts.sum(), rel=0.05)


def test_a_map_that_lies_off_is_told() -> None:
    source = views_of((Ball((70, 0, 0), 10, 1e6),), angles_of(360, 48))
    settings = replace(OSEM, attenuation_corrected=True)
    fitting, off = (
        reconstruct(source, settings, attenuation=water_cylinder(radius)).notes
        for radius in (110, 70)
    )

    assert not any("attenuation map" in note.text for note in fitting)
    assert any("attenuation map" in note.text and note.is_doubtful for note in off)


def test_resolution_recovery_makes_a_blurred_ball_sharper() -> None:
    # 12 mm FWHM of the ball and 11 of a collimator that is 150 mm away.
    projections = views_of((Ball((40, -20, 10), 7, 1e6),), angles_of(360, 48))

    plain, recovered = (
        reconstruct(projections, replace(settings, iterations=10)).volume.counts.max()
        for settings in (OSEM, RECOVERED)
    )

    assert recovered > 1.4 * plain


def gated_views() -> Projections:
    slots = [views_of((Ball((30 + 4 * n, -20, 10), 10, 1e5 * (1 + n % 3)),), HALF_TURN).counts
             for n in range(6)]  # fmt: skip
    counts = np.concatenate(slots, axis=1)
    return replace(views_of((), HALF_TURN), counts=counts, is_gated=True)


def test_gates_are_reconstructed_as_one_and_each_is_mixed_with_its_neighbours_round_the_beat() -> (
    None
):
    projections = gated_views()

    alone = reconstruct(projections, replace(OSEM, temporal_filter=False)).time_slots
    mixed = reconstruct(projections, OSEM).time_slots

    assert len(alone) == len(mixed) == 6
    for slot in range(6):
        parts = [alone[(slot + shift) % 6].counts for shift in (-1, 0, 1)]
        wanted = parts[0] / 4 + parts[1] / 2 + parts[2] / 4
        assert mixed[slot].counts == pytest.approx(wanted, abs=1e-4 * float(wanted.max()))


def test_the_temporal_filter_conserves_the_sum_over_the_slots() -> None:
    projections = gated_views()

    alone = reconstruct(projections, replace(OSEM, temporal_filter=False)).volume.counts
    mixed = reconstruct(projections, OSEM).volume.counts

    assert mixed == pytest.approx(alone, abs=1e-4 * float(alone.max()))


def test_an_ungated_study_has_no_time_slots_and_lies_upright() -> None:
    found = reconstruct(views_of(CHEST, HALF_TURN), OSEM)

    assert found.time_slots == ()
    directions = found.volume.patient_from_index[:3, :3] / PIXEL_MM
    assert directions == pytest.approx(np.array([[0, 0, 1], [0, 1, 0], [1, 0, 0]]))
    assert found.volume.center_mm == pytest.approx(AXIS_MM)


def test_progress_grows_to_one() -> None:
    told: list[float] = []

    reconstruct(gated_views(), OSEM, progress=told.append)

    assert told == sorted(told)
    assert told[-1] == 1


def test_noise_is_never_negative_and_always_finite() -> None:
    projections = counted(views_of(CHEST, HALF_TURN), 4)

    for settings in (OSEM, FBP, replace(RECOVERED, post_filter=PostFilter())):
        counts = reconstruct(projections, settings).volume.counts
        assert np.isfinite(counts).all()
        assert counts.min() >= 0


@pytest.mark.parametrize(
    ("settings", "match"),
    [
        (replace(OSEM, attenuation_corrected=True), "without a map"),
        (replace(OSEM, scatter="dual"), "no energy window below"),
        (replace(OSEM, post_filter=PostFilter(cutoff_per_cm=0.9)), "Nyquist"),
    ],
)
def test_what_the_views_do_not_hold_is_refused(
    settings: ReconstructionSettings, match: str
) -> None:
    with pytest.raises(OptionError, match=match) as refused:
        reconstruct(views_of(CHEST, HALF_TURN), settings)
    assert refused.value.way_on


def test_backprojection_refuses_a_quarter_of_a_turn() -> None:
    projections = views_of(CHEST, angles_of(90, 32))

    with pytest.raises(OptionError, match="half or a whole turn"):
        reconstruct(projections, FBP)
    assert reconstruct(projections, OSEM).volume.counts.max() > 0


@pytest.mark.parametrize("wrong", [-1.0, np.nan, 0.0])
def test_what_are_no_counts_is_refused(wrong: float) -> None:
    projections = views_of(CHEST, HALF_TURN)
    counts = projections.counts * (0 if wrong == 0 else 1)
    counts[0, 0, 3, 2, 1] = wrong

    with pytest.raises(CountsError):
        reconstruct(replace(projections, counts=counts), OSEM)


def test_a_map_of_another_place_is_refused() -> None:
    cylinder = water_cylinder(100).volume
    moved = cylinder.patient_from_index.copy()
    moved[2, 3] += 500
    elsewhere = AttenuationMap(SpectVolume(cylinder.counts, moved))

    with pytest.raises(GeometryError, match="elsewhere"):
        reconstruct(
            views_of(CHEST, HALF_TURN),
            replace(OSEM, attenuation_corrected=True),
            attenuation=elsewhere,
        )


def test_ct_numbers_taken_for_attenuation_are_refused() -> None:
    numbers = water_cylinder(100, "hounsfield").volume

    with pytest.raises(CountsError, match="not an attenuation map"):
        reconstruct(
            views_of(CHEST, HALF_TURN),
            replace(OSEM, attenuation_corrected=True),
            attenuation=AttenuationMap(numbers, "per_cm"),
        )
