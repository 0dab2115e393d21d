"""A beat that runs backwards is told where it can be told, and a usual one hardly ever is."""

from __future__ import annotations

import numpy as np
import pytest

from drawn_heart import DrawnHeart, transaxial_grid
from drawn_study import study_pose
from gated_studies import CONTRACTION, SLOTS, beating_gates
from shortaxis.anatomy.heart_sizes import HALF_WALL_MM
from shortaxis.phantom.contraction_curve import contraction_at, curve_with_systole
from shortaxis.reorientation.beat_order import BACKWARDS, contraction_of_slots, read_beat
from shortaxis.reorientation.estimate import LeftVentricleExtent
from shortaxis.spect.study import PerfusionStudy
from shortaxis.spect.volume import SpectVolume
from shortaxis.workflow.reorient.options import ReorientOptions
from shortaxis.workflow.reorient.reorienting import reorient_study

AFFINE = transaxial_grid().patient_from_index
EXTENT = LeftVentricleExtent(DrawnHeart().length_mm, DrawnHeart().radius_mm - HALF_WALL_MM)


def curve_of(gates: np.ndarray) -> np.ndarray:
    return contraction_of_slots(gates, AFFINE, study_pose(), EXTENT)


def volume_curve(slots: int, end_systole: float) -> np.ndarray:
    """What has left the cavity, in the middle of each time slot."""
    curve = curve_with_systole(end_systole)
    return np.array([contraction_at((slot + 0.5) / slots, curve) for slot in range(slots)])


def test_the_part_of_the_counts_inside_the_resting_wall_follows_the_contraction() -> None:
    curve = curve_of(beating_gates())

    assert np.corrcoef(curve, CONTRACTION)[0, 1] > 0.97


@pytest.mark.parametrize("slots", [8, 16, 24])
@pytest.mark.parametrize("end_systole", [0.28, 0.33, 0.375, 0.42, 0.46])
def test_turned_round_in_time_a_beat_is_told(slots: int, end_systole: float) -> None:
    curve = volume_curve(slots, end_systole)

    forward, backward = read_beat(curve), read_beat(curve[::-1])

    assert forward is not None
    assert backward is not None
    assert forward.end_systole_part == pytest.approx(end_systole, abs=0.03)
    assert backward.end_systole_part == pytest.approx(1 - end_systole, abs=0.03)
    assert backward.turned_round == pytest.approx(-forward.turned_round, rel=0.1)
    assert (forward.runs_backwards, backward.runs_backwards) == (False, True)


@pytest.mark.parametrize("slots", [8, 16])
@pytest.mark.parametrize("end_systole", [0.3, 0.375, 0.45])
def test_a_beat_is_told_where_the_slot_of_the_r_wave_stays_the_first(
    slots: int, end_systole: float
) -> None:
    turned = read_beat(np.roll(volume_curve(slots, end_systole)[::-1], 1))

    assert turned is not None
    assert turned.runs_backwards
    assert turned.end_systole_part == pytest.approx(1 - end_systole + 1 / slots, abs=0.03)


@pytest.mark.parametrize("noise", [0.1, 0.2, 0.3])
def test_noise_does_not_turn_a_usual_beat_round(noise: float) -> None:
    rng = np.random.default_rng(5)
    noisy = [volume_curve(8, rng.uniform(0.28, 0.46)) + rng.normal(0, noise, 8) for _ in range(300)]
    called = [read_beat(curve).runs_backwards for curve in noisy]  # type: ignore[union-attr]
    told = [read_beat(curve[::-1]).runs_backwards for curve in noisy]  # type: ignore[union-attr]

    assert sum(called) <= 6
    assert sum(told) > (30 if noise > 0.25 else 100)


def test_the_usual_beat_is_forward_and_the_same_slots_the_other_way_round_are_not() -> None:
    forward, backward = (
        read_beat(curve_of(beating_gates())),
        read_beat(curve_of(beating_gates()[::-1])),
    )

    assert forward is not None
    assert backward is not None
    assert (forward.runs_backwards, backward.runs_backwards) == (False, True)


def test_fewer_than_eight_slots_tell_nothing() -> None:
    assert read_beat(np.array([1.0, 1.2, 1.3, 1.2, 1.1, 1.0, 1.0])) is None


def test_a_heart_that_does_not_move_is_not_called_reversed() -> None:
    still = np.repeat(beating_gates()[:1], SLOTS, axis=0)
    reading = read_beat(curve_of(still))

    assert reading is not None
    assert not reading.runs_backwards


@pytest.mark.parametrize("end_systole", [0.48, 0.5, 0.52])
def test_a_fast_heart_whose_systole_takes_half_of_the_beat_is_called_nothing(
    end_systole: float,
) -> None:
    curve = volume_curve(16, end_systole)
    readings = [read_beat(each) for each in (curve, curve[::-1])]

    assert not any(reading is None or reading.runs_backwards for reading in readings)


@pytest.mark.parametrize(("step", "told"), [(1, False), (-1, True)])
def test_the_flag_says_that_a_beat_runs_backwards(step: int, told: bool) -> None:
    gates = beating_gates()[::step]
    study = PerfusionStudy(SpectVolume(gates.sum(axis=0), AFFINE), gates)

    reasons = reorient_study(study, ReorientOptions()).estimate.quality.reasons

    assert (BACKWARDS in reasons) is told
