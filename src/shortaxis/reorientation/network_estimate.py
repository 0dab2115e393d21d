"""The pose of the left ventricle by the cascade of networks, with what speaks for and against it.

After Zhu et al. (arXiv 2208.03752): networks predict translations and rotations, and spatial
transformers apply them. Here a localiser finds the heart in the whole field, and a refiner looks
at it again and again, each time in the frame of the pose so far (`network_cascade`).
"""

from __future__ import annotations

import numpy as np

from shortaxis.anatomy.heart_sizes import HALF_WALL_MM
from shortaxis.errors import HeartNotFoundError
from shortaxis.reorientation.estimate import LeftVentricleExtent, PoseEstimate, PoseUncertainty
from shortaxis.reorientation.network_cascade import Refinement
from shortaxis.reorientation.network_evidence import network_measures
from shortaxis.reorientation.network_limits import judge_network
from shortaxis.reorientation.quality import Measure
from shortaxis.reorientation.scaled_counts import scaled_to_one
from shortaxis.reorientation.weights import DEFAULT_WEIGHTS, NetworkWeights, load_cascade
from shortaxis.spect.volume import SpectVolume

__all__ = ["METHOD", "estimate_pose_by_network", "measured_estimate"]

METHOD = "network"

MIN_PRESENCE = -4.0
"""Log odds; less is noise, an empty volume, or a part of the body without a heart."""


def estimate_pose_by_network(volume: SpectVolume, weights: str = DEFAULT_WEIGHTS) -> PoseEstimate:
    """Estimate the pose of the left ventricle.

    Parameters
    ----------
    volume : SpectVolume
        Transaxial counts ``(slice, row, column)`` in any voxel order.
    weights : str
        Name of installed weights, or a folder that ``shortaxis train`` wrote.

    Returns
    -------
    PoseEstimate
        With anatomical roll. The uncertainties are bounds that 90 % of the errors of calibration
        exams stay below, a mix of usual and of unusual ones.

    Raises
    ------
    HeartNotFoundError
        If nothing in the volume looks like a left ventricle.
    UnknownWeightsError
        If the weights are not installed, or are not what they say.
    """
    return measured_estimate(volume, weights)[0]


def measured_estimate(
    volume: SpectVolume, weights: str = DEFAULT_WEIGHTS
) -> tuple[PoseEstimate, dict[Measure, float]]:
    """The same, with the measures that its quality was judged by.

    Raises
    ------
    HeartNotFoundError, UnknownWeightsError
        As `estimate_pose_by_network`.
    """
    installed, cascade = load_cascade(weights)
    scaled = _without_negatives(scaled_to_one(volume))
    found = cascade.find(scaled)
    if found.presence < MIN_PRESENCE:
        raise HeartNotFoundError(
            "nothing here looks like a left ventricle",
            expected="a heart in the field of view",
            found=f"log odds of a heart {found.presence:.1f}; hearts have more than 7, and "
            f"below {MIN_PRESENCE:g} nothing is reoriented",
            cause="no heart in the field of view, too few counts, or no uptake in the wall",
        )
    uncertainty = _bounds(found, installed)
    length_mm, epicardial_mm = found.size_mm
    # The network was taught the radius of the epicardium.
    extent = LeftVentricleExtent(float(length_mm), float(epicardial_mm) - HALF_WALL_MM)
    measures = network_measures(scaled, found, extent, uncertainty)
    estimate = PoseEstimate(
        found.pose, METHOD, uncertainty, judge_network(measures), extent, installed.record
    )
    return estimate, measures


def _bounds(found: Refinement, weights: NetworkWeights) -> PoseUncertainty:
    laws = zip(weights.bound_laws, found.spread, strict=True)
    long_axis, roll, center = (law.bound(float(spread)) for law, spread in laws)
    return PoseUncertainty(
        long_axis_deg=min(long_axis, 180.0), center_mm=center, roll_deg=min(roll, 180.0)
    )


def _without_negatives(volume: SpectVolume) -> SpectVolume:
    return SpectVolume(np.maximum(volume.counts, 0), volume.patient_from_index)
