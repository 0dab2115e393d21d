"""The estimators by the names that users give."""

from __future__ import annotations

from collections.abc import Callable

from shortaxis.errors import OptionError
from shortaxis.reorientation.ellipsoid import estimate_pose_by_ellipsoid
from shortaxis.reorientation.estimate import PoseEstimate
from shortaxis.reorientation.network_estimate import METHOD as NETWORK
from shortaxis.reorientation.network_estimate import estimate_pose_by_network
from shortaxis.spect.volume import SpectVolume

__all__ = ["METHODS", "estimate_pose"]

METHODS: dict[str, Callable[[SpectVolume], PoseEstimate]] = {
    NETWORK: estimate_pose_by_network,
    "ellipsoid": estimate_pose_by_ellipsoid,
}
"""Estimators; those with weights use the ones that are installed as ``default``."""


def estimate_pose(volume: SpectVolume, method: str, weights: str | None = None) -> PoseEstimate:
    """Estimate the pose of the left ventricle in a transaxial volume.

    Raises
    ------
    OptionError
        For an unknown method, or weights given to a method that has none.
    UnknownWeightsError
        If the weights of the network are not installed.
    HeartNotFoundError
        If nothing in the volume could be a left ventricle.
    """
    if method not in METHODS:
        raise OptionError("unknown method", expected=" or ".join(METHODS), found=method)
    if weights is None:
        return METHODS[method](volume)
    if method != NETWORK:
        raise OptionError(
            "weights were named for a method without weights", expected=NETWORK, found=method
        )
    return estimate_pose_by_network(volume, weights)
