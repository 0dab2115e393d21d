"""Surfaces of triangles."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from shortaxis.errors import GeometryError
from shortaxis.geometry.arrays import FloatArray

__all__ = ["TriangleMesh"]


@dataclass(frozen=True, eq=False)
class TriangleMesh:
    """Points and the triangles between them, seen from outside counter-clockwise.

    Parameters
    ----------
    points_mm : (point, 3) array
        In any frame.
    triangles : (triangle, 3) int array
        Numbers of points, from 0.

    Raises
    ------
    GeometryError
        If a triangle names a point that is none, or a point is not finite.
    """

    points_mm: FloatArray
    triangles: npt.NDArray[np.int64]

    def __post_init__(self) -> None:
        named = self.triangles
        if named.size and not 0 <= named.min() <= named.max() < len(self.points_mm):
            raise GeometryError(
                "not a surface of triangles",
                expected=f"numbers of {len(self.points_mm)} points",
                found=f"{named.min()} to {named.max()}",
            )
        if not np.isfinite(self.points_mm).all():
            raise GeometryError(
                "not a surface of triangles", expected="finite points", found="others"
            )

    @property
    def corners_mm(self) -> FloatArray:
        """Points of every triangle, (triangle, corner, 3)."""
        corners: FloatArray = self.points_mm[self.triangles]
        return corners

    @property
    def normals(self) -> FloatArray:
        """Unit vectors that point outwards, (triangle, 3); zero where a triangle has no area."""
        first, second, third = np.moveaxis(self.corners_mm, 1, 0)
        across = np.cross(second - first, third - first)
        normals: FloatArray = across / np.maximum(
            np.linalg.norm(across, axis=1, keepdims=True), 1e-12
        )
        return normals

    @property
    def volume_ml(self) -> float:
        """Inside a closed surface, by the divergence theorem."""
        first, second, third = np.moveaxis(self.corners_mm, 1, 0)
        return float((first * np.cross(second, third)).sum() / 6000)
