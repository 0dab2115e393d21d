"""Find motion of the patient in projections."""

from __future__ import annotations

from shortaxis.reconstruction.motion.course import MotionFound
from shortaxis.spect.projections import Projections

__all__ = ["find_motion"]


def find_motion(projections: Projections) -> MotionFound:
    """Look for jumps and creeps of the patient, along the body and across.

    Gated projections are summed over their time slots.
    """
    raise NotImplementedError
