"""Names of the methods, which estimates carry; `shortaxis.reorientation.methods` says the rest."""

from __future__ import annotations

__all__ = ["BFLOAT16_NAME", "ELLIPSOID_NAME", "MANUAL_NAME", "NETWORK_NAME", "OPENVINO_NAME"]

NETWORK_NAME = "network"
ELLIPSOID_NAME = "ellipsoid"
MANUAL_NAME = "manual"
"""A pose that was given instead of estimated."""
OPENVINO_NAME = "network-openvino"
BFLOAT16_NAME = "network-openvino-bf16"
