"""What forms the image of a camera, as far as it changes what a healthy heart looks like."""

from __future__ import annotations

__all__ = ["CAMERA_KINDS", "MULTI_PINHOLE", "PARALLEL_HOLES", "PET"]

PARALLEL_HOLES, MULTI_PINHOLE, PET = "parallel holes", "multi-pinhole", "PET"

CAMERA_KINDS = (PARALLEL_HOLES, MULTI_PINHOLE, PET)
"""Their sharpness differs, and what attenuates on the way."""
