"""Which of the axes of slices are those of the heart.

The slices lie in the patient as the registration says; their three directions, in any order and
sense that is right-handed, are 24 poses. The heart says which: the automatic estimate from the
transaxial volume is nearest to one of them, all others being at least 90 degrees from that one.
The counts are asked again whether the wall closes at the apex.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from shortaxis.errors import HeartNotFoundError
from shortaxis.geometry.affines import apply_affine
from shortaxis.geometry.arrays import FloatArray
from shortaxis.geometry.euler import rotation_from_angles
from shortaxis.geometry.pose import RigidPose
from shortaxis.geometry.pose_errors import geodesic_angle_deg
from shortaxis.quantification.tracing import trace_ventricle
from shortaxis.reorientation.estimate import PoseEstimate
from shortaxis.reorientation.methods import METHODS, estimate_pose
from shortaxis.spect.volume import SpectVolume
from shortaxis.workflow.annotation.registration.axis_orders import signed_permutations

__all__ = ["CardiacAxes", "apex_contrast", "cardiac_axes", "ventricle_center_mm"]

SURE_WITHIN_DEG = 35.0
"""Half-way between neighbouring poses lie 45 degrees."""

USUAL_DEG = (24.0, 0.0, 44.0)
"""Elevation, roll and azimuth of most hearts, where no estimator finds one."""

NEAR_AXIS_MM = 12.0
"""The cavity is wider than this, so at the base no wall is so near to the long axis."""

ENDS_MM = 15.0
"""How far around an end of the long axis its wall is searched for."""


@dataclass(frozen=True, eq=False)
class CardiacAxes:
    """Rotation of the heart, and how sure the choice is.

    `apart_deg` is how far the estimate that chose lies from it, None without one.
    """

    patient_from_cardiac: FloatArray
    apart_deg: float | None
    reasons: tuple[str, ...]


def cardiac_axes(
    axes: FloatArray, transaxial: SpectVolume
) -> tuple[CardiacAxes, PoseEstimate | None]:
    """Name the directions (3, 3) of slices, LPS, one a column.

    Returns
    -------
    CardiacAxes
        Always right-handed, whatever the slices are.
    PoseEstimate or None
        The automatic estimate that was asked.
    """
    estimate = _estimate(transaxial)
    usual = RigidPose(rotation_from_angles(*USUAL_DEG), transaxial.center_mm)
    asked = usual if estimate is None else estimate.pose
    left, _, right = np.linalg.svd(axes)
    poses = [
        RigidPose(turned, asked.center_mm)
        for turned in (left @ right @ order for order in signed_permutations())
        if np.linalg.det(turned) > 0
    ]
    nearest = min(poses, key=lambda pose: geodesic_angle_deg(pose, asked))
    apart_deg = geodesic_angle_deg(nearest, asked)
    reasons = []
    if estimate is None:
        reasons.append(
            "no estimator finds the heart: which axis is which is taken from most hearts"
        )
    elif apart_deg > SURE_WITHIN_DEG:
        reasons.append(
            f"the axes of the slices lie {apart_deg:.0f} degrees from the estimated ones"
        )
    return CardiacAxes(
        nearest.patient_from_cardiac, None if estimate is None else apart_deg, tuple(reasons)
    ), estimate


def ventricle_center_mm(
    rotation: FloatArray, transaxial: SpectVolume, estimate: PoseEstimate
) -> tuple[FloatArray, float]:
    """Middle of the long axis between the ends that the counts show, LPS mm, and its length."""
    pose = RigidPose(rotation, estimate.pose.center_mm)
    extent = estimate.extent
    size = () if extent is None else (extent.length_mm, extent.radius_mm)
    ends = trace_ventricle(transaxial, pose, *size).ends
    middle = np.array([0.0, 0.0, (ends.apex_z_mm + ends.valve_z_mm) / 2])
    return pose.to_patient(middle), ends.length_mm


def apex_contrast(pose: RigidPose, length_mm: float, transaxial: SpectVolume) -> float:
    """Counts on the long axis at the apex less those at the base, as part of the larger.

    Positive where the wall closes: at the apex it crosses the long axis, at the valve plane
    nothing does.
    """
    indices = np.moveaxis(np.indices(transaxial.shape), 0, -1).reshape(-1, 3)
    cardiac = pose.to_cardiac(apply_affine(transaxial.patient_from_index, indices))
    near = np.hypot(cardiac[:, 0], cardiac[:, 1]) < NEAR_AXIS_MM
    counts, z = transaxial.counts.reshape(-1)[near], cardiac[near, 2]
    ends = [float(counts[np.abs(z - sign * length_mm / 2) < ENDS_MM].mean()) for sign in (-1, 1)]
    return (ends[0] - ends[1]) / max(*ends, np.finfo(np.float64).tiny)


def _estimate(transaxial: SpectVolume) -> PoseEstimate | None:
    for method in METHODS:
        try:
            return estimate_pose(transaxial, method)
        except HeartNotFoundError:
            continue
    return None
