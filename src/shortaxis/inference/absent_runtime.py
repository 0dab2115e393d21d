"""What is said where OpenVINO is wanted and is not there."""

from __future__ import annotations

from shortaxis.errors import MissingExtraError

__all__ = ["missing_openvino"]


def missing_openvino(found: str) -> MissingExtraError:
    """The error for an OpenVINO that is not there, or cannot be loaded."""
    return MissingExtraError(
        "the networks cannot run in OpenVINO, which is not installed",
        expected='pip install "shortaxis[openvino]"',
        found=found,
        cause="the base install leaves out what no pose needs",
        way_on="the method 'network' runs without it",
    )
