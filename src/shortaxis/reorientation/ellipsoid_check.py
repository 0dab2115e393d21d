"""A second opinion on a pose: the wall that an ellipsoid finds when it starts there.

Far cheaper than the search of `ellipsoid`, as the place is known. It has learnt nothing, but it is
not independent of the pose: it starts there, with the given size, and its first searches reach
14 mm to either side of the wall. So it may settle on what misled the pose. How many failures its
limits stop, beside the network's own bounds, is in ``evidence/results/network_limits.json``.
"""

from __future__ import annotations

import numpy as np

from shortaxis.anatomy.heart_sizes import HALF_WALL_MM, VALVE_BEHIND_WIDEST
from shortaxis.errors import HeartNotFoundError
from shortaxis.geometry.pose import RigidPose
from shortaxis.reorientation.ellipsoid_evidence import Hypothesis, fit_candidate
from shortaxis.reorientation.ellipsoid_surface import WallEllipsoid
from shortaxis.reorientation.estimate import LeftVentricleExtent
from shortaxis.reorientation.myocardium_candidates import Candidate
from shortaxis.reorientation.myocardium_field import edge_distances, field_around
from shortaxis.spect.volume import SpectVolume

__all__ = ["fit_at"]


def fit_at(
    volume: SpectVolume, smooth: SpectVolume, pose: RigidPose, extent: LeftVentricleExtent
) -> Hypothesis | None:
    """Fit the wall around a pose; None where the field of view is too small to try.

    Parameters
    ----------
    volume, smooth : SpectVolume
        Original counts, and the same after `myocardium_field.smoothed`.
    pose, extent
        Where the wall is looked for, and its size.
    """
    try:
        edges = edge_distances(volume)
    except HeartNotFoundError:
        return None
    axial_mm = (extent.length_mm - HALF_WALL_MM) / (1 + VALVE_BEHIND_WIDEST)
    behind_apex_mm = extent.length_mm / 2 - HALF_WALL_MM - axial_mm
    origin_mm = pose.center_mm + behind_apex_mm * pose.apex_direction
    start = WallEllipsoid(origin_mm, pose.apex_direction, axial_mm, extent.radius_mm)
    field = field_around(smooth, edges, np.asarray(origin_mm))
    return fit_candidate(Candidate(start, 1.0), field)
