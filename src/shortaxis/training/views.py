"""Where a training sample puts the grid, and what the network should say there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial.transform import Rotation

from shortaxis.geometry.arrays import FloatArray
from shortaxis.geometry.pose import RigidPose, compose, invert
from shortaxis.training.exams import TrainingExam
from shortaxis.training.variations import draw_direction

__all__ = ["GridView", "draw_localiser_view", "draw_refiner_view"]

FAR_DEG, FAR_MM = 45.0, 30.0
NEAR_DEG, NEAR_MM = 12.0, 8.0
NEAR_PART = 0.5
"""Half of the refiner's samples start near the pose: that is where it must be accurate."""

FLAT_ROLL_DEG = 38.0
"""The roll of a start says nothing of the true one, wherever else the start lies: else the refiner
learns to stay near the roll it is given, and rolls are shrunk towards that of most patients."""

TURN_DEG = 12.0
SHIFT_MM = 55.0
ABSENT_MM = (55.0, 110.0)


@dataclass(frozen=True, eq=False)
class GridView:
    """A grid in the patient, and whether there is a heart that the network should find in it.

    `patient_from_grid` is the frame of the grid; the heart's pose in this frame is the target.
    """

    patient_from_grid: RigidPose
    has_heart: bool

    def target(self, pose: RigidPose) -> RigidPose:
        """The heart's pose in the grid's frame."""
        return compose(invert(self.patient_from_grid), pose)


def draw_localiser_view(rng: np.random.Generator, exam: TrainingExam) -> GridView:
    """A grid in the patient's frame, shifted, and turned a little: patients do not lie straight."""
    turn = _turn(rng, abs(rng.normal(0, TURN_DEG)))
    in_grid = exam.pose.center_mm - exam.volume.center_mm
    in_grid = np.clip(in_grid + rng.uniform(-SHIFT_MM, SHIFT_MM, size=3), -140, 140)
    return GridView(RigidPose(turn, exam.pose.center_mm - turn @ in_grid), has_heart=True)


def draw_refiner_view(rng: np.random.Generator, exam: TrainingExam, absent: float) -> GridView:
    """A grid turned and shifted from the true pose; a part `absent` of them off the heart."""
    if rng.random() < absent:
        turn = Rotation.random(random_state=rng).as_matrix()
        away = draw_direction(rng) * rng.uniform(*ABSENT_MM)
        return GridView(RigidPose(turn, exam.pose.center_mm + away), has_heart=False)
    near = rng.random() < NEAR_PART
    turn = _turn(rng, rng.uniform(0, NEAR_DEG if near else FAR_DEG))
    shift = draw_direction(rng) * rng.uniform(0, NEAR_MM if near else FAR_MM)
    rolled = _rolled(rng.uniform(-FLAT_ROLL_DEG, FLAT_ROLL_DEG))
    start = compose(compose(exam.pose, rolled), invert(RigidPose(turn, shift)))
    return GridView(start, has_heart=True)


def _rolled(angle_deg: float) -> RigidPose:
    """A turn about the long axis."""
    matrix: FloatArray = Rotation.from_euler("z", angle_deg, degrees=True).as_matrix()
    return RigidPose(matrix, np.zeros(3))


def _turn(rng: np.random.Generator, angle_deg: float) -> FloatArray:
    """Rotation about an axis drawn uniformly from the sphere."""
    rotation_vector = np.deg2rad(angle_deg) * draw_direction(rng)
    matrix: FloatArray = Rotation.from_rotvec(rotation_vector).as_matrix()
    return matrix
