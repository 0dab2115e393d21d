"""The post-filter of a scenario, applied to a volume."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor

from shortaxis.camera.filters import (
    Butterworth,
    FrequencyWindow,
    Gaussian,
    Hanning,
    filter_counts,
)
from shortaxis.simulation.acquisition import PostFilter

__all__ = ["filtered", "window_of"]


def window_of(post_filter: PostFilter, voxel_mm: Sequence[float]) -> FrequencyWindow | None:
    """Frequency window of a filter; a cutoff above Nyquist is taken at Nyquist, as cameras do."""
    nyquist_per_cm = 5 / max(voxel_mm)
    cutoff_per_cm = min(post_filter.cutoff_per_cm, nyquist_per_cm)
    windows: dict[str, FrequencyWindow | None] = {
        "none": None,
        "butterworth": Butterworth(cutoff_per_cm, post_filter.order),
        "hanning": Hanning(cutoff_per_cm),
        "gaussian": Gaussian(post_filter.fwhm_mm),
    }
    return windows[post_filter.kind]


def filtered(volume: Tensor, voxel_mm: Sequence[float], post_filter: PostFilter) -> Tensor:
    """Filter ``(slice, row, column)`` counts in three dimensions."""
    window = window_of(post_filter, voxel_mm)
    return volume if window is None else filter_counts(volume, voxel_mm, window)
