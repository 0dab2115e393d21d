"""The pose of the left ventricle by the cascade of networks, with what speaks for and against it.

After Zhu et al. (arXiv 2208.03752): networks predict translations and rotations, and spatial
transformers apply them. Here a localiser finds the heart in the whole field, and a refiner is
applied in several passes, each in the frame of the pose so far (`network_cascade`).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from shortaxis.anatomy.heart_sizes import HALF_WALL_MM
from shortaxis.errors import HeartNotFoundError
from shortaxis.geometry.arrays import FloatArray
from shortaxis.inference.runtimes import Runtime
from shortaxis.reorientation.averaged_voxels import averaged
from shortaxis.reorientation.estimate import LeftVentricleExtent, PoseEstimate, PoseUncertainty
from shortaxis.reorientation.handedness_weights import load_handedness
from shortaxis.reorientation.handedness_words import handedness_reasons
from shortaxis.reorientation.named_methods import BFLOAT16_NAME, NETWORK_NAME, OPENVINO_NAME
from shortaxis.reorientation.network_cascade import Refinement
from shortaxis.reorientation.network_evidence import network_measures
from shortaxis.reorientation.network_grid import SmoothedVolume
from shortaxis.reorientation.quality import GUESSES_OF_THE_WAY_ROUND, Measure, judge
from shortaxis.reorientation.scaled_counts import scaled_to_one
from shortaxis.reorientation.weights import DEFAULT_WEIGHTS, BoundLaw, load_cascade
from shortaxis.spect.volume import SpectVolume

__all__ = [
    "bounds_of",
    "estimate_pose_by_network",
    "extent_of",
    "measured_estimate",
    "scaled_for_network",
]


METHOD_OF_RUNTIME = {
    Runtime.ONNX_RUNTIME: NETWORK_NAME,
    Runtime.OPENVINO: OPENVINO_NAME,
    Runtime.OPENVINO_BFLOAT16: BFLOAT16_NAME,
}
"""What an estimate says of itself: a pose of another runtime is another pose."""


def estimate_pose_by_network(
    volume: SpectVolume,
    weights: str = DEFAULT_WEIGHTS,
    runtime: Runtime = Runtime.ONNX_RUNTIME,
) -> PoseEstimate:
    """Estimate the pose of the left ventricle.

    Parameters
    ----------
    volume : SpectVolume
        Transaxial counts ``(slice, row, column)`` in any voxel order.
    weights : str
        Name of installed weights, or a folder that ``shortaxis train`` wrote.
    runtime : Runtime
        What runs the networks.

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
    MissingExtraError, OptionError
        If the runtime is not installed, or the processor cannot do what it is to do.
    """
    return measured_estimate(volume, weights, runtime)[0]


def measured_estimate(
    volume: SpectVolume,
    weights: str = DEFAULT_WEIGHTS,
    runtime: Runtime = Runtime.ONNX_RUNTIME,
) -> tuple[PoseEstimate, dict[Measure, float]]:
    """The same, with the measures that its quality was judged by.

    Raises
    ------
    HeartNotFoundError, UnknownWeightsError, MissingExtraError, OptionError
        As `estimate_pose_by_network`.
    """
    installed, cascade = load_cascade(weights, runtime)
    scaled = scaled_for_network(volume)
    smoothed = SmoothedVolume(scaled)
    found = cascade.find(scaled, smoothed)
    judgement, presence = installed.judgement, installed.judgement.presence
    if found.presence < presence.refused_below:
        raise HeartNotFoundError(
            "nothing here looks like a left ventricle",
            expected="a heart in the field of view",
            found=f"log odds of a heart {found.presence:.1f}; hearts have more than "
            f"{presence.hearts_above:g}, and below {presence.refused_below:g} nothing is "
            "reoriented",
            cause="no heart in the field of view, too few counts, or no uptake in the wall",
        )
    uncertainty, extent = bounds_of(found.spread, installed.bound_laws), extent_of(found)
    measures = network_measures(cascade, scaled, found, extent, uncertainty, judgement.motion)
    check = load_handedness(weights, runtime)
    handedness = check.look(smoothed, found.pose.center_mm) if check is not None else None
    if handedness is not None and handedness.is_sure:
        measures = {
            each: value for each, value in measures.items() if each not in GUESSES_OF_THE_WAY_ROUND
        }
    quality = judge(measures, judgement.limits, many_near=None)
    if check is not None and handedness is not None:
        quality = quality.with_reasons(*handedness_reasons(handedness, check.rule))
    estimate = PoseEstimate(
        found.pose,
        METHOD_OF_RUNTIME[runtime],
        uncertainty,
        quality,
        extent,
        installed.record,
        handedness=handedness,
    )
    return estimate, measures


def scaled_for_network(volume: SpectVolume) -> SpectVolume:
    """The volume with counts from 0 to 1 and no small voxels, as the cascade takes it."""
    scaled = scaled_to_one(averaged(volume))
    counts = np.maximum(scaled.counts, 0)
    counts.flags.writeable = False
    return SpectVolume(counts, scaled.patient_from_index)


def extent_of(found: Refinement) -> LeftVentricleExtent:
    """Size of the left ventricle at the middle of its wall."""
    length_mm, epicardial_mm = found.size_mm
    return LeftVentricleExtent(float(length_mm), float(epicardial_mm) - HALF_WALL_MM)


def bounds_of(spread: Sequence[float] | FloatArray, laws: Sequence[BoundLaw]) -> PoseUncertainty:
    """Bounds from expected errors ``(3,)``: long axis, roll (degrees) and centre (mm)."""
    pairs = zip(laws, spread, strict=True)
    long_axis, roll, center = (law.bound(float(expected)) for law, expected in pairs)
    return PoseUncertainty(
        long_axis_deg=min(long_axis, 180.0), center_mm=center, roll_deg=min(roll, 180.0)
    )
