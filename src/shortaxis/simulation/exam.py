"""What a simulation gives: a volume, its true pose, and what kind of exam it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from shortaxis.geometry.arrays import CountsArray
from shortaxis.geometry.pose import RigidPose
from shortaxis.simulation.exam_truth import ExamTruth
from shortaxis.simulation.scenario import ExamScenario
from shortaxis.spect.projections import Projections
from shortaxis.spect.volume import SpectVolume

__all__ = ["SimulatedExam", "Stratum"]

Stratum = str | float | bool


@dataclass(frozen=True, eq=False)
class SimulatedExam:
    """One exam.

    Parameters
    ----------
    scenario : ExamScenario
        What was simulated.
    volume : SpectVolume
        Reconstructed transaxial counts, ``(slice, row, column)`` with slices towards the head;
        for a gated exam the sum over its time slots.
    gates : (time_slot, slice, row, column) float32 array or None
        Counts of every time slot.
    pose : RigidPose
        The true pose, anatomical roll, LPS mm: the mean over heartbeat, breathing and, if the
        patient moved, over the acquisition.
    strata : mapping
        Facts by which results are grouped, see `shortaxis.simulation.strata`.
    truth : ExamTruth or None
        Wall, valve, volumes and contraction; exams of version 1 of the presets have none.
    projections : Projections or None
        What a camera with parallel holes counted; others keep none.
    """

    scenario: ExamScenario
    volume: SpectVolume
    gates: CountsArray | None
    pose: RigidPose
    strata: Mapping[str, Stratum]
    truth: ExamTruth | None = None
    projections: Projections | None = None
