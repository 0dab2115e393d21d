"""What speaks for and against a pose by the network, as measures.

Their limits, with the words for the reader, are in the record of the weights (`judgement`).
"""

from __future__ import annotations

import numpy as np

from shortaxis.geometry.pose_errors import geodesic_angle_deg, long_axis_angle_deg
from shortaxis.reorientation.ellipsoid_check import fit_at
from shortaxis.reorientation.ellipsoid_evidence import fit_measures, relative_noise
from shortaxis.reorientation.estimate import LeftVentricleExtent, PoseUncertainty
from shortaxis.reorientation.motion_evidence import MotionRule, motion_features
from shortaxis.reorientation.myocardium_field import smoothed
from shortaxis.reorientation.network_cascade import Cascade, Refinement
from shortaxis.reorientation.orientation_evidence import orientation_measures
from shortaxis.reorientation.quality import Measure, plausibility_measures
from shortaxis.reorientation.second_heart import second_presence
from shortaxis.reorientation.surroundings import counts_above_part
from shortaxis.reorientation.wall_edges import wall_edges
from shortaxis.spect.volume import SpectVolume

__all__ = ["network_measures"]


def network_measures(
    cascade: Cascade,
    volume: SpectVolume,
    found: Refinement,
    extent: LeftVentricleExtent,
    uncertainty: PoseUncertainty,
    motion: MotionRule,
) -> dict[Measure, float]:
    """Evidence for a refined pose, to be judged by the limits of the weights.

    Parameters
    ----------
    cascade : Cascade
        That found it; it looks for a second heart as well.
    volume : SpectVolume
        Counts, not negative.
    found : Refinement
        The pose and how it came about.
    extent, uncertainty
        Size and calibrated bounds that go with it.
    motion : MotionRule
        Of the weights.
    """
    measures = plausibility_measures(found.pose, extent)
    measures |= _own_doubt(found, uncertainty)
    measures[Measure.MIN_VOXEL_MM] = float(volume.spacing_mm.min())
    measures[Measure.MAX_VOXEL_MM] = float(volume.spacing_mm.max())
    measures[Measure.PIXEL_RATIO] = _pixel_ratio(volume)
    above = counts_above_part(volume, found.pose)
    if above is not None:
        measures[Measure.COUNTS_ABOVE_PART] = above
    measures[Measure.SECOND_PRESENCE] = second_presence(cascade, volume, found.pose)
    measures |= orientation_measures(found.pose, above)
    smooth = smoothed(volume)
    measures |= _second_opinion(volume, smooth, found, extent)
    noise = measures.get(Measure.RELATIVE_NOISE)
    if noise is not None:
        edges = wall_edges(smooth, found.pose, extent)
        features = motion_features(float(found.spread[2]), found.presence, noise, edges)
        measures[Measure.MOTION] = motion.log_odds(features)
    return measures


def _pixel_ratio(volume: SpectVolume) -> float:
    """Longer over shorter edge across the axis that runs to the head, whichever that is."""
    to_head = int(np.argmax(np.abs(volume.patient_from_index[2, :3])))
    edges_mm = np.delete(volume.spacing_mm, to_head)
    return float(edges_mm.max() / edges_mm.min())


def _own_doubt(found: Refinement, uncertainty: PoseUncertainty) -> dict[Measure, float]:
    poses = [each.pose for each in found.estimates]
    turn_deg, shift_mm = found.steps[-1]
    return {
        Measure.LONG_AXIS_BOUND_DEG: _or_nan(uncertainty.long_axis_deg),
        Measure.CENTER_BOUND_MM: _or_nan(uncertainty.center_mm),
        Measure.ROLL_BOUND_DEG: _or_nan(uncertainty.roll_deg),
        Measure.START_SPREAD_DEG: max(geodesic_angle_deg(pose, found.pose) for pose in poses),
        Measure.START_SPREAD_MM: max(
            float(np.linalg.norm(pose.center_mm - found.pose.center_mm)) for pose in poses
        ),
        Measure.LAST_STEP_DEG: turn_deg,
        Measure.LAST_STEP_MM: shift_mm,
        Measure.PRESENCE: found.presence,
    }


def _or_nan(bound: float | None) -> float:
    """An unknown bound is outside every limit."""
    return float("nan") if bound is None else bound


def _second_opinion(
    volume: SpectVolume, smooth: SpectVolume, found: Refinement, extent: LeftVentricleExtent
) -> dict[Measure, float]:
    fit = fit_at(volume, smooth, found.pose, extent)
    if fit is None:
        return {Measure.EDGE_PART: 1.0}
    measures = fit_measures(fit)
    return {
        Measure.EDGE_PART: measures[Measure.EDGE_PART],
        Measure.APEX_LEVEL: fit.ends.cap,
        Measure.SEEN_PART: measures[Measure.SEEN_PART],
        Measure.RELATIVE_NOISE: relative_noise(volume, smooth, fit.fit.reading.level),
        Measure.ELLIPSOID_APART_DEG: long_axis_angle_deg(found.pose, fit.pose),
        Measure.ELLIPSOID_APART_MM: float(
            np.linalg.norm(found.pose.center_mm - fit.pose.center_mm)
        ),
    }
