"""Short-axis slices that SimpleITK cuts; the evidence cuts them in the same way."""

from __future__ import annotations

from evidence.measuring.real_studies.cut_slices import (
    CutSlices,
    cut_slices,
    turn_between_deg,
    write_nifti_with,
)

__all__ = [
    "CutSlices",
    "cut_slices",
    "turn_between_deg",
    "write_nifti_with",
]
