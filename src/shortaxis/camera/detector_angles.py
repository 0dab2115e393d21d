"""Angles of the heads of a camera that have names; zero is at the patient's back."""

from __future__ import annotations

__all__ = ["RAO_DEG"]

RAO_DEG = 225.0
"""Right anterior oblique, 45 degrees off anterior: where a 180 degree cardiac orbit begins."""
