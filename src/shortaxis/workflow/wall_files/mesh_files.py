"""Surfaces of triangles as STL and as VTK PolyData, in millimetres of the patient (LPS).

Neither format says which way its axes point. 3D Slicer looks for ``SPACE=LPS`` in the header of
both, and takes LPS where nothing is said.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence

import numpy as np

from shortaxis.geometry.arrays import FloatArray
from shortaxis.geometry.triangle_mesh import TriangleMesh

__all__ = ["stl_bytes", "vtk_text"]

SPACE = "SPACE=LPS UNIT=mm"

STL_HEADER_BYTES = 80

STL_TRIANGLE = np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("attribute", "<u2")])
"""Binary STL: little-endian, 50 bytes a triangle."""


def stl_bytes(mesh: TriangleMesh, name: str) -> bytes:
    """A binary STL file; the header names the surface, its axes and its unit."""
    # A header that begins with "solid" would be taken for the text form.
    header = f"ShortAxis {name} {SPACE}".encode("ascii").ljust(STL_HEADER_BYTES)
    triangles = np.zeros(len(mesh.triangles), dtype=STL_TRIANGLE)
    triangles["normal"], triangles["corners"] = mesh.normals, mesh.corners_mm
    return header + struct.pack("<I", len(triangles)) + triangles.tobytes()


def vtk_text(
    meshes: Sequence[TriangleMesh], values: Mapping[str, Sequence[FloatArray]], title: str
) -> str:
    """A legacy VTK file (3.0, text) of several surfaces in one.

    Parameters
    ----------
    meshes : sequence of TriangleMesh
        Numbered from 1 in the cells' value ``surface``.
    values : mapping of str to sequence of (point,) arrays
        Of the points, for every mesh.
    title : str
        Second line of the file, in front of the axes and the unit.
    """
    points = np.concatenate([mesh.points_mm for mesh in meshes])
    before = np.cumsum([0, *(len(mesh.points_mm) for mesh in meshes[:-1])])
    cells = np.concatenate(
        [mesh.triangles + first for mesh, first in zip(meshes, before, strict=True)]
    )
    numbers = np.repeat(np.arange(len(meshes)) + 1, [len(mesh.triangles) for mesh in meshes])
    lines = [
        "# vtk DataFile Version 3.0",
        f"{title} {SPACE}",
        "ASCII",
        "DATASET POLYDATA",
        f"POINTS {len(points)} float",
        *(" ".join(f"{value:.3f}" for value in point) for point in points),
        f"POLYGONS {len(cells)} {4 * len(cells)}",
        *(f"3 {a} {b} {c}" for a, b, c in cells),
        f"POINT_DATA {len(points)}",
        # Of several SCALARS readers take the first one alone; of a field they take all.
        f"FIELD values {len(values)}",
    ]
    for name, of_each in values.items():
        lines += [f"{name} 1 {len(points)} float"]
        lines += [f"{value:.2f}" for value in np.concatenate(of_each)]
    lines += [f"CELL_DATA {len(cells)}", "SCALARS surface int 1", "LOOKUP_TABLE default"]
    return "\n".join([*lines, *map(str, numbers)]) + "\n"
