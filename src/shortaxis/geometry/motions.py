"""Known rigid motions of a patient: drawn first, then applied to anything.

A motion turns about a line through a point and shifts; both are in the patient's frame (LPS mm).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from shortaxis.errors import GeometryError
from shortaxis.geometry.arrays import FloatArray
from shortaxis.geometry.pose import RigidPose
from shortaxis.geometry.turns import turn_about

__all__ = ["PatientMotion", "sample_motion"]


@dataclass(frozen=True, eq=False)
class PatientMotion:
    """A turn about a line through `about_mm`, then a shift.

    Parameters
    ----------
    axis : (3,) array-like
        Direction of the line, LPS; kept with length 1. The turn is right-handed about it.
    turn_deg : float
        Angle of the turn.
    shift_mm : (3,) array-like
        Shift after the turn, LPS mm: where the point `about_mm` goes.
    about_mm : (3,) array-like
        A point of the line, LPS mm.

    Raises
    ------
    GeometryError
        If anything is not finite, or the line has no direction.

    Examples
    --------
    A quarter turn about the patient's long axis takes what lies to the left to the back:

    >>> motion = PatientMotion(axis=(0, 0, 1), turn_deg=90, shift_mm=(0, 0, 5), about_mm=(10, 0, 0))
    >>> motion.pose.to_patient([30, 0, 0]).round(6).tolist()
    [10.0, 20.0, 5.0]
    """

    axis: FloatArray
    turn_deg: float
    shift_mm: FloatArray
    about_mm: FloatArray

    def __post_init__(self) -> None:
        for name in ("axis", "shift_mm", "about_mm"):
            vector = np.array(getattr(self, name), dtype=np.float64)
            if vector.shape != (3,) or not np.isfinite(vector).all():
                raise GeometryError(
                    f"{name} of a motion is no vector",
                    expected="three finite numbers",
                    found=f"{vector.tolist()}",
                )
            object.__setattr__(self, name, vector)
        length = float(np.linalg.norm(self.axis))
        if length == 0 or not np.isfinite(self.turn_deg):
            raise GeometryError(
                "not a turn",
                expected="a direction to turn about and a finite angle",
                found=f"direction {self.axis.tolist()}, {self.turn_deg:g} degrees",
            )
        object.__setattr__(self, "axis", self.axis / length)

    @property
    def shift_length_mm(self) -> float:
        """Length of the shift, mm."""
        return float(np.linalg.norm(self.shift_mm))

    @property
    def pose(self) -> RigidPose:
        """The motion as a map of points: where a point of the patient lies afterwards.

        With the turn ``T``, ``p -> T (p - about) + about + shift``.
        """
        turn = turn_about(self.axis * np.deg2rad(self.turn_deg))
        return RigidPose(turn, self.about_mm - turn @ self.about_mm + self.shift_mm)


def sample_motion(
    rng: np.random.Generator,
    about_mm: FloatArray,
    largest_turn_deg: float,
    largest_shift_mm: float,
) -> PatientMotion:
    """Draw a motion about a point (LPS mm).

    The line and the direction of the shift are uniform on the sphere, the angle and the length
    uniform from 0 to their largest. What is drawn does not depend on the point.
    """
    axis, direction = (vector / np.linalg.norm(vector) for vector in rng.normal(size=(2, 3)))
    turn_deg = float(rng.uniform(0, largest_turn_deg))
    return PatientMotion(axis, turn_deg, direction * rng.uniform(0, largest_shift_mm), about_mm)
