"""A beat that runs backwards is told where it can be told, and a usual one never is."""

from __future__ import annotations

import numpy as np
import pytest

from drawn_heart import DrawnHeart, transaxial_grid
from drawn_study import study_pose
from gated_studies import CONTRACTION, SLOTS, beating_gates
from shortaxis.anatomy.heart_sizes import HALF_WALL_MM
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


def waves(slots: int, end_systole: float, lead_deg: float) -> np.ndarray:
    """A first harmonic that peaks at this part of the cycle, and a second one beside it."""
    middle = (np.arange(slots) + 0.5) / slots - end_systole
    first = np.cos(2 * np.pi * middle)
    return 1 + 0.1 * first + 0.04 * np.cos(4 * np.pi * middle + np.deg2rad(lead_deg))


def test_the_part_of_the_counts_inside_the_resting_wall_follows_the_contraction() -> None:
    curve = curve_of(beating_gates())

    assert np.corrcoef(curve, CONTRACTION)[0, 1] > 0.97


@pytest.mark.parametrize("slots", [8, 16, 24])
@pytest.mark.parametrize("end_systole", [0.3, 0.4, 0.47])
def test_reversed_in_time_both_signs_are_reversed(slots: int, end_systole: float) -> None:
    # Faster up than down, as the contraction is: the second harmonic lags.
    curve = waves(slots, end_systole, 30)

    forward, backward = read_beat(curve), read_beat(curve[::-1])

    assert forward is not None
    assert backward is not None
    assert forward.end_systole_part == pytest.approx(end_systole, abs=1e-6)
    assert backward.end_systole_part == pytest.approx(1 - end_systole, abs=1e-6)
    assert backward.lead_deg == pytest.approx(-forward.lead_deg)
    assert {forward.runs_backwards, backward.runs_backwards} == {True, False}


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


def test_a_late_end_systole_alone_is_no_reversed_beat() -> None:
    forward = waves(16, 0.55, 30)
    assert read_beat(forward) is not None
    readings = [read_beat(each) for each in (forward, forward[::-1])]

    assert not any(reading is None or reading.runs_backwards for reading in readings)


@pytest.mark.parametrize(("step", "told"), [(1, False), (-1, True)])
def test_the_flag_says_that_a_beat_runs_backwards(step: int, told: bool) -> None:
    gates = beating_gates()[::step]
    study = PerfusionStudy(SpectVolume(gates.sum(axis=0), AFFINE), gates)

    reasons = reorient_study(study, ReorientOptions()).estimate.quality.reasons

    assert (BACKWARDS in reasons) is told
