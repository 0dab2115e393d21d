"""The table of methods: every way in which a pose comes about, one row each.

The command line, the review sheet, the DICOM output, the evaluation and the documentation read
their facts here. A new method is a new row with the next free number. Numbers stay: the Series
Numbers of derived DICOM series follow from them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from shortaxis.errors import OptionError
from shortaxis.inference.runtimes import Runtime, require_runtime
from shortaxis.reorientation.named_methods import (
    BFLOAT16_NAME,
    ELLIPSOID_NAME,
    MANUAL_NAME,
    NETWORK_NAME,
    OPENVINO_NAME,
)

if TYPE_CHECKING:
    from shortaxis.reorientation.estimate import PoseEstimate
    from shortaxis.spect.volume import SpectVolume

__all__ = [
    "BFLOAT16",
    "DEFAULT_METHOD",
    "ELLIPSOID",
    "EXTRA_METHODS",
    "MANUAL",
    "METHODS",
    "METHOD_TABLE",
    "NETWORK",
    "OPENVINO",
    "Method",
    "UncertaintyKind",
    "estimate_pose",
    "known_method",
    "method_names",
    "offered_methods",
    "require_method",
]

Estimator = Callable[["SpectVolume", "str | None"], "PoseEstimate"]
"""From a transaxial volume and the name of weights (None: the default ones) to a pose."""


class UncertaintyKind(Enum):
    """What the uncertainty of a method is, as the review sheet names it."""

    BOUNDS = "90 % bounds"
    """Nine of ten errors of calibration exams are smaller."""
    FIT_SPREAD = "Fit spread"
    """The spread of a fit, which is less than its error."""
    UNKNOWN = "Uncertainty"
    """Nothing is known of it."""


@dataclass(frozen=True)
class Method:
    """One row: how a pose comes about, and what is known of it.

    Parameters
    ----------
    name : str
        As users give it and ``pose.json`` reports it.
    number : int
        From 0, never changed and never used again: Series Numbers follow from it.
    source : str
        Where the pose comes from, for the documentation.
    sees_roll : bool
        Whether the roll is seen; if not, it is a convention (beta = 0).
    takes_weights : bool
        Whether network weights can be chosen.
    uncertainty : UncertaintyKind
        What the uncertainty means.
    estimator : callable or None
        How it estimates; None for poses that are given.
    runtime : Runtime
        What runs its networks, if it has any.
    """

    name: str
    number: int
    source: str
    sees_roll: bool
    takes_weights: bool
    uncertainty: UncertaintyKind
    estimator: Estimator | None = None
    runtime: Runtime = Runtime.ONNX_RUNTIME

    def estimate(self, volume: SpectVolume, weights: str | None = None) -> PoseEstimate:
        """Estimate the pose of the left ventricle in a transaxial volume.

        Raises
        ------
        OptionError
            If weights are named for a method that has none, or the method estimates nothing.
        UnknownWeightsError
            If the weights are not installed.
        HeartNotFoundError
            If nothing in the volume could be a left ventricle.
        MissingExtraError
            If it needs more than the base install.
        """
        if self.estimator is None:
            raise OptionError(
                "the method estimates nothing", expected=method_names(), found=self.name
            )
        if weights is not None and not self.takes_weights:
            raise OptionError(
                "weights were named for a method without weights",
                expected=" or ".join(
                    name for name, each in offered_methods().items() if each.takes_weights
                ),
                found=self.name,
            )
        return self.estimator(volume, weights)


# Estimators are imported when they run, so that the command line can read the table without them.


def _by_networks_in(runtime: Runtime) -> Estimator:
    def estimator(volume: SpectVolume, weights: str | None) -> PoseEstimate:
        from shortaxis.reorientation.network_estimate import estimate_pose_by_network
        from shortaxis.reorientation.weights import DEFAULT_WEIGHTS

        named = DEFAULT_WEIGHTS if weights is None else weights
        return estimate_pose_by_network(volume, named, runtime)

    return estimator


def _by_ellipsoid(volume: SpectVolume, weights: str | None) -> PoseEstimate:
    from shortaxis.reorientation.ellipsoid import estimate_pose_by_ellipsoid

    return estimate_pose_by_ellipsoid(volume)


NETWORK = Method(
    NETWORK_NAME,
    0,
    "a cascade of two small networks",
    sees_roll=True,
    takes_weights=True,
    uncertainty=UncertaintyKind.BOUNDS,
    estimator=_by_networks_in(Runtime.ONNX_RUNTIME),
)

ELLIPSOID = Method(
    ELLIPSOID_NAME,
    1,
    "an ellipsoid fitted to the wall",
    sees_roll=False,
    takes_weights=False,
    uncertainty=UncertaintyKind.FIT_SPREAD,
    estimator=_by_ellipsoid,
)

MANUAL = Method(
    MANUAL_NAME,
    2,
    "a pose that was given",
    sees_roll=True,
    takes_weights=False,
    uncertainty=UncertaintyKind.UNKNOWN,
)

OPENVINO = Method(
    OPENVINO_NAME,
    3,
    "the same cascade, run by OpenVINO",
    sees_roll=True,
    takes_weights=True,
    uncertainty=UncertaintyKind.BOUNDS,
    estimator=_by_networks_in(Runtime.OPENVINO),
    runtime=Runtime.OPENVINO,
)

BFLOAT16 = Method(
    BFLOAT16_NAME,
    4,
    "the same cascade, run by OpenVINO in bfloat16",
    sees_roll=True,
    takes_weights=True,
    uncertainty=UncertaintyKind.BOUNDS,
    estimator=_by_networks_in(Runtime.OPENVINO_BFLOAT16),
    runtime=Runtime.OPENVINO_BFLOAT16,
)

METHOD_TABLE = (NETWORK, ELLIPSOID, MANUAL, OPENVINO, BFLOAT16)
"""Every method."""

METHODS: dict[str, Method] = {
    each.name: each
    for each in METHOD_TABLE
    if each.estimator is not None and not each.runtime.is_extra
}
"""Those of the base install that estimate, by the names that users give; the default one first.

Where all methods are meant, these are.
"""

EXTRA_METHODS: dict[str, Method] = {
    each.name: each for each in METHOD_TABLE if each.runtime.is_extra
}
"""Those that need more than the base install; they are taken where they are named."""

DEFAULT_METHOD = NETWORK.name


def method_names() -> str:
    """Names of the methods that estimate, for help and errors.

    Examples
    --------
    >>> method_names()
    'network, ellipsoid, network-openvino or network-openvino-bf16'
    """
    *names, last = offered_methods()
    return f"{', '.join(names)} or {last}"


def offered_methods() -> dict[str, Method]:
    """Those that estimate, by the names that users may give: of the base install, then others."""
    return {**METHODS, **EXTRA_METHODS}


def known_method(name: str) -> Method:
    """The row of a name that a pose carries; one of other origin counts as a given pose."""
    return offered_methods().get(name, MANUAL)


def require_method(name: str) -> Method:
    """The row of a method that estimates.

    Raises
    ------
    OptionError
        For any other name, with those that are known; or if this processor cannot run it.
    MissingExtraError
        If it needs more than the base install, which is not there.
    """
    method = offered_methods().get(name)
    if method is None:
        raise OptionError("unknown method", expected=method_names(), found=name)
    require_runtime(method.runtime)
    return method


def estimate_pose(volume: SpectVolume, method: str, weights: str | None = None) -> PoseEstimate:
    """Estimate the pose of the left ventricle by the method of this name.

    Raises
    ------
    OptionError, UnknownWeightsError, HeartNotFoundError, MissingExtraError
        As `require_method` and `Method.estimate`.
    """
    return require_method(method).estimate(volume, weights)
