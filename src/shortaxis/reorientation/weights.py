"""Which network weights are installed."""

from __future__ import annotations

from collections.abc import Mapping

from shortaxis.errors import UnknownWeightsError
from shortaxis.reorientation.estimate import WeightsRecord

__all__ = ["INSTALLED_WEIGHTS", "find_weights"]

INSTALLED_WEIGHTS: Mapping[str, WeightsRecord] = {}
"""Records by name; this version ships no weights."""


def find_weights(name: str) -> WeightsRecord:
    """Record of installed weights.

    Raises
    ------
    UnknownWeightsError
        If no weights of this name are installed.
    """
    try:
        return INSTALLED_WEIGHTS[name]
    except KeyError:
        raise UnknownWeightsError(
            "network weights are not installed",
            expected=" or ".join(INSTALLED_WEIGHTS) or "no name: this version ships no weights",
            found=name,
            cause="a spelling mistake or another version; the method 'ellipsoid' needs no weights",
        ) from None
