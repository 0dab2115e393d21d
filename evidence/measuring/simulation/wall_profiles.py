"""Profiles of the counts across the wall, along rays from the long axis."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from shortaxis.geometry.affines import apply_affine, invert_affine
from shortaxis.geometry.arrays import FloatArray
from shortaxis.geometry.pose import RigidPose
from shortaxis.spect.volume import SpectVolume

__all__ = ["HEIGHTS_MM", "RADII_MM", "sample_counts", "wall_fwhm_mm", "wall_profiles"]

ANGLES = np.deg2rad(np.arange(0, 360, 10))
HEIGHTS_MM = np.arange(-14, 15, 4.0)
RADII_MM = np.arange(0, 61, 1.0)


def sample_counts(volume: SpectVolume, points_mm: FloatArray) -> FloatArray:
    """Counts at positions (..., 3), LPS mm; NaN outside the volume."""
    index = apply_affine(invert_affine(volume.patient_from_index), points_mm)
    values: FloatArray = ndimage.map_coordinates(
        volume.counts.astype(np.float64), np.moveaxis(index, -1, 0), order=1, cval=np.nan
    )
    return values


def wall_profiles(volume: SpectVolume, pose: RigidPose) -> FloatArray:
    """Counts along rays from the long axis, (height, angle, radius)."""
    height, angle, radius = np.meshgrid(HEIGHTS_MM, ANGLES, RADII_MM, indexing="ij")
    points = np.stack([radius * np.cos(angle), radius * np.sin(angle), height], axis=-1)
    profiles = np.nan_to_num(sample_counts(volume, pose.to_patient(points)))
    # Beyond the wall other organs are met: the peak is looked for where walls are.
    profiles[..., RADII_MM > 42] = 0
    return profiles


def wall_fwhm_mm(profiles: FloatArray) -> float:
    """Median width at half of the peak over the cavity, of rays with a clear peak."""
    widths = []
    for profile in profiles.reshape(-1, profiles.shape[-1]):
        peak = int(profile[:40].argmax())
        if not 12 <= peak <= 38:
            continue
        half = (profile[peak] + profile[: peak + 1].min()) / 2
        inner = peak - int((profile[: peak + 1][::-1] < half).argmax())
        outer_part = profile[peak:42] < half
        if outer_part.any() and inner < peak:
            widths.append(peak + int(outer_part.argmax()) - inner)
    return float(np.median(widths)) if widths else float("nan")
