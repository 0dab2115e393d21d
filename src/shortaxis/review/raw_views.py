"""What the review page shows of the projections that a study was made of."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import numpy as np

from shortaxis.dicom.reading.projections import read_projections
from shortaxis.errors import InputNotFoundError
from shortaxis.geometry.arrays import CountsArray
from shortaxis.reconstruction.motion.course import MotionFound
from shortaxis.reconstruction.motion.displays import displays_of
from shortaxis.reconstruction.motion.finding import find_motion
from shortaxis.review.opened import OpenedStudy

__all__ = ["holds_projections", "projections_record"]

FULL_PERCENTILE = 99.8
"""Of the values of a picture, shown brightest."""


def holds_projections(opened: OpenedStudy) -> bool:
    """Whether the study was reconstructed here, from projections."""
    series = opened.found.series
    return series is not None and series.holds_projections


def projections_record(opened: OpenedStudy) -> dict[str, Any]:
    """Cine, sinogram and linogram of a study, and where the patient lay in each view.

    Pictures are levels 0 to 255, base64: ``cine`` (view, row, bin), ``sinogram`` (view, bin),
    ``linogram`` (view, row). ``course_mm`` is LPS mm at each step, of which all heads take a view;
    ``marked_views`` are the first ones after a jump.

    Raises
    ------
    InputNotFoundError
        If the study was not made of projections.
    """
    series = opened.found.series
    if series is None or not series.holds_projections:
        raise InputNotFoundError(
            "was not made of projections here",
            expected="a study that was reconstructed from raw projections",
            found=opened.found.kind,
        )
    projections = read_projections(series, opened.found.reading).projections
    motion = find_motion(projections)
    shown = displays_of(projections, motion)
    views, rows, bins = shown.cine.shape
    return {
        "views": views,
        "rows": rows,
        "bins": bins,
        "heads": projections.heads,
        "angles_deg": [round(float(angle), 1) for angle in projections.angles_deg],
        "cine": _levels(shown.cine),
        "sinogram": _levels(shown.sinogram),
        "linogram": _levels(shown.linogram),
        "marked_views": list(shown.marked_views),
        "course_mm": np.round(motion.course_mm, 1).tolist(),
        "words": _words(motion),
        "made": opened.loaded.study.facts.reconstructed_here,
    }


def _levels(counts: CountsArray) -> str:
    full = float(np.percentile(counts, FULL_PERCENTILE)) or 1.0
    levels = np.clip(counts * (255 / full), 0, 255).astype(np.uint8)
    return b64encode(np.ascontiguousarray(levels).tobytes()).decode("ascii")


def _words(motion: MotionFound) -> str:
    """What was found, in a sentence or two."""
    words = "No motion was found."
    if motion.is_motion:
        kinds = [f"{len(motion.jumps)} jump{'s' * (len(motion.jumps) > 1)}"] * bool(motion.jumps)
        kinds += ["a creep"] * any(motion.creep_mm)
        words = f"The patient moved by up to {motion.range_mm:.0f} mm: {' and '.join(kinds)}."
    if motion.cannot_tell:
        words = f"{words} Not to be told from these views: {motion.cannot_tell}."
    return words
