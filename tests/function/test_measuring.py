"""From slots to numbers, on a heart that beats by a formula."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from beating_scenes import DRAWER, POSE, SLOTS, beating_gates, beating_wall, contraction, radii_mm
from shortaxis.errors import OptionError
from shortaxis.function.correction import MAX_SPREADS, installed_correction, nearness
from shortaxis.function.fitted_surfaces import enclosing_surfaces
from shortaxis.function.measuring import LeftVentricularFunction, measure_function
from shortaxis.function.phase import circular_mean_and_sd, phase_of
from shortaxis.function.pooled_profile import pooled_profile
from shortaxis.function.uncorrected import DESCRIBED, uncorrected_beat
from shortaxis.reorientation.beat_order import BACKWARDS
from shortaxis.spect.volume import SpectVolume
from shortaxis.workflow.quantify.function_record import function_record
from shortaxis.workflow.quantify.function_study import StudyFunction


@pytest.fixture(scope="module")
def beat() -> LeftVentricularFunction:
    gates, volume = beating_gates()
    return measure_function(gates, volume, POSE, drawer=DRAWER)


def test_the_pooled_profile_moves_with_the_wall_and_brightens_with_it() -> None:
    wall = beating_wall(*beating_gates())

    profile = pooled_profile(wall)

    moved = radii_mm() - radii_mm().mean()
    assert np.corrcoef(profile.shift_mm, moved)[0, 1] > 0.98
    # Coarse voxels and a least squares on a moving peak: within a third of the movement.
    assert np.ptp(profile.shift_mm) == pytest.approx(np.ptp(moved), rel=0.35)
    assert np.corrcoef(profile.brightening, contraction())[0, 1] > 0.9


def test_volumes_before_the_correction_are_those_of_the_drawn_surfaces() -> None:
    wall = beating_wall(*beating_gates())

    found = uncorrected_beat(wall)

    drawn = [each.cavity_ml for each in wall.surfaces()]
    np.testing.assert_allclose(found.cavity_ml, drawn, rtol=1e-9)
    assert found.described.shape == (len(DESCRIBED),)
    assert np.isfinite(found.described).all()


def test_the_numbers_hold_together(beat: LeftVentricularFunction) -> None:
    curve = beat.curve

    assert curve.end_systolic_ml < curve.end_diastolic_ml
    assert curve.stroke_ml == pytest.approx(curve.ejection_fraction * curve.end_diastolic_ml)
    assert curve.end_diastolic_slot in (1, SLOTS)
    assert curve.end_systolic_slot in (4, 5)
    assert beat.mass_g == pytest.approx(1.05 * beat.wall_ml)
    assert set(beat.bounds) == {
        "end_diastolic_ml", "end_systolic_ml", "ejection_fraction", "wall_ml",
    }  # fmt: skip


def test_drawn_surfaces_enclose_the_volumes_that_are_told() -> None:
    wall = beating_wall(*beating_gates())
    wanted = np.linspace(0.8, 0.5, SLOTS) * uncorrected_beat(wall).middle_ml

    surfaces, missed = enclosing_surfaces(wall, wanted)

    assert missed < 0.01
    np.testing.assert_allclose([each.cavity_ml for each in surfaces], wanted, rtol=0.01)


def test_a_wall_that_contracts_at_once_has_one_phase(beat: LeftVentricularFunction) -> None:
    assert beat.phase.sd_deg < 5
    assert beat.phase.histogram.sum() == pytest.approx(1)
    assert set(beat.phase.segments) == set(range(1, 18))


def still_heart(noise_part: float) -> LeftVentricularFunction:
    """Every slot shows the same, but for noise that makes some of them brighter than others."""
    gates, _ = beating_gates()
    noise = 1 + noise_part * np.random.default_rng(3).standard_normal((SLOTS, 1, 1, 1))
    still = (gates.mean(axis=0) * noise).astype(np.float32)
    volume = SpectVolume(still.sum(axis=0), beating_gates()[1].patient_from_index)
    return measure_function(still, volume, POSE, drawer=DRAWER)


def test_a_heart_that_does_not_beat_is_reviewed_and_has_no_phases() -> None:
    still = still_heart(0.02)

    assert [each for each in still.reasons if each.startswith("no beat is told from noise")]
    assert still.flag == "review"
    assert not still.phase.is_told


def test_a_heart_that_beats_is_told_from_noise(beat: LeftVentricularFunction) -> None:
    assert not [each for each in beat.reasons if "no beat" in each]


def test_phases_that_are_all_the_same_have_an_entropy_without_a_sign(
    beat: LeftVentricularFunction,
) -> None:
    at_once = replace(beat.counts, wave=np.full_like(beat.counts.wave, 0.3))

    assert f"{phase_of(at_once, beat.places).entropy}" == "0.0"


def test_a_late_lateral_wall_is_late() -> None:
    late = 0.15
    gates, volume = beating_gates(late=late)

    found = measure_function(gates, volume, POSE, drawer=DRAWER).phase

    lateral, septal = found.segments[11], found.segments[9]
    assert lateral is not None
    assert septal is not None
    # Segments of 60 degrees see nearly the whole of the cosine between the walls.
    assert (lateral - septal + 180) % 360 - 180 == pytest.approx(360 * late, rel=0.35)
    assert found.sd_deg > 10


@pytest.mark.parametrize("slots", [8, 16, 32])
def test_slots_that_a_camera_fills_tell_moments_of_the_r_wave(slots: int) -> None:
    # Shown at 64 moments, each of which stands in a camera's slot that is filled until the next.
    fine, volume = beating_gates(64)
    filled = fine.reshape(slots, 64 // slots, *fine.shape[1:]).mean(axis=1)

    found = measure_function(filled, volume, POSE, drawer=DRAWER, convention="peak")

    # Counts follow the contraction, whose first harmonic is -0.5 cos + 0.15 sin.
    peak_deg = np.degrees(np.arctan2(0.15, -0.5)) + 180 / 64
    assert found.phase.mean_deg == pytest.approx(peak_deg, abs=2)
    smallest = (np.argmax(contraction(64)) + 0.5) / 64
    curve = found.curve
    assert curve.from_r_wave(curve.end_systole) == pytest.approx(smallest, abs=0.03)
    recorded = function_record(StudyFunction(found))
    told = recorded["end_systole_percent_of_cycle"]
    assert told == pytest.approx(100 * smallest, abs=3)


def test_phases_that_are_mostly_noise_are_not_told(beat: LeftVentricularFunction) -> None:
    quiet = phase_of(replace(beat.counts, noise=np.deg2rad(19.0)), beat.places)
    noisy = phase_of(replace(beat.counts, noise=np.deg2rad(21.0)), beat.places)

    assert beat.phase.is_told
    assert quiet.is_told
    assert noisy.noise_deg == pytest.approx(21)
    assert not noisy.is_told


def test_noise_of_the_counts_is_seen_as_noise_of_the_phases(beat: LeftVentricularFunction) -> None:
    gates, volume = beating_gates()
    shaken = gates + np.random.default_rng(1).normal(0, 40, gates.shape)
    noisy = shaken.clip(0).astype(np.float32)

    found = measure_function(
        noisy, SpectVolume(noisy.sum(axis=0), volume.patient_from_index), POSE, drawer=DRAWER
    )

    assert found.phase.noise_deg > 3 * beat.phase.noise_deg


def test_conventions_count_from_other_points(beat: LeftVentricularFunction) -> None:
    onset = phase_of(beat.counts, beat.places, "onset")
    peak = phase_of(beat.counts, beat.places, "peak")

    assert (peak.mean_deg - onset.mean_deg) % 360 == pytest.approx(90, abs=0.1)
    assert peak.sd_deg == pytest.approx(onset.sd_deg, abs=0.01)
    with pytest.raises(OptionError, match="unknown convention"):
        phase_of(beat.counts, beat.places, "own")


def test_phases_close_to_a_circle() -> None:
    mean, spread = circular_mean_and_sd(np.array([355.0, 5.0, 0.0]), np.ones(3))

    assert mean == pytest.approx(0, abs=1e-6)
    assert spread == pytest.approx(np.sqrt(50 / 3))


def test_slots_in_reversed_order_are_told() -> None:
    fine, volume = beating_gates(32)
    moments = np.arange(SLOTS) / SLOTS
    # As hearts do: end-systole after a third of the cycle, filling slower than ejection.
    part = np.where(moments < 0.35, moments / 0.7, 0.5 + (moments - 0.35) / 1.3)
    forward = fine[np.round(32 * part).astype(int) % 32]

    found, reversed_one = (
        measure_function(gates, volume, POSE, drawer=DRAWER)
        for gates in (forward, np.ascontiguousarray(np.roll(forward[::-1], 1, axis=0)))
    )

    assert BACKWARDS not in found.reasons
    assert BACKWARDS in reversed_one.reasons
    volumes = found.curve.end_diastolic_ml, found.curve.end_systolic_ml
    assert reversed_one.curve.end_diastolic_ml == pytest.approx(volumes[0], rel=0.01)
    assert reversed_one.curve.end_systolic_ml == pytest.approx(volumes[1], rel=0.01)


def test_slots_that_begin_late_give_the_same_volumes_and_a_reason() -> None:
    gates, volume = beating_gates()

    forward = measure_function(gates, volume, POSE, drawer=DRAWER)
    rolled = measure_function(np.roll(gates, 4, axis=0), volume, POSE, drawer=DRAWER)

    assert rolled.curve.ejection_fraction == pytest.approx(
        forward.curve.ejection_fraction, abs=0.01
    )
    assert any("begin with the R wave" in reason for reason in rolled.reasons)


def test_the_installed_correction_says_what_it_was_made_of() -> None:
    correction = installed_correction()

    assert correction.weights.shape == (3, correction.middle.size)
    assert (correction.spread > 0).all()
    assert all(law["factor"] > 0 for law in correction.errors.values())
    assert correction.exams.shape == (correction.exam_weights.shape[1], correction.middle.size)
    assert np.abs(correction.exams).max() <= MAX_SPREADS


def test_an_exam_of_the_fit_is_near_itself_and_a_stranger_is_near_none() -> None:
    correction = installed_correction()
    first = correction.exams[:1]

    itself, others = np.split(nearness(first, correction.exams, correction.width)[0], [1])

    assert itself == pytest.approx([1.0])
    assert (others < 1).all()
    assert nearness(first + 50, correction.exams, correction.width).max() < 1e-6
