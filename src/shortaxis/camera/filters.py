"""Smoothing in true frequency, cycles per cm.

Frequencies are in cycles per cm because that is what scanners and papers print, with few
exceptions. One is the "Butterworth, 0.3 cycles/mm, order 10" of Zhu et al. (arXiv 2208.03752):
voxels of 6.4 mm hold nothing above their Nyquist frequency, 0.5 / 0.64 = 0.78 cycles/cm, so 3
cycles/cm would do nothing. It can mean 0.3 cycles/cm (0.38 of Nyquist), 0.3 cycles/pixel (0.47
cycles/cm), or 0.3 of Nyquist (0.23 cycles/cm). A cutoff above Nyquist is an error here, never a
filter without effect.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

import torch
from torch import Tensor

from shortaxis.errors import GeometryError, OptionError

__all__ = ["Butterworth", "FrequencyWindow", "Gaussian", "Hanning", "filter_counts"]


class FrequencyWindow(Protocol):
    """A gain for each frequency."""

    def __hash__(self) -> int:
        """Windows of the same parameters are the same."""
        ...

    @property
    def highest_per_cm(self) -> float:
        """The frequency that must not be above Nyquist for the filter to be what it says."""
        ...

    def gain(self, frequency_per_cm: Tensor) -> Tensor:
        """Factor at frequencies in cycles per cm."""
        ...


@dataclass(frozen=True)
class Butterworth:
    """``1 / (1 + (f / cutoff) ** (2 order))``: half at the cutoff.

    Some makers take the root of this (0.71 at the cutoff), or write ``order`` for twice it.
    """

    cutoff_per_cm: float
    order: float

    def __post_init__(self) -> None:
        _check_above_zero("cutoff_per_cm", self.cutoff_per_cm)
        _check_above_zero("order", self.order)

    @property
    def highest_per_cm(self) -> float:
        """The cutoff."""
        return self.cutoff_per_cm

    def gain(self, frequency_per_cm: Tensor) -> Tensor:
        """Factor at frequencies in cycles per cm."""
        return 1 / (1 + (frequency_per_cm / self.cutoff_per_cm) ** (2 * self.order))


@dataclass(frozen=True)
class Hanning:
    """``(1 + cos(pi f / cutoff)) / 2`` up to the cutoff, zero above: half at half the cutoff."""

    cutoff_per_cm: float

    def __post_init__(self) -> None:
        _check_above_zero("cutoff_per_cm", self.cutoff_per_cm)

    @property
    def highest_per_cm(self) -> float:
        """The cutoff."""
        return self.cutoff_per_cm

    def gain(self, frequency_per_cm: Tensor) -> Tensor:
        """Factor at frequencies in cycles per cm."""
        share = (frequency_per_cm.abs() / self.cutoff_per_cm).clamp(max=1)
        return (1 + torch.cos(math.pi * share)) / 2


@dataclass(frozen=True)
class Gaussian:
    """Blur by a Gaussian: ``exp(-2 (pi sigma f) ** 2)``."""

    fwhm_mm: float

    def __post_init__(self) -> None:
        _check_above_zero("fwhm_mm", self.fwhm_mm)

    @property
    def highest_per_cm(self) -> float:
        """None: a narrow Gaussian is a weak filter, as one expects."""
        return 0.0

    def gain(self, frequency_per_cm: Tensor) -> Tensor:
        """Factor at frequencies in cycles per cm."""
        sigma_cm = self.fwhm_mm / 10 / (2 * math.sqrt(2 * math.log(2)))
        return torch.exp(-2 * (math.pi * sigma_cm * frequency_per_cm) ** 2)


def filter_counts(counts: Tensor, spacing_mm: Sequence[float], window: FrequencyWindow) -> Tensor:
    """Filter over the last ``len(spacing_mm)`` axes, equally in all directions.

    Parameters
    ----------
    counts : (..., slice, row, column) or (angular_view, slice, bin) tensor
        A volume with three spacings, or projections with two.
    spacing_mm : sequence of float
        Spacing of the filtered axes.
    window : FrequencyWindow
        What to keep. Its cutoff must not be above the Nyquist frequency of any filtered axis.

    Returns
    -------
    tensor of the same shape
        Beyond the edges there are no counts: the array is padded with zeros to twice its size, so
        nothing wraps around.
    """
    check_cutoff(spacing_mm, window)
    if len(spacing_mm) > counts.ndim:
        raise GeometryError(
            "more spacings than axes",
            expected=f"at most {counts.ndim}",
            found=f"{len(spacing_mm)}",
        )
    axes = tuple(range(-len(spacing_mm), 0))
    sizes = [counts.shape[axis] for axis in axes]
    padded = [2 * size for size in sizes]
    gain = _gain(window, tuple(padded), tuple(spacing_mm), counts.dtype)
    spectrum = torch.fft.rfftn(counts, s=padded, dim=axes).mul_(gain)
    # The last axis by itself, once the padding of the others is gone.
    if axes[:-1]:
        spectrum = torch.fft.ifftn(spectrum, dim=axes[:-1])
        spectrum = spectrum[(..., *(slice(size) for size in sizes[:-1]), slice(None))]
    filtered = torch.fft.irfft(spectrum, n=padded[-1])
    cropped: Tensor = filtered[..., : sizes[-1]]
    return cropped.contiguous()


def check_cutoff(spacing_mm: Sequence[float], window: FrequencyWindow) -> None:
    """Refuse a cutoff that the sampling cannot hold."""
    nyquist_per_cm = 5 / max(spacing_mm)
    # A cutoff at Nyquist itself is usual for Hanning, and must not fail by rounding.
    if window.highest_per_cm > nyquist_per_cm * (1 + 1e-6):
        raise OptionError(
            "cutoff above the Nyquist frequency",
            expected=f"at most {nyquist_per_cm:.3g} cycles/cm for {max(spacing_mm):g} mm samples",
            found=f"{window.highest_per_cm:g} cycles/cm",
            cause="a cutoff in cycles/mm, cycles/pixel or shares of Nyquist",
        )


@lru_cache(maxsize=1)
def _gain(
    window: FrequencyWindow,
    sizes: tuple[int, ...],
    spacing_mm: tuple[float, ...],
    dtype: torch.dtype,
) -> Tensor:
    """Factors of a spectrum; time slots are filtered one after the other, all alike."""
    gain = window.gain(_radial_frequency_per_cm(sizes, spacing_mm)).to(dtype)
    for axis, size in enumerate(sizes[:-1]):
        # Negative frequencies have the factors of positive ones.
        place = torch.arange(size)
        gain = gain.index_select(axis, torch.minimum(place, size - place))
    return gain


def _radial_frequency_per_cm(sizes: Sequence[int], spacing_mm: Sequence[float]) -> Tensor:
    """None of them negative: of one side of each axis."""
    frequencies = [
        torch.fft.rfftfreq(size, spacing / 10, dtype=torch.float64)
        for size, spacing in zip(sizes, spacing_mm, strict=True)
    ]
    squares = torch.zeros((), dtype=torch.float64)
    for axis, frequency in enumerate(frequencies):
        shape = [1] * len(sizes)
        shape[axis] = -1
        squares = squares + frequency.view(shape) ** 2
    return squares.sqrt()


def _check_above_zero(name: str, value: float) -> None:
    if not (math.isfinite(value) and value > 0):
        raise OptionError(f"{name} out of range", expected="above 0", found=str(value))
