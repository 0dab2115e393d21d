"""The plane through the basal ends of the visible wall."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from shortaxis.errors import GeometryError
from shortaxis.geometry.affines import apply_affine
from shortaxis.geometry.arrays import FloatArray

__all__ = ["ValvePlane"]


@dataclass(frozen=True, eq=False)
class ValvePlane:
    """Centre and normal in the cardiac frame of a pose; the normal points from apex to base.

    In the frame of a pose that is turned round it may point anywhere.

    Parameters
    ----------
    center_mm : (3,) array-like
        Where the ventricle's own axis meets the plane.
    normal : (3,) array-like
        Kept with length 1.

    Raises
    ------
    GeometryError
        If anything is not finite.
    """

    center_mm: FloatArray
    normal: FloatArray

    def __post_init__(self) -> None:
        for name in ("center_mm", "normal"):
            vector = np.array(getattr(self, name), dtype=np.float64)
            if vector.shape != (3,) or not np.isfinite(vector).all():
                raise GeometryError(
                    f"{name} of a valve plane is no vector",
                    expected="three finite numbers",
                    found=f"{vector.tolist()}",
                )
            object.__setattr__(self, name, vector)
        object.__setattr__(self, "normal", self.normal / np.linalg.norm(self.normal))

    @classmethod
    def from_heights(
        cls, on_axis_mm: float, slope_x: float, slope_y: float, aside_mm: tuple[float, float]
    ) -> ValvePlane:
        """The plane ``z = on_axis + slope_x * x + slope_y * y`` whose centre lies at `aside_mm`."""
        x, y = aside_mm
        center = np.array([x, y, on_axis_mm + slope_x * x + slope_y * y])
        return cls(center, np.array([-slope_x, -slope_y, 1.0]))

    @property
    def slopes(self) -> tuple[float, float]:
        """Rise of the plane along x and y."""
        x, y, z = self.normal
        return float(-x / z), float(-y / z)

    @property
    def on_axis_mm(self) -> float:
        """Height at which the plane meets the axis of the pose."""
        return float(self.center_mm @ self.normal / self.normal[2])

    def above_mm(self, points_mm: FloatArray) -> FloatArray:
        """How far points (..., 3) lie beyond the plane, mm; negative: in the heart."""
        above: FloatArray = (points_mm - self.center_mm) @ self.normal
        return above

    def seen_from(self, frame_from_here: FloatArray) -> ValvePlane:
        """The plane in another frame, by the 4x4 affine of a similarity."""
        return ValvePlane(
            apply_affine(frame_from_here, self.center_mm), frame_from_here[:3, :3] @ self.normal
        )
