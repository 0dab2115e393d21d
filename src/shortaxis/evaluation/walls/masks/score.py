"""How a drawn wall lies to the mask of an expert.

Both are compared as voxels of 2 mm along the axes of one pose. A mask has no valve plane and no
surfaces, so only what both have is compared: where there is wall, where its middle lies, and how
far it reaches towards the apex and the base.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from shortaxis.geometry.grids import Grid
from shortaxis.geometry.pose import RigidPose
from shortaxis.spect.volume import SpectVolume
from shortaxis.ventricle.label_map import VentricleLabel, label_map
from shortaxis.ventricle.surfaces import VentricleSurfaces

__all__ = ["MaskScore", "held_along", "score_against_mask"]

VOXEL_MM, EDGE = 2.0, 80
"""Of the grid on which both are compared: half of the voxels of the masks, 160 mm across."""

END_PERCENT = 2.0
"""Of a wall's voxels that may lie beyond its ends: masks are ragged."""

BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class MaskScore:
    """One drawn wall beside one mask.

    Parameters
    ----------
    dice : float
        Twice the wall that both have, over the sum of both.
    middle_mm : float
        Mean distance between the middles of both walls, from either to the other.
    apical_end_mm, mask_apical_end_mm, basal_end_mm, mask_basal_end_mm : float
        Heights z_c of the ends, from the centre of the pose; the drawn and the expert's.
    valve_mm : float
        Height at which the drawn valve plane meets the axis.
    wall_ml, mask_ml : float
        Volumes of muscle.
    """

    dice: float
    middle_mm: float
    apical_end_mm: float
    mask_apical_end_mm: float
    basal_end_mm: float
    mask_basal_end_mm: float
    valve_mm: float
    wall_ml: float
    mask_ml: float


def held_along(pose: RigidPose, volume: SpectVolume, wall: BoolArray) -> tuple[Grid, BoolArray]:
    """The mask of a volume on the grid of the comparison, slices along z_c."""
    grid = _grid_along(pose)
    held = SpectVolume(wall.astype(np.float32), volume.patient_from_index).resampled(grid)
    return grid, held.counts > 0.5


def score_against_mask(
    surfaces: VentricleSurfaces, volume: SpectVolume, wall: BoolArray
) -> MaskScore:
    """Compare drawn surfaces with the voxels (slice, row, column) that a mask calls wall."""
    grid, held = held_along(surfaces.pose, volume, wall)
    drawn = label_map(surfaces, grid) == VentricleLabel.WALL
    ends, mask_ends = _ends_mm(drawn), _ends_mm(held)
    return MaskScore(
        dice=float(2 * (drawn & held).sum() / max(drawn.sum() + held.sum(), 1)),
        middle_mm=_apart_mm(_middle(drawn), _middle(held)),
        apical_end_mm=ends[0],
        mask_apical_end_mm=mask_ends[0],
        basal_end_mm=ends[1],
        mask_basal_end_mm=mask_ends[1],
        valve_mm=surfaces.valve.on_axis_mm,
        wall_ml=float(drawn.sum()) * VOXEL_MM**3 / 1000,
        mask_ml=float(held.sum()) * VOXEL_MM**3 / 1000,
    )


def _grid_along(pose: RigidPose) -> Grid:
    affine = np.zeros((4, 4))
    affine[0, 2] = affine[1, 1] = affine[2, 0] = VOXEL_MM
    affine[:3, 3] = -VOXEL_MM * (EDGE - 1) / 2
    affine[3, 3] = 1.0
    return Grid((EDGE,) * 3, pose.matrix @ affine)


def _middle(wall: BoolArray) -> BoolArray:
    """Voxels that lie deepest in the wall."""
    depth = ndimage.distance_transform_edt(wall)
    middle: BoolArray = wall & (depth >= ndimage.maximum_filter(depth, 3) - 0.5)
    return middle


def _apart_mm(one: BoolArray, other: BoolArray) -> float:
    if not (one.any() and other.any()):
        return float("nan")
    from_one, from_other = (
        ndimage.distance_transform_edt(~each) * VOXEL_MM for each in (one, other)
    )
    return float((from_other[one].mean() + from_one[other].mean()) / 2)


def _ends_mm(wall: BoolArray) -> tuple[float, float]:
    if not wall.any():
        return float("nan"), float("nan")
    height = (np.nonzero(wall)[0] - (EDGE - 1) / 2) * VOXEL_MM
    apical, basal = np.percentile(height, (END_PERCENT, 100 - END_PERCENT))
    return float(apical), float(basal)
