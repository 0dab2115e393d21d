"""Names of the methods, which estimates carry; `shortaxis.reorientation.methods` says the rest."""

from __future__ import annotations

__all__ = ["ELLIPSOID_NAME", "MANUAL_NAME", "NETWORK_NAME"]

NETWORK_NAME = "network"
ELLIPSOID_NAME = "ellipsoid"
MANUAL_NAME = "manual"
"""A pose that was given instead of estimated."""
