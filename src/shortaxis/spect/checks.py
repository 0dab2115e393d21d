"""Whether a heart can be in a volume at all, whatever format it came from."""

from __future__ import annotations

import numpy as np

from shortaxis.errors import CountsError, GeometryError
from shortaxis.geometry.grids import Grid
from shortaxis.spect.volume import SpectVolume

__all__ = ["check_counts_can_hold_a_heart", "check_grid_can_hold_a_heart"]

MIN_VOXELS = 8
"""Fewer along any axis cannot show a ring with a cavity."""

MIN_EXTENT_MM = 60.0
"""A left ventricle is 60 to 120 mm long; a smaller field of view cuts every one of them."""

MAX_VOXEL_MM = 25.0
"""The outer radius of a left ventricle: with larger voxels there is no cavity to see."""

STATE_SPACINGS = "if the spacing is wrong, state it in mm: --slice-spacing and --pixel-spacing"


def check_grid_can_hold_a_heart(grid: Grid) -> None:
    """Refuse a grid that is too small or too coarse for a left ventricle.

    Raises
    ------
    GeometryError
        If an axis has fewer than 8 voxels, is shorter than 60 mm, or has voxels over 25 mm.
    """
    spacing = grid.spacing_mm
    extent = spacing * grid.shape
    found = " x ".join(
        f"{size} voxels of {step:.4g} mm" for size, step in zip(grid.shape, spacing, strict=True)
    )
    if min(grid.shape) < MIN_VOXELS:
        raise GeometryError(
            "has too few voxels to hold a heart",
            expected=f"at least {MIN_VOXELS} slices, rows and columns",
            found=found,
            cause="a planar image, a few slices cut out of a study, or one file of several",
            way_on="take the whole reconstruction; slices in a file each are given as their folder",
        )
    if extent.min() < MIN_EXTENT_MM:
        raise GeometryError(
            "is too small to hold a heart",
            expected=f"at least {MIN_EXTENT_MM:g} mm along every axis",
            found=found,
            cause="a cropped study, a small animal, or a spacing in other units than mm",
            way_on=STATE_SPACINGS,
        )
    if spacing.max() > MAX_VOXEL_MM:
        raise GeometryError(
            "has voxels too large to show a heart",
            expected=f"at most {MAX_VOXEL_MM:g} mm",
            found=found,
            cause="missing slices, or a spacing in other units than mm",
            way_on=STATE_SPACINGS,
        )


def check_counts_can_hold_a_heart(volume: SpectVolume) -> None:
    """Refuse counts in which no left ventricle can be seen.

    Raises
    ------
    GeometryError
        As `check_grid_can_hold_a_heart`.
    CountsError
        If all counts are zero, none is positive, or all are the same.
    """
    check_grid_can_hold_a_heart(volume.grid)
    lowest, highest = float(np.min(volume.counts)), float(np.max(volume.counts))
    if lowest < highest and highest > 0:
        return
    if lowest == highest:
        found = "all voxels are zero" if highest == 0 else f"all voxels are {highest:g}"
    else:
        found = f"the highest voxel is {highest:g}"
    raise CountsError(
        "holds no counts of a heart",
        expected="counts that vary, some of them above zero",
        found=found,
        cause="an empty reconstruction, or a rescale slope that turns counts to zero",
        way_on="look at the slices where they were made, and export the reconstruction again",
    )
