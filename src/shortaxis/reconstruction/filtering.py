"""Volumes and views smoothed by a filter, and time slots by each other."""

from __future__ import annotations

from collections.abc import Sequence
from types import EllipsisType

import numpy as np
from scipy import fft

from shortaxis.errors import OptionError
from shortaxis.geometry.arrays import CountsArray, FloatArray
from shortaxis.reconstruction.post_filters import PostFilter, nyquist_per_cm

__all__ = ["filtered", "filtered_over_slots", "require_cutoff"]

ROUNDING = 1 + 1e-6
"""A cutoff at Nyquist itself is usual for Hann, and must not fail by rounding."""

PADDED = 1.5
"""Beyond the edges there are no counts: so many times the size keeps them from wrapping round."""


def filtered(
    counts: CountsArray, spacing_mm: Sequence[float], post_filter: PostFilter
) -> CountsArray:
    """Filter over the last ``len(spacing_mm)`` axes, equally in all directions.

    Parameters
    ----------
    counts : (..., slice, row, column) or (..., row, bin) array
    spacing_mm : sequence of float
        Of the filtered axes.

    Raises
    ------
    OptionError
        If the samples cannot hold the cutoff.
    """
    if post_filter.kind == "none":
        return counts
    require_cutoff(post_filter, max(spacing_mm))
    axes = tuple(range(-len(spacing_mm), 0))
    sizes = [counts.shape[axis] for axis in axes]
    padded = [fft.next_fast_len(int(PADDED * size), real=True) for size in sizes]
    gain = post_filter.gain(_frequency_per_cm(padded, spacing_mm)).astype(np.float32)
    spectrum = fft.rfftn(counts, s=padded, axes=axes) * gain
    smooth = fft.irfftn(spectrum, s=padded, axes=axes)
    kept: tuple[EllipsisType | slice, ...] = (..., *(slice(size) for size in sizes))
    return np.ascontiguousarray(smooth[kept])


def filtered_over_slots(slots: CountsArray) -> CountsArray:
    """Each time slot as half of itself and a quarter of each neighbour, around the cycle.

    Parameters
    ----------
    slots : (time_slot, ...) array
        Two slots or fewer are left as they are.

    Returns
    -------
    array of the same shape
        Its sum over the slots is that of `slots`.
    """
    if len(slots) < 3:
        return slots
    beside = np.roll(slots, 1, axis=0) + np.roll(slots, -1, axis=0)
    return np.asarray(slots / 2 + beside / 4, dtype=np.float32)


def require_cutoff(post_filter: PostFilter, sample_mm: float) -> None:
    """Raise `OptionError` if samples this far apart cannot hold the cutoff."""
    if post_filter.kind not in ("butterworth", "hann"):
        return
    highest = nyquist_per_cm(sample_mm)
    if post_filter.cutoff_per_cm > highest * ROUNDING:
        raise OptionError(
            "cutoff above the Nyquist frequency",
            expected=f"at most {highest:.3g} cycles/cm for {sample_mm:g} mm samples",
            found=f"{post_filter.cutoff_per_cm:g} cycles/cm",
            cause="a cutoff in cycles/mm, cycles/pixel or as a fraction of Nyquist",
            way_on="state the cutoff in cycles/cm, or convert it",
        )


def _frequency_per_cm(sizes: Sequence[int], spacing_mm: Sequence[float]) -> FloatArray:
    squares = np.zeros(())
    last = len(sizes) - 1
    for axis, (size, spacing) in enumerate(zip(sizes, spacing_mm, strict=True)):
        of = fft.rfftfreq if axis == last else fft.fftfreq
        shape = [1] * len(sizes)
        shape[axis] = -1
        squares = squares + np.square(of(size, spacing / 10)).reshape(shape)
    return np.sqrt(squares)
