"""What is known of one exam: its true pose, where its volume lies, and what kind it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from shortaxis.geometry.arrays import FloatArray
from shortaxis.geometry.pose import RigidPose

__all__ = ["ExamTruth", "Stratum"]

Stratum = str | float | bool


@dataclass(frozen=True, eq=False)
class ExamTruth:
    """The truth of one exam.

    Parameters
    ----------
    exam_seed : int
        Identifies the exam in its cohort.
    pose : RigidPose
        The true pose, anatomical roll, LPS mm.
    volume_center_mm : (3,) array
        Geometric centre of the volume, LPS mm: the origin of ``x_m, y_m, z_m``.
    strata : mapping
        Facts by which exams are grouped, see `shortaxis.simulation.strata`.
    knows_roll : bool
        False where the roll of the true pose is a convention: nothing is said of it then.
    """

    exam_seed: int
    pose: RigidPose
    volume_center_mm: FloatArray
    strata: Mapping[str, Stratum]
    knows_roll: bool = True
