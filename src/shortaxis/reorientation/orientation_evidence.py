"""Directions that a heart in a right world does not have, though each alone is nothing unusual.

An array that was reversed or whose axes were exchanged on the way, under a header that was kept,
shows a heart whose long axis may well point where hearts point. Two things together tell more.
"""

from __future__ import annotations

import numpy as np

from shortaxis.geometry.euler import angles_from_rotation
from shortaxis.geometry.pose import RigidPose
from shortaxis.reorientation.quality import Measure

__all__ = ["orientation_measures"]

DEG_PER_PART = 85.0
"""Degrees of elevation that weigh as much as all counts moving from above to below the heart.

Upside down, the elevation changes its sign and the counts above become those below. Over
calibration exams elevation has 21 +- 12 degrees and the part above 0.40 +- 0.09: a part of 0.01
tells as much as 0.85 degrees. With slices and rows exchanged, what was behind and before the heart
is above and below it, and the part is near a half: the same weight tells these worlds best from
steep hearts that are rolled to the right, with the liver below."""

HALF = 0.5
"""Counts above and below alike say nothing."""


def orientation_measures(pose: RigidPose, counts_above: float | None) -> dict[Measure, float]:
    """Measures of a pose that has a roll.

    Parameters
    ----------
    pose : RigidPose
        With anatomical roll.
    counts_above : float or None
        Part of the counts above and below the heart that is above, 0-1; None where it is not known.

    Returns
    -------
    dict of Measure to float
        Degrees.
    """
    alpha, beta, _ = angles_from_rotation(pose.patient_from_cardiac)
    apex = -pose.patient_from_cardiac[:, 2]
    above = HALF if counts_above is None else counts_above
    below_deg = DEG_PER_PART * (HALF - above)
    return {
        Measure.FORWARD_DEG: float(np.degrees(np.arccos(np.clip(-apex[1], -1.0, 1.0)))),
        Measure.UPRIGHT_DEG: alpha + below_deg,
        Measure.TIPPED_DEG: alpha - beta - below_deg,
    }
