"""Drawn surfaces as triangles in the patient: endocardium, epicardium and valve plane.

Both surfaces end at the valve plane and are closed there, so that each has a volume: that of the
cavity, and that of everything inside the epicardium. Between the meridians of the drawing there is
one more; along a meridian points lie evenly from the apex to the plane.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from shortaxis.anatomy.hybrid_grid import RAY_ANGLES, RAY_ROWS, grid_points_mm
from shortaxis.geometry.arrays import FloatArray
from shortaxis.geometry.triangle_mesh import TriangleMesh
from shortaxis.ventricle.integration import apex_z_mm
from shortaxis.ventricle.seen_from import sampled_on_grid
from shortaxis.ventricle.surfaces import VentricleSurfaces

__all__ = ["MERIDIANS", "VentricleMesh", "meridian_rows", "valve_mesh", "ventricle_mesh"]

MERIDIANS = 2 * RAY_ANGLES
RINGS = 32
"""Points along a meridian, the last one in the valve plane."""

SEARCHED_PER_ROW = 4


@dataclass(frozen=True, eq=False)
class VentricleMesh:
    """A closed surface, and where its points lie on the grid of the drawing.

    Parameters
    ----------
    mesh : TriangleMesh
        In the patient (LPS, mm).
    row, angle : (point,) arrays
        Places on the hybrid grid, with fractions; for `sampled`.
    rim : (meridian,) int array
        Numbers of the points in the valve plane.
    """

    mesh: TriangleMesh
    row: FloatArray
    angle: FloatArray
    rim: npt.NDArray[np.int64]

    def sampled(self, values: FloatArray) -> FloatArray:
        """Values (row, angle) of the drawing at the points of the mesh, (point,)."""
        return sampled_on_grid(values, self.row, self.angle)


def ventricle_mesh(
    surfaces: VentricleSurfaces, part: float, *, rings: int = RINGS, meridians: int = MERIDIANS
) -> VentricleMesh:
    """The surface at a depth of the wall: 0 endocardium, 0.5 its middle, 1 epicardium."""
    radius = surfaces.endocardium_mm + part * surfaces.thickness_mm
    angle = np.arange(meridians, dtype=np.float64) * (RAY_ANGLES / meridians)
    ends = meridian_rows(surfaces, radius, angle)
    rows = ends * np.linspace(0, 1, rings)[:, None]
    angles = np.broadcast_to(angle, rows.shape)
    circles = grid_points_mm(rows, angles, sampled_on_grid(radius, rows, angles))
    apex = np.array([[0.0, 0.0, apex_z_mm(radius)]])
    lid = circles[-1].mean(axis=0, keepdims=True)
    points = np.concatenate([apex, circles.reshape(-1, 3), lid])
    last = float(ends.mean())
    return VentricleMesh(
        TriangleMesh(surfaces.pose.to_patient(points), _triangles(rings, meridians)),
        np.concatenate([[0.0], rows.ravel(), [last]]),
        np.concatenate([[0.0], angles.ravel(), [0.0]]),
        1 + (rings - 1) * meridians + np.arange(meridians),
    )


def valve_mesh(epicardium: VentricleMesh) -> TriangleMesh:
    """The part of the valve plane inside the epicardium; it faces the base."""
    rim = epicardium.mesh.points_mm[epicardium.rim]
    points = np.concatenate([rim, epicardium.mesh.points_mm[-1:]])
    around = np.arange(MERIDIANS)
    middle = np.full(MERIDIANS, MERIDIANS)
    return TriangleMesh(points, np.stack([around, np.roll(around, -1), middle], axis=1))


def meridian_rows(
    surfaces: VentricleSurfaces, radius_mm: FloatArray, angle: FloatArray
) -> FloatArray:
    """Row, with a fraction, at which the meridian of each angle meets the valve plane.

    It is the last row of the grid where the plane lies beyond all of them.
    """
    rows = np.linspace(0, RAY_ROWS - 1, SEARCHED_PER_ROW * (RAY_ROWS - 1) + 1)
    row, around = np.meshgrid(rows, angle, indexing="ij")
    points = grid_points_mm(row, around, sampled_on_grid(radius_mm, row, around))
    above = surfaces.valve.above_mm(points)
    beyond = above > 0
    beyond[0] = False
    next_row = np.where(beyond.any(axis=0), beyond.argmax(axis=0), rows.size - 1)
    column = np.arange(angle.size)
    low, high = above[next_row - 1, column], above[next_row, column]
    part = np.clip(-low / np.where(high > low, high - low, 1.0), 0, 1)
    part = np.where(beyond.any(axis=0), part, 1.0)
    found: FloatArray = rows[next_row - 1] + part * (rows[next_row] - rows[next_row - 1])
    return found


def _triangles(rings: int, meridians: int) -> npt.NDArray[np.int64]:
    """From the apex, point 0, over the rings to the lid, the last point; outwards."""
    ring = 1 + np.arange(rings * meridians).reshape(rings, meridians)
    after = np.roll(ring, -1, axis=1)
    lid = rings * meridians + 1
    apex = np.stack([np.zeros(meridians, dtype=np.int64), after[0], ring[0]], axis=1)
    low = np.stack([ring[:-1], after[:-1], ring[1:]], axis=-1).reshape(-1, 3)
    high = np.stack([after[:-1], after[1:], ring[1:]], axis=-1).reshape(-1, 3)
    top = np.stack([ring[-1], after[-1], np.full(meridians, lid)], axis=1)
    return np.concatenate([apex, low, high, top])
