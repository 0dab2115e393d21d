"""The pose of the left ventricle without a network: an ellipsoid fitted to its wall.

After Germano 1995 (J Nucl Med 36:1107) and Mullick and Ezquerra 1995 (IEEE TMI 14:88): find
the left ventricle among the hot organs (`myocardium_candidates`), fit an ellipsoid to the
middle of its wall (`ellipsoid_fit`), find where it ends (`ellipsoid_ends`), and say how
well all this is supported (`ellipsoid_evidence`).

Which end is the apex follows from anatomy (candidates point to the patient's front, left and
feet) and must be borne out by the counts: a wall across the apex, none across the valve
plane. Where the counts leave it open the quality says so; where they contradict it strongly,
as in a study whose header turns the patient, they win and the direction is reported as unusual.

The roll about the axis is conventional (beta = 0): the right ventricle is too faint to
be found reliably this way.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from shortaxis.errors import HeartNotFoundError
from shortaxis.geometry.pose_errors import long_axis_angle_deg
from shortaxis.reorientation.ellipsoid_evidence import (
    Hypothesis,
    fit_candidate,
    fit_measures,
    fit_reversed,
    fit_spread,
    relative_noise,
)
from shortaxis.reorientation.estimate import PoseEstimate
from shortaxis.reorientation.myocardium_candidates import find_candidates
from shortaxis.reorientation.myocardium_field import coarse_field, field_around, smoothed
from shortaxis.reorientation.named_methods import ELLIPSOID_NAME
from shortaxis.reorientation.quality import Measure, judge, plausibility_measures
from shortaxis.reorientation.scaled_counts import scaled_to_one
from shortaxis.reorientation.surroundings import counts_above_part
from shortaxis.spect.volume import SpectVolume

__all__ = ["estimate_pose_by_ellipsoid"]

CANDIDATES = 3
RIVAL_APART_MM = 20.0
"""A fit whose centre lies this far away is another thing, or another view of what the heart is."""
SAME_PLACE_MM = 25.0
SAME_AXIS_DEG = 40.0
REVERSED_CONTRAST = -0.5
"""Half the wall's counts more across the base than across the apex: beyond what an apical
defect and a hot organ behind the base do together (-0.3), below a reversed heart (-0.7)."""
MIN_MATCH = 0.5
"""White, smoothed and clotted noise reaches 0.56; altered real hearts seldom fall below."""
MIN_SUPPORT = 0.08
"""Solid organs and white noise reach 0.06, hearts of 0.1 are the smallest with large defects."""


def estimate_pose_by_ellipsoid(volume: SpectVolume) -> PoseEstimate:
    """Estimate the pose of the left ventricle.

    Parameters
    ----------
    volume : SpectVolume
        Transaxial counts ``(slice, row, column)`` in any voxel order.

    Returns
    -------
    PoseEstimate
        With conventional roll. The uncertainties are the spread of the fit over sectors of
        the wall, smoothings and thresholds, not calibrated errors; the roll's is unknown.

    Raises
    ------
    HeartNotFoundError
        If nothing in the volume could be a left ventricle.
    """
    volume = scaled_to_one(volume)
    smooth = smoothed(volume)
    hypotheses = _hypotheses(volume, smooth)
    best = _apex_by_evidence(hypotheses[0])
    _refuse_other_things(best)
    uncertainty = fit_spread(best)
    measures = plausibility_measures(best.pose, best.extent, uncertainty) | fit_measures(best)
    measures[Measure.RELATIVE_NOISE] = relative_noise(volume, smooth, best.fit.reading.level)
    above = counts_above_part(volume, best.pose)
    if above is not None:
        measures[Measure.COUNTS_ABOVE_PART] = above
    measures[Measure.RIVAL_PART] = _rival_part(best, hypotheses[1:])
    quality = judge(measures)
    return PoseEstimate(
        best.pose,
        ELLIPSOID_NAME,
        uncertainty,
        quality,
        best.extent,
        knows_roll=False,
    )


def _hypotheses(volume: SpectVolume, smooth: SpectVolume) -> list[Hypothesis]:
    """Distinct fitted candidates, the best supported first; at least one."""
    coarse = coarse_field(volume, smooth)
    # A hot right ventricle or stomach can match better than the ventricle: none is left out.
    fitted = [
        fit_candidate(one, field_around(smooth, coarse.edges, one.surface.origin_mm))
        for one in find_candidates(coarse, CANDIDATES)
    ]
    distinct: list[Hypothesis] = []
    for hypothesis in sorted(fitted, key=lambda one: -one.support):
        if not any(_is_same(hypothesis, better) for better in distinct):
            distinct.append(hypothesis)
    return distinct


def _apex_by_evidence(usual: Hypothesis) -> Hypothesis:
    """The fit the other way round, if the counts say so strongly; its direction is unusual."""
    if usual.closed_end_contrast > REVERSED_CONTRAST:
        return usual
    turned = fit_reversed(usual)
    return turned if turned.closed_end_contrast > -REVERSED_CONTRAST else usual


def _rival_part(best: Hypothesis, others: Sequence[Hypothesis]) -> float:
    """Support of the next best place, as a part of the best one's."""
    rivals = [
        other.support
        for other in others
        if np.linalg.norm(other.pose.center_mm - best.pose.center_mm) > RIVAL_APART_MM
    ]
    return max(rivals, default=0.0) / max(best.support, 1e-6)


def _is_same(first: Hypothesis, second: Hypothesis) -> bool:
    apart_mm = float(np.linalg.norm(first.pose.center_mm - second.pose.center_mm))
    return apart_mm < SAME_PLACE_MM and (
        long_axis_angle_deg(first.pose, second.pose) < SAME_AXIS_DEG
    )


def _refuse_other_things(best: Hypothesis) -> None:
    least = (
        ("match with a hollow ellipsoid", best.candidate.score, MIN_MATCH),
        ("part of it found as a clear wall around a cavity", best.support, MIN_SUPPORT),
    )
    short = [f"{name} {value:.2f}, not {limit}" for name, value, limit in least if value < limit]
    if short:
        raise HeartNotFoundError(
            "nothing here can be a left ventricle",
            expected="an open shell 35-85 mm wide with a darker cavity",
            found="; ".join(short),
            cause="no heart in the field of view, too few counts, or no uptake in the wall",
        )
