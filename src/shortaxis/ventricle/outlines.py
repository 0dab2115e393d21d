"""Endocardium, epicardium and valve plane as lines on a picture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from shortaxis.errors import GeometryError
from shortaxis.geometry.arrays import FloatArray
from shortaxis.geometry.mesh_cuts import cut_lines
from shortaxis.ventricle.surface_meshes import MERIDIANS, valve_mesh, ventricle_mesh
from shortaxis.ventricle.surfaces import VentricleSurfaces

__all__ = ["BOTH_SURFACES", "VALVE_PLANE", "WallOutlines", "outlines_of"]

BOTH_SURFACES: Mapping[str, float] = {"endocardium": 0.0, "epicardium": 1.0}

VALVE_PLANE = "valve_plane"


@dataclass(frozen=True, eq=False)
class WallOutlines:
    """Surfaces to be cut by the planes of pictures.

    Parameters
    ----------
    surfaces : mapping
        Points (LPS, mm) and triangles by name; without the lids that close them.
    """

    surfaces: Mapping[str, tuple[FloatArray, npt.NDArray[np.int64]]]

    def on_slice(
        self, patient_from_index: FloatArray, number: float = 0.0
    ) -> dict[str, list[FloatArray]]:
        """Lines on a slice of a grid.

        Parameters
        ----------
        patient_from_index : (4, 4) array
            Of the grid (slice, row, column), to LPS mm.
        number : float
            Of the slice.

        Returns
        -------
        dict of str to list of (n, 2) arrays
            By name, in pixels (column, row) from the centre of the first one;
            empty where the slice does not meet a surface.
        """
        index_from_patient = np.linalg.inv(patient_from_index)
        lines = {}
        for name, (points, triangles) in self.surfaces.items():
            index = points @ index_from_patient[:3, :3].T + index_from_patient[:3, 3]
            lines[name] = cut_lines(index[:, [2, 1]], index[:, 0] - number, triangles)
        return lines

    def on_plane(
        self, first_mm: FloatArray, right_mm: FloatArray, down_mm: FloatArray
    ) -> dict[str, list[FloatArray]]:
        """Lines on a picture, in its pixels (to the right, down).

        Parameters
        ----------
        first_mm : (3,) array
            Centre of the first pixel, LPS.
        right_mm, down_mm : (3,) arrays
            From a pixel to the next one to the right, and down.

        Raises
        ------
        GeometryError
            If the two directions span no plane.
        """
        normal = np.cross(right_mm, down_mm)
        if not np.linalg.norm(normal) > 0:
            raise GeometryError(
                "not the plane of a picture",
                expected="two directions that are not parallel",
                found=f"{right_mm.tolist()} and {down_mm.tolist()}",
            )
        affine = np.eye(4)
        affine[:3] = np.stack([normal, down_mm, right_mm, first_mm], axis=1)
        return self.on_slice(affine)


def outlines_of(
    surfaces: VentricleSurfaces, parts: Mapping[str, float] = BOTH_SURFACES
) -> WallOutlines:
    """Outlines of a drawn wall at depths of it, by name: 0 endocardium, 1 epicardium."""
    lid = slice(None, -MERIDIANS)
    meshes = {name: ventricle_mesh(surfaces, part).mesh for name, part in parts.items()}
    plane = valve_mesh(ventricle_mesh(surfaces, 1.0))
    return WallOutlines(
        {name: (mesh.points_mm, mesh.triangles[lid]) for name, mesh in meshes.items()}
        | {VALVE_PLANE: (plane.points_mm, plane.triangles)}
    )
