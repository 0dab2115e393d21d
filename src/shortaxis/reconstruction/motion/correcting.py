"""Take motion out of projections by shifting views."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from shortaxis.errors import GeometryError
from shortaxis.reconstruction.motion.course import MotionFound
from shortaxis.reconstruction.motion.view_shifts import (
    pixels_from_patient,
    shifted_views,
    steps_of_views,
)
from shortaxis.spect.projections import Projections

__all__ = ["corrected"]


def corrected(projections: Projections, found: MotionFound) -> Projections:
    """Views shifted to where they would be had the patient lain at the mean place all the time.

    Interpolated by cubic splines, rows and bins beyond the edge repeated, none below zero. Along
    depth nothing is shifted: attenuation and blur stay those of where the patient lay.

    Raises
    ------
    GeometryError
        If `found` is of projections with another number of steps.
    """
    steps = steps_of_views(projections)
    if len(found.course_mm) != steps.max() + 1:
        raise GeometryError(
            "the motion is of other projections",
            expected=f"{steps.max() + 1} steps",
            found=f"{len(found.course_mm)} steps",
        )
    course_mm = found.course_mm[steps]
    back = -np.einsum("vij,vj->vi", pixels_from_patient(projections), course_mm)
    return replace(projections, counts=np.maximum(shifted_views(projections.counts, back), 0))
