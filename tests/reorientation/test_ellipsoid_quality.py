"""Reasons to review: the table of limits, and the evidence that is held against it."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

import ellipsoid_scenes as scenes
from shortaxis.errors import HeartNotFoundError
from shortaxis.geometry.affines import apply_affine, invert_affine
from shortaxis.geometry.pose import RigidPose
from shortaxis.reorientation.ellipsoid import estimate_pose_by_ellipsoid
from shortaxis.reorientation.ellipsoid_evidence import relative_noise
from shortaxis.reorientation.estimate import LeftVentricleExtent, PoseUncertainty, QualityFlag
from shortaxis.reorientation.judgement import default_judgement
from shortaxis.reorientation.myocardium_field import smoothed
from shortaxis.reorientation.quality import (
    LIMITS,
    MANY_NEAR_REASON,
    MORE_ABOVE,
    Limit,
    Measure,
    judge,
    plausibility_measures,
)
from shortaxis.reorientation.surroundings import counts_above_part
from shortaxis.spect.volume import SpectVolume


def reasons_of(measures: dict[Measure, float]) -> list[str]:
    """Reasons without the values in parentheses."""
    return [reason.split(" (")[0] for reason in judge(measures).reasons]


def test_every_measure_has_a_limit_and_no_method_limits_one_twice() -> None:
    tables = [
        [limit.measure for limit in limits] for limits in (LIMITS, default_judgement().limits)
    ]

    assert all(len(set(table)) == len(table) for table in tables)
    assert set().union(*tables) == set(Measure)


@pytest.mark.parametrize("limit", LIMITS, ids=lambda limit: limit.measure.name)
def test_a_limit_accepts_its_range_and_names_its_reason_outside(limit) -> None:
    assert judge({limit.measure: limit.lowest}).flag is QualityFlag.ACCEPT
    assert reasons_of({limit.measure: limit.lowest - 0.01}) == [limit.reason]
    if np.isfinite(limit.highest):
        assert judge({limit.measure: limit.highest}).flag is QualityFlag.ACCEPT
        assert reasons_of({limit.measure: limit.highest + 0.01}) == [limit.reason]


@pytest.mark.parametrize("limit", LIMITS, ids=lambda limit: limit.measure.name)
def test_what_is_not_a_number_is_never_accepted(limit) -> None:
    assert judge({limit.measure: float("nan")}).flag is QualityFlag.REVIEW


def test_many_measures_close_to_their_limits_are_a_reason_and_few_are_not() -> None:
    close = {
        Measure.ROUGHNESS_MM: 1.9,
        Measure.VALVE_DIRECTIONS_PART: 0.56,
        Measure.CLOSED_END_CONTRAST: 0.16,
    }

    assert judge(close).reasons == (MANY_NEAR_REASON,)
    for measure in close:
        fewer = {name: value for name, value in close.items() if name is not measure}
        assert judge(fewer).flag is QualityFlag.ACCEPT


def test_a_usual_heart_is_close_to_no_limit_however_unusual_its_range() -> None:
    measures = {Measure.AZIMUTH_DEG: 74, Measure.ELEVATION_DEG: 64, Measure.LENGTH_MM: 61}

    assert judge(measures).flag is QualityFlag.ACCEPT


def test_nothing_measured_gives_no_reason() -> None:
    assert judge({}).flag is QualityFlag.ACCEPT


def test_a_reason_is_given_once_for_two_measures_of_the_same_thing() -> None:
    quality = judge({Measure.LENGTH_MM: 20.0, Measure.RADIUS_MM: 90.0})

    assert quality.reasons == (
        "unusual size of the left ventricle "
        "(length 20 mm, at least 60 mm; radius 90 mm, at most 42 mm)",
    )


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (30.04, "90 % bound of the roll 30.04°, at most 30°"),
        (float("nan"), "90 % bound of the roll nan°, at most 30°"),
        (-1.0, "90 % bound of the roll -1°, at least 0°"),
    ],
)
def test_a_value_is_told_from_its_limit(value: float, words: str) -> None:
    assert Limit(Measure.ROLL_BOUND_DEG, 0, 30, "the roll is in doubt").words(value) == words


def test_reasons_are_short_plain_words() -> None:
    for limit in LIMITS:
        assert limit.reason.isprintable()
        assert len(limit.reason.split()) <= 14


def test_plausibility_is_judged_from_what_is_known_only() -> None:
    # Columns: lateral, inferior, apex to base; the long axis points straight anterior.
    pose = RigidPose([(1, 0, 0), (0, 0, 1), (0, -1, 0)], (0, 0, 0))

    bare = plausibility_measures(pose)
    full = plausibility_measures(
        pose, LeftVentricleExtent(85, 26), PoseUncertainty(long_axis_deg=2, center_mm=3)
    )

    assert full[Measure.LENGTH_TO_RADIUS] == pytest.approx(85 / 26)
    assert set(bare) == {Measure.AZIMUTH_DEG, Measure.ELEVATION_DEG}
    assert bare[Measure.AZIMUTH_DEG] == pytest.approx(0)
    assert bare[Measure.ELEVATION_DEG] == pytest.approx(0)
    assert full[Measure.LENGTH_MM] == 85
    assert full[Measure.CENTER_SPREAD_MM] == 3
    assert judge(full).flag is QualityFlag.ACCEPT


def test_slices_stacked_the_wrong_way_round_ask_for_a_look() -> None:
    # A horizontal heart: its direction alone tells nothing.
    exam = scenes.drawn(scenes.heart_pose(alpha=0))

    straight = estimate_pose_by_ellipsoid(exam)
    reversed_slices = estimate_pose_by_ellipsoid(
        SpectVolume(exam.counts[::-1], exam.patient_from_index)
    )

    assert straight.quality.flag is QualityFlag.ACCEPT
    (reason,) = reversed_slices.quality.reasons
    assert reason.startswith(MORE_ABOVE)


def test_counts_above_are_not_judged_where_the_field_of_view_ends() -> None:
    exam = scenes.drawn(scenes.heart_pose())
    pose = scenes.heart_pose()
    middle = round(float(apply_affine(invert_affine(exam.patient_from_index), pose.center_mm)[0]))
    cropped = SpectVolume(exam.counts[: middle + 6], exam.patient_from_index)

    assert counts_above_part(cropped, pose) is None
    assert 0 < counts_above_part(exam, pose) < 0.5


@pytest.mark.parametrize("relative", [0.05, 0.2])
def test_the_noise_of_a_flat_volume_is_measured(relative: float) -> None:
    rng = np.random.default_rng(2)
    counts = 100 * (1 + relative * rng.normal(size=(30, 40, 40)))
    volume = SpectVolume(counts, scenes.GRID.patient_from_index)

    assert relative_noise(volume, smoothed(volume), 100.0) == pytest.approx(relative, rel=0.1)


@pytest.mark.parametrize("shape", [(9, 8, 7), (3, 20, 30)])
def test_noise_comes_from_third_differences_around_bright_voxels(
    shape: tuple[int, int, int],
) -> None:
    counts = np.random.default_rng(3).gamma(2, 50, shape).astype(np.float32)
    volume = SpectVolume(counts, scenes.GRID.patient_from_index)
    smooth = smoothed(volume)
    found, level = [], 100.0
    for place in np.argwhere(smooth.counts > 0.5 * level):
        for axis in range(3):
            line = counts[tuple(place[:axis])][(slice(None), *place[axis + 1 :])]
            if 1 <= place[axis] < len(line) - 2:
                found.append(np.diff(line[place[axis] - 1 : place[axis] + 3], n=3)[0])

    noise = relative_noise(volume, smooth, level)

    # 20 is the sum of the squares of 1, 3, 3 and 1; 1.4826 leads from a median to a deviation.
    assert noise == pytest.approx(np.median(np.abs(found)) * 1.4826 / np.sqrt(20) / level, rel=1e-4)


def test_a_wide_structure_is_not_taken_for_noise() -> None:
    exam = scenes.drawn(scenes.heart_pose(), seed=None)

    level = float(np.percentile(exam.counts, 99.5))

    assert relative_noise(exam, smoothed(exam), level) < 0.03


def test_few_counts_are_a_reason() -> None:
    exam = scenes.drawn(scenes.heart_pose())
    rng = np.random.default_rng(5)
    level = np.percentile(exam.counts, 99.5)
    noisy = np.maximum(exam.counts + 0.5 * level * rng.normal(size=exam.shape), 0)

    estimate = estimate_pose_by_ellipsoid(SpectVolume(noisy, exam.patient_from_index))

    assert any(reason.startswith("few counts (") for reason in estimate.quality.reasons)


def test_a_spread_of_the_fit_grows_with_the_noise() -> None:
    pose = scenes.heart_pose()
    exam = scenes.drawn(pose)
    rng = np.random.default_rng(5)
    # Correlated over neighbours, as a reconstruction makes it.
    grain = ndimage.gaussian_filter(rng.normal(size=exam.shape), 1.0)
    noise = 0.4 * np.percentile(exam.counts, 99.5) * grain / grain.std()
    noisy = SpectVolume(np.maximum(exam.counts + noise, 0), exam.patient_from_index)

    clear, unclear = estimate_pose_by_ellipsoid(exam), estimate_pose_by_ellipsoid(noisy)

    assert clear.uncertainty.long_axis_deg is not None
    assert unclear.uncertainty.long_axis_deg is not None
    assert unclear.uncertainty.long_axis_deg > 1.5 * clear.uncertainty.long_axis_deg


@pytest.mark.parametrize("seed", range(4))
def test_a_spread_is_a_finite_number_or_unknown(seed: int) -> None:
    try:
        estimate = estimate_pose_by_ellipsoid(scenes.smooth_noise(seed))
    except HeartNotFoundError:
        pytest.skip("refused, so there is no spread")

    for value in (estimate.uncertainty.long_axis_deg, estimate.uncertainty.center_mm):
        assert value is None or np.isfinite(value)


def test_a_missing_apex_leaves_apex_and_base_hard_to_tell() -> None:
    pose = scenes.heart_pose()
    exam = scenes.drawn(pose)
    cardiac = pose.to_cardiac(scenes.voxel_positions(exam.grid))
    apical = (np.linalg.norm(cardiac[..., :2], axis=-1) < 36) & (cardiac[..., 2] < -15)
    infarct = SpectVolume(np.where(apical, 0.15, 1) * exam.counts, exam.patient_from_index)

    estimate = estimate_pose_by_ellipsoid(infarct)

    assert any(
        reason.startswith("apex and base are hard to tell apart")
        for reason in estimate.quality.reasons
    )
