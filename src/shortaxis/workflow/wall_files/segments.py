"""The wall as segments of a DICOM Segmentation: muscle, cavity, and the valve plane."""

from __future__ import annotations

import numpy as np

from shortaxis.anatomy.hybrid_grid import BODY_HEIGHTS_MM, grid_places
from shortaxis.dicom.documents.segmentation.masks import Mask, Segmentation, Voxels
from shortaxis.geometry.affines import apply_affine
from shortaxis.geometry.grids import Grid
from shortaxis.ventricle.label_map import VentricleLabel, label_map
from shortaxis.ventricle.seen_from import sampled_on_grid
from shortaxis.ventricle.surfaces import VentricleSurfaces
from shortaxis.ventricle.wall_network import NETWORK_WALL

__all__ = ["valve_plane_voxels", "wall_segmentation"]

LEFT_VENTRICLE = ("87878005", "SCT", "Left ventricle")
MYOCARDIUM = ("49848007", "SCT", "Left Ventricle Myocardium")
LUMEN = ("113342003", "SCT", "Lumen")
"""SNOMED CT as PS3.16 has it knows no cavity of the left ventricle: a lumen, in that region."""
MITRAL_ANNULUS = ("65197004", "SCT", "Mitral Annulus")

RED, BLUE, YELLOW = (52.0, 62.0, 42.0), (58.0, -4.0, -40.0), (88.0, -6.0, 70.0)
"""L*a*b*."""


def wall_segmentation(surfaces: VentricleSurfaces, grid: Grid, algorithm: str) -> Segmentation:
    """Muscle and cavity as in the label map, and the valve plane, on the same grid.

    Raises
    ------
    GeometryError
        If the ventricle lies outside the grid, or the grid is oblique to itself.
    """
    labels = label_map(surfaces, grid)
    plane = valve_plane_voxels(surfaces, grid)
    return Segmentation(
        "LV_WALL",
        grid,
        (
            Mask("Left ventricular wall", MYOCARDIUM, labels == VentricleLabel.WALL, RED),
            Mask(
                "Left ventricular cavity",
                LUMEN,
                labels == VentricleLabel.CAVITY,
                BLUE,
                LEFT_VENTRICLE,
            ),
            Mask("Mitral valve plane", MITRAL_ANNULUS, plane, YELLOW),
        ),
        algorithm,
        is_set_by_hand=bool(surfaces.set_by_hand),
        is_learnt=surfaces.method == NETWORK_WALL,
    )


def valve_plane_voxels(surfaces: VentricleSurfaces, grid: Grid) -> Voxels:
    """Voxels (slice, row, column) of the valve plane inside the epicardium, one thick.

    Those whose centre is nearer to the plane than half a step along the axis that it crosses most
    steeply: the thinnest set without a hole (Debled-Rennesson and Reveilles 1994, naive plane).
    """
    index = np.moveaxis(np.indices(grid.shape), 0, -1)
    points = surfaces.pose.to_cardiac(apply_affine(grid.patient_from_index, index))
    row, angle, radius = grid_places(points)
    outer = sampled_on_grid(surfaces.epicardium_mm, row, angle)
    normal = surfaces.pose.patient_from_cardiac @ surfaces.valve.normal
    half_mm = np.abs(normal @ grid.patient_from_index[:3, :3]).max() / 2
    above = surfaces.valve.above_mm(points)
    is_below_the_end = points[..., 2] <= BODY_HEIGHTS_MM[-1] + half_mm
    within: Voxels = (np.abs(above) <= half_mm) & (radius <= outer) & is_below_the_end
    return within
