"""What one training sample of the handedness network changes beside counts: drawn first.

Lengths in mm, directions in the patient's frame (LPS), positions relative to the heart's centre.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial.transform import Rotation

from shortaxis.geometry.arrays import CountsArray, FloatArray
from shortaxis.geometry.cube_symmetries import ORDERS
from shortaxis.geometry.pose import RigidPose
from shortaxis.reorientation.network_grid import NetworkGrid
from shortaxis.training.variations import draw_direction

__all__ = ["Blank", "HandednessView", "draw_handedness_view"]

TURN_DEG = 15.0
"""Patients do not lie straight."""

NEAR_MM, FAR_MM = 8.0, 40.0
NEAR_PART = 0.5
"""Found centres are good to some millimetres; in a wrong world they may be far off."""

OTHER_ORDER_PART = 0.5
BLANKED_PART = 0.5


@dataclass(frozen=True, eq=False)
class Blank:
    """A ball, or what lies beyond a plane, where nothing is seen.

    Parameters
    ----------
    place_mm : (3,) array
        Centre of the ball, or the point of the plane that is nearest to the heart.
    radius_mm : float
        Of the ball; 0: a plane.
    """

    place_mm: FloatArray
    radius_mm: float = 0.0

    def keeps(self, offsets_mm: FloatArray) -> np.ndarray:
        """Whether places ``(..., 3)`` are still seen."""
        if self.radius_mm > 0:
            return np.asarray(((offsets_mm - self.place_mm) ** 2).sum(-1) > self.radius_mm**2)
        return np.asarray(offsets_mm @ self.place_mm < (self.place_mm**2).sum())


@dataclass(frozen=True, eq=False)
class HandednessView:
    """Where the grids lie in the patient, in which order their axes are shown, what is blanked."""

    patient_from_grid: RigidPose
    order: int
    blanks: tuple[Blank, ...] = ()

    def seen(self, counts: CountsArray, grid: NetworkGrid, heart_mm: FloatArray) -> CountsArray:
        """Counts ``(size, size, size)`` of a grid without what is blanked, axes in their order."""
        if self.blanks:
            affine = grid.around(self.patient_from_grid.matrix).patient_from_index
            offsets = np.moveaxis(np.indices(counts.shape), 0, -1) @ affine[:3, :3].T
            offsets += affine[:3, 3] - heart_mm
            for blank in self.blanks:
                counts = counts * blank.keeps(offsets)
        return np.ascontiguousarray(np.transpose(counts, ORDERS[self.order]), dtype=np.float32)


def draw_handedness_view(
    rng: np.random.Generator, heart_mm: FloatArray, *, varied: bool = True
) -> HandednessView:
    """Draw one around a heart; without variation only a found centre's error and the order."""
    near = not varied or rng.random() < NEAR_PART
    shift = draw_direction(rng) * rng.uniform(0, NEAR_MM if near else FAR_MM)
    turn_deg = rng.uniform(0, TURN_DEG) if varied else 0.0
    turn = Rotation.from_rotvec(np.deg2rad(turn_deg) * draw_direction(rng)).as_matrix()
    is_other = rng.random() < OTHER_ORDER_PART
    order = int(rng.integers(1, len(ORDERS))) if is_other else 0
    blanks: tuple[Blank, ...] = ()
    if varied and rng.random() < BLANKED_PART:
        blanks = tuple(_draw_blank(rng) for _ in range(rng.integers(1, 3)))
    return HandednessView(RigidPose(turn, heart_mm + shift), order, blanks)


def _draw_blank(rng: np.random.Generator) -> Blank:
    direction = draw_direction(rng)
    if rng.random() < 0.5:
        return Blank(direction * rng.uniform(45, 110))
    radius_mm = rng.uniform(20, 70)
    return Blank(direction * (radius_mm + rng.uniform(25, 60)), radius_mm)
