"""The wall as a surface with the uptake of its points, for views in three dimensions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from shortaxis.geometry.arrays import FloatArray
from shortaxis.quantification.wall_methods import FoundWall
from shortaxis.quantification.wall_uptake import uptake_on_rays
from shortaxis.ventricle.surface_meshes import MERIDIANS, ventricle_mesh

__all__ = ["PaintedSurface", "painted_surface"]


@dataclass(frozen=True, eq=False)
class PaintedSurface:
    """Points of the cardiac frame (point, 3) mm, triangles, and uptake of the points in per cent.

    It is open at the valve plane. The surface is the epicardium; the middle of a wall of which no
    more is known.
    """

    points_mm: FloatArray
    triangles: npt.NDArray[np.int64]
    uptake_percent: FloatArray

    def to_record(self) -> dict[str, list[object]]:
        """Plain values, rounded to what a picture shows."""
        return {
            "points": np.round(self.points_mm, 1).tolist(),
            "triangles": self.triangles.tolist(),
            "uptake": np.round(self.uptake_percent, 1).tolist(),
        }


def painted_surface(found: FoundWall) -> PaintedSurface:
    """The wall that was found, with the uptake between its surfaces."""
    surfaces = found.surfaces
    made = ventricle_mesh(surfaces, 1.0 if found.knows_both_surfaces else 0.5)
    uptake = uptake_on_rays(surfaces, found.volume, found.traced.polar_map.level_100)
    return PaintedSurface(
        surfaces.pose.to_cardiac(made.mesh.points_mm)[:-1],
        made.mesh.triangles[:-MERIDIANS],
        made.sampled(uptake)[:-1],
    )
