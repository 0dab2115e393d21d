"""The estimators by the names that users give."""

from __future__ import annotations

from collections.abc import Callable

from shortaxis.errors import OptionError
from shortaxis.reorientation.ellipsoid import estimate_pose_by_ellipsoid
from shortaxis.reorientation.estimate import PoseEstimate
from shortaxis.reorientation.weights import find_weights
from shortaxis.spect.volume import SpectVolume

__all__ = ["METHODS", "estimate_pose"]

METHODS: dict[str, Callable[[SpectVolume], PoseEstimate]] = {
    "ellipsoid": estimate_pose_by_ellipsoid,
}
"""Estimators that need no weights."""

NETWORK = "network"
"""The method whose weights are looked up by name."""


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
    if method == NETWORK:
        find_weights(weights or "default")
    if method not in METHODS:
        raise OptionError("unknown method", expected=" or ".join(METHODS), found=method)
    if weights is not None:
        raise OptionError(
            "weights were named for a method without weights", expected=NETWORK, found=method
        )
    return METHODS[method](volume)
