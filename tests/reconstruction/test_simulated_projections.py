"""The whole way round: a simulated patient's views become a volume with the heart in its pose."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("torch", reason="the simulation needs torch")

from shortaxis.reconstruction.motion.correcting import corrected
from shortaxis.reconstruction.motion.finding import find_motion
from shortaxis.reconstruction.post_filters import PostFilter
from shortaxis.reconstruction.reconstructing import reconstruct
from shortaxis.reconstruction.settings import ReconstructionSettings
from shortaxis.simulation.acquisition import PatientMotion
from shortaxis.simulation.exam import SimulatedExam
from shortaxis.simulation.simulating import simulate
from shortaxis.spect.volume import SpectVolume
from simulation_scenes import PARALLEL, bare_phantom, measured_rings, scenario_of

SETTINGS = ReconstructionSettings(
    iterations=3, subsets=8, post_filter=PostFilter("butterworth", 0.45, 8)
)


STILL = PatientMotion()


def exam_of(motion: PatientMotion = STILL, **camera: object) -> SimulatedExam:
    acquisition = replace(PARALLEL, motion=motion, **camera)
    return simulate(scenario_of(phantom=bare_phantom(), acquisition=acquisition))


@pytest.mark.parametrize(
    ("settings", "arc"),
    [
        (SETTINGS, 180.0),
        (replace(SETTINGS, collimator="LEHR"), 180.0),
        (replace(SETTINGS, method="fbp"), 360.0),
    ],
    ids=["osem", "resolution recovery", "fbp, whole turn"],
)
def test_the_heart_lies_where_the_patient_had_it(
    settings: ReconstructionSettings, arc: float
) -> None:
    exam = exam_of(scan_arc_deg=arc)
    assert exam.projections is not None

    volume = reconstruct(exam.projections, settings).volume

    rings = measured_rings(volume.counts, volume.patient_from_index, exam.pose)
    assert rings.off_mm < 3
    assert rings.tilt_deg < 5
    assert rings.open_end < 0.6


def test_a_volume_agrees_with_that_of_the_simulated_camera() -> None:
    exam = exam_of()
    assert exam.projections is not None

    volume = reconstruct(exam.projections, SETTINGS).volume

    theirs = exam.volume.resampled(volume.grid)
    assert np.corrcoef(volume.counts.ravel(), theirs.counts.ravel())[0, 1] > 0.99


def test_correction_of_a_jump_gives_the_heart_its_shape_back() -> None:
    exam = exam_of(PatientMotion(shift_mm=20.0, after_part=0.5))
    assert exam.projections is not None

    found = find_motion(exam.projections)
    before, after = (
        reconstruct(views, SETTINGS).volume
        for views in (exam.projections, corrected(exam.projections, found))
    )

    assert [jump.step for jump in found.jumps] == [16]
    assert found.jumps[0].shift_mm[2] == pytest.approx(20, abs=4)
    # A patient who lay still at the mean place, 10 mm towards the head.
    still = reconstruct(exam_of().projections, SETTINGS).volume
    affine = still.patient_from_index.copy()
    affine[2, 3] += 10
    wanted = SpectVolume(still.counts, affine).resampled(still.grid).counts
    inner = slice(4, -4)
    unlike = [
        1 - np.corrcoef(each.counts[inner].ravel(), wanted[inner].ravel())[0, 1]
        for each in (before, after)
    ]
    assert unlike[1] < 0.5 * unlike[0]
