"""Take motion out of projections by shifting views."""

from __future__ import annotations

from shortaxis.reconstruction.motion.course import MotionFound
from shortaxis.spect.projections import Projections

__all__ = ["corrected"]


def corrected(projections: Projections, found: MotionFound) -> Projections:
    """Views shifted to where they would be had the patient lain at the mean place all the time.

    Along depth nothing is shifted: attenuation and blur stay those of where the patient lay.
    """
    raise NotImplementedError
