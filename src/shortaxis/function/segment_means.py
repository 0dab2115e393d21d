"""Values on the rays as means over the 17 segments, weighted by the wall's area."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from shortaxis.anatomy.segments import SEGMENTS, segment_numbers
from shortaxis.function.pooled_profile import ray_areas_mm2
from shortaxis.geometry.arrays import FloatArray
from shortaxis.geometry.pose import RigidPose
from shortaxis.ventricle.surfaces import VentricleSurfaces

__all__ = ["WallPlaces", "wall_places"]

FULL_CIRCLE = 360.0


@dataclass(frozen=True, eq=False)
class WallPlaces:
    """Where each ray meets the middle of the wall.

    Parameters
    ----------
    heights, angles_deg : (row, angle) arrays
        Part of the long axis from the epicardial apex to the valve plane, and cardiac angle.
    segments : (row, angle) int array
        Number of the segment; 0 where there is no muscle.
    areas_mm2 : (row, angle) array
        Of the wall that a ray stands for; 0 where there is none.
    """

    heights: FloatArray
    angles_deg: FloatArray
    segments: npt.NDArray[np.int64]
    areas_mm2: FloatArray

    def mean(self, values: FloatArray) -> float:
        """Over the whole wall."""
        return float((values * self.areas_mm2).sum() / max(float(self.areas_mm2.sum()), 1e-9))

    def segment_means(self, values: FloatArray) -> Mapping[int, float | None]:
        """By the number of the segment; None for one that no ray meets."""
        return {each.number: self._mean_of(each.number, values) for each in SEGMENTS}

    def _mean_of(self, number: int, values: FloatArray) -> float | None:
        weights = np.where(self.segments == number, self.areas_mm2, 0.0)
        total = float(weights.sum())
        return float((values * weights).sum() / total) if total > 0 else None


def wall_places(surfaces: VentricleSurfaces, shown_in: RigidPose) -> WallPlaces:
    """Places of a wall in the frame of a pose that may be rolled otherwise.

    Parameters
    ----------
    surfaces : VentricleSurfaces
        Of the mean over the beat.
    shown_in : RigidPose
        Whose septum and anterior wall name the segments.
    """
    points = shown_in.to_cardiac(surfaces.pose.to_patient(surfaces.points_mm()))
    x, y = points[..., 0], points[..., 1]
    angles = np.degrees(np.arctan2(y, x)) % FULL_CIRCLE
    own = surfaces.points_mm()
    below = -surfaces.valve.above_mm(own)
    apex = np.array([0.0, 0.0, surfaces.apex_z_mm])
    length = max(float(-surfaces.valve.above_mm(apex)), 1.0)
    heights = 1 - below / length
    is_wall = surfaces.is_wall & (heights <= 1)
    numbers = segment_numbers(np.clip(heights, 0, 1), angles)
    return WallPlaces(
        heights,
        angles,
        np.where(is_wall, numbers, 0),
        ray_areas_mm2(surfaces.middle_mm) * is_wall,
    )
