"""Which counts are shown as 100 %: the level of the myocardium, not of the volume."""

from __future__ import annotations

import numpy as np

from shortaxis.anatomy.heart_sizes import THICK_WALL_MM, TYPICAL_LENGTH_MM, TYPICAL_RADIUS_MM
from shortaxis.geometry.affines import apply_affine, invert_affine
from shortaxis.geometry.arrays import FloatArray
from shortaxis.geometry.pose import RigidPose
from shortaxis.geometry.trilinear import places_at
from shortaxis.reorientation.estimate import LeftVentricleExtent
from shortaxis.spect.volume import SpectVolume

__all__ = ["REACH_MM", "TYPICAL_EXTENT", "across_the_wall", "myocardial_level"]

TYPICAL_EXTENT = LeftVentricleExtent(TYPICAL_LENGTH_MM, TYPICAL_RADIUS_MM)
"""For poses that come without a size."""

REACH_MM = THICK_WALL_MM / 2
"""How far from the mid-wall surface counts are sampled."""

REACH_OF_UNKNOWN_SIZE_MM = 14.0
"""The same around the typical surface: twice the spread of radii (5 mm) and half a wall."""

UPPER_PERCENT = 90.0
"""Of the directions, which one sets the level: a hot organ may touch a tenth of the wall, and
a defect may take nearly all the rest."""

WIDEST_PART = 0.2
"""How far basal of the centre the ventricle is widest, as a part of its length."""


def myocardial_level(
    volume: SpectVolume, pose: RigidPose, extent: LeftVentricleExtent | None
) -> float:
    """Myocardial level, counts: a robust upper level of the peaks across the wall.

    Along each of many directions from the long axis the highest count near the wall is taken;
    the level is the 90th percentile of these peaks, so that neither a hot organ beside the
    heart nor noise nor a defect decides it.

    Parameters
    ----------
    volume : SpectVolume
        The original counts.
    pose : RigidPose
        Where the left ventricle lies.
    extent : LeftVentricleExtent or None
        Its size; None looks further around a ventricle of typical size.

    Returns
    -------
    float
        Always above zero: the highest count, or 1, where no count near the wall is.
    """
    reach_mm = REACH_OF_UNKNOWN_SIZE_MM if extent is None else REACH_MM
    points = across_the_wall(extent or TYPICAL_EXTENT, reach_mm)
    index = apply_affine(invert_affine(volume.patient_from_index), pose.to_patient(points))
    counts = places_at(volume.shape, index, "zero").values(volume.counts)
    level = float(np.percentile(counts.max(axis=-1), UPPER_PERCENT))
    if level > 0:
        return level
    highest = float(volume.counts.max())
    return highest if highest > 0 else 1.0


def across_the_wall(extent: LeftVentricleExtent, reach_mm: float) -> FloatArray:
    """Cardiac points of shape (direction, step across the wall, 3), mm.

    The mid-wall surface is an ellipsoid cut off at the valve plane, widest a little basal of
    the centre; its directions keep clear of the valve plane, where atria and noise are.
    """
    widest_mm = WIDEST_PART * extent.length_mm
    long_radius_mm = extent.length_mm / 2 + widest_mm
    heights = np.linspace(0.05, 0.9, 12) * long_radius_mm
    azimuths = np.linspace(0, 2 * np.pi, 36, endpoint=False)
    height, azimuth = (part.ravel() for part in np.meshgrid(heights, azimuths, indexing="ij"))
    offsets = np.linspace(-reach_mm, reach_mm, 9)[None]
    ring = extent.radius_mm * np.sqrt(1 - (height / long_radius_mm) ** 2)
    radius = np.maximum(ring[:, None] + offsets, 0)
    x = radius * np.cos(azimuth)[:, None]
    y = radius * np.sin(azimuth)[:, None]
    z = np.broadcast_to((widest_mm - height)[:, None], x.shape)
    return np.stack([x, y, z], axis=-1)
