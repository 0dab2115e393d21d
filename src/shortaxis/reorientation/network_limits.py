"""When an operator should look at a pose by the network."""

from __future__ import annotations

from collections.abc import Mapping

from shortaxis.reorientation.estimate import Quality
from shortaxis.reorientation.quality import (
    MORE_ABOVE,
    POINTS_ASIDE,
    POINTS_UP_OR_DOWN,
    UNLIMITED,
    Limit,
    Measure,
    judge,
)

__all__ = ["NETWORK_LIMITS", "judge_network"]

# Set on calibration exams (the result network_limits): the bound of the long axis below the
# smallest of a failure, the apex at what one good `clinical` exam of fifty is short of, the rest
# beyond what 99 of a hundred good `clinical` exams have. Together they stop one good `clinical`
# exam of twenty.
NETWORK_LIMITS: tuple[Limit, ...] = (
    Limit(Measure.AZIMUTH_DEG, -15, 75, POINTS_ASIDE),
    Limit(Measure.ELEVATION_DEG, -25, 65, POINTS_UP_OR_DOWN),
    Limit(Measure.LENGTH_MM, 50, 130, "unusual size of the left ventricle"),
    Limit(Measure.RADIUS_MM, 15, 50, "unusual size of the left ventricle"),
    Limit(Measure.LENGTH_TO_RADIUS, 2.2, 4.7, "unusual shape of the left ventricle"),
    Limit(Measure.LONG_AXIS_BOUND_DEG, 0, 7.5, "the network doubts the long axis"),
    Limit(Measure.CENTER_BOUND_MM, 0, 8, "the network doubts the centre"),
    Limit(Measure.ROLL_BOUND_DEG, 0, 30, "the network doubts the roll"),
    Limit(Measure.START_SPREAD_DEG, 0, 7.5, "looks from several starts disagree"),
    Limit(Measure.START_SPREAD_MM, 0, 6, "looks from several starts disagree"),
    Limit(Measure.LAST_STEP_DEG, 0, 8, "the network does not come to rest"),
    Limit(Measure.LAST_STEP_MM, 0, 6, "the network does not come to rest"),
    Limit(Measure.PRESENCE, 0, UNLIMITED, "it does not look much like a left ventricle"),
    Limit(Measure.ELLIPSOID_APART_DEG, 0, 12, "the ellipsoid's long axis is another one"),
    Limit(Measure.ELLIPSOID_APART_MM, 0, 20, "the ellipsoid's centre is another one"),
    Limit(Measure.EDGE_PART, 0, 0.1, "the heart touches the edge of the field of view"),
    Limit(
        Measure.APEX_LEVEL,
        0.4,
        UNLIMITED,
        "the apex is hardly seen: where the heart ends is a guess",
    ),
    Limit(Measure.SEEN_PART, 0.4, UNLIMITED, "a large part of the wall is not seen"),
    Limit(Measure.RELATIVE_NOISE, 0, 0.3, "few counts"),
    Limit(Measure.COUNTS_ABOVE_PART, 0, 0.58, MORE_ABOVE),
    # Trained on 3 to 7 mm; on the network's grids of 6.4 and 12.8 mm others look much alike.
    Limit(Measure.MIN_VOXEL_MM, 2, 9, "voxels far from the 3 to 7 mm that were trained on"),
    Limit(Measure.MAX_VOXEL_MM, 2, 9, "voxels far from the 3 to 7 mm that were trained on"),
)


def judge_network(measures: Mapping[Measure, float]) -> Quality:
    """Quality with the reason of every limit that a measure exceeds, each named once."""
    return judge(measures, NETWORK_LIMITS, many_near=None)
