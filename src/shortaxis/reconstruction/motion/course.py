"""What was found of a patient's motion."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from shortaxis.geometry.arrays import FloatArray

__all__ = ["Jump", "MotionFound"]


@dataclass(frozen=True)
class Jump:
    """Once the patient lies elsewhere, from one view on.

    Parameters
    ----------
    step : int
        First step of the acquisition after it, from 0; all heads take a view at each step.
    shift_mm : (x, y, z)
        LPS: to the patient's left, to the back, to the head.
    """

    step: int
    shift_mm: tuple[float, float, float]

    @property
    def distance_mm(self) -> float:
        """How far."""
        return float(np.linalg.norm(self.shift_mm))


@dataclass(frozen=True, eq=False)
class MotionFound:
    """What the views say of the patient's place.

    Parameters
    ----------
    course_mm : (step, 3) array
        Where the patient lies at each step, LPS mm, apart from the mean over the steps; zeros if
        no motion was found. It is what `corrected` takes away.
    jumps : tuple of Jump
        Abrupt motion.
    creep_mm : (x, y, z)
        From the first step to the last, evenly; zeros if none was found.
    pixel_mm : float
        The larger edge of a pixel: what counts as motion is measured by it.
    score : float
        Of the strongest sign of motion; above `limit` it is called motion.
    limit : float
    cannot_tell : str
        What would not be seen, and why, such as a creep with one head; empty if all would.
    """

    course_mm: FloatArray
    jumps: tuple[Jump, ...]
    creep_mm: tuple[float, float, float]
    pixel_mm: float
    score: float
    limit: float
    cannot_tell: str = ""

    @property
    def is_motion(self) -> bool:
        """Whether the patient moved."""
        return bool(self.jumps) or any(self.creep_mm)

    @property
    def range_mm(self) -> float:
        """Farthest distance between two places of the course."""
        apart = self.course_mm[:, None] - self.course_mm[None]
        return float(np.linalg.norm(apart, axis=-1).max())

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for a record."""
        return {
            "is_motion": self.is_motion,
            "jumps": [
                {"step": each.step, "shift_mm": [round(value, 1) for value in each.shift_mm]}
                for each in self.jumps
            ],
            "creep_mm": [round(value, 1) for value in self.creep_mm],
            "range_mm": round(self.range_mm, 1),
            "score": round(self.score, 2),
            "limit": self.limit,
            "cannot_tell": self.cannot_tell,
        }
