"""Raw exams of a drawn heart, whose pose is known exactly."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from drawn_study import study_volume
from raw_views import cardiac_angles, views_of_volume, write_raw
from shortaxis.geometry.arrays import CountsArray

__all__ = ["ANGLES", "heart_views", "write_gated_raw_exam", "write_raw_exam"]

ANGLES = cardiac_angles(32)


def heart_views() -> CountsArray:
    """Views of the drawn study, ``(view, row, bin)``, of a few hundred counts in the hottest."""
    return views_of_volume(study_volume(), ANGLES)


def write_raw_exam(path: Path, **options: Any) -> Path:
    """The drawn study as a camera of one head counts it; its pose is `drawn_study.study_pose`."""
    return _write(path, heart_views(), **options)


def write_gated_raw_exam(path: Path, slots: int = 4, **options: Any) -> Path:
    """The same in time slots, all of them alike but for the noise of rounding."""
    views = np.stack([np.round(heart_views() / slots + 0.1 * slot) for slot in range(slots)])
    return _write(path, views[None].astype(np.float32), is_gated=True, **options)


def _write(path: Path, views: CountsArray, **options: Any) -> Path:
    x, y, z = study_volume().center_mm.tolist()
    given = {"pixel_mm": 6.4, "radius_mm": 250.0, "axis_mm": (x, y, z), **options}
    return write_raw(path, views, ANGLES, **given)
