"""Smoothing filters, and the units in which makers state their cutoffs.

Frequencies are cycles per cm. A cutoff stated as a fraction of Nyquist means
``fraction * 5 / sample_mm`` cycles per cm: Nyquist is half a cycle per sample (Bracewell, The
Fourier Transform and Its Applications, on sampling).

Examples
--------
>>> round(per_cm_from_nyquist(0.5, 6.4), 3)
0.391
>>> round(nyquist_from_per_cm(0.391, 6.4), 2)
0.5
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from shortaxis.errors import OptionError
from shortaxis.geometry.arrays import FloatArray

__all__ = [
    "FILTER_KINDS",
    "PostFilter",
    "nyquist_from_per_cm",
    "nyquist_per_cm",
    "per_cm_from_nyquist",
]

FILTER_KINDS = ("none", "butterworth", "hann", "gaussian")

FWHM_PER_SIGMA = 2 * math.sqrt(2 * math.log(2))


def nyquist_per_cm(sample_mm: float) -> float:
    """Highest frequency that samples hold, cycles per cm."""
    return 5 / sample_mm


def per_cm_from_nyquist(fraction: float, sample_mm: float) -> float:
    """Cycles per cm of a cutoff that is stated as a fraction of Nyquist."""
    return fraction * nyquist_per_cm(sample_mm)


def nyquist_from_per_cm(cutoff_per_cm: float, sample_mm: float) -> float:
    """Fraction of Nyquist of a cutoff in cycles per cm."""
    return cutoff_per_cm / nyquist_per_cm(sample_mm)


@dataclass(frozen=True)
class PostFilter:
    """A filter that is equal in all directions.

    Parameters
    ----------
    kind : {"none", "butterworth", "hann", "gaussian"}
        Gain over frequency ``f``. Butterworth: ``1 / (1 + (f / cutoff) ** (2 order))``, half at
        the cutoff (some makers take its root, 0.71 at the cutoff, or call twice the order
        "power"). Hann: ``(1 + cos(pi f / cutoff)) / 2``, none above the cutoff. Gaussian:
        ``exp(-2 (pi sigma f) ** 2)``.
    cutoff_per_cm : float
        Butterworth and Hann: cycles per cm.
    order : float
        Butterworth.
    fwhm_mm : float
        Gaussian: full width at half maximum.
    """

    kind: str = "butterworth"
    cutoff_per_cm: float = 0.4
    order: float = 10.0
    fwhm_mm: float = 8.0

    def __post_init__(self) -> None:
        if self.kind not in FILTER_KINDS:
            raise OptionError(
                "unknown filter", expected=", ".join(FILTER_KINDS), found=str(self.kind)
            )
        for name, highest in (("cutoff_per_cm", 5.0), ("order", 50.0), ("fwhm_mm", 50.0)):
            value = getattr(self, name)
            if not (math.isfinite(value) and 0 < value <= highest):
                raise OptionError(
                    f"{name} out of range",
                    expected=f"above 0, at most {highest:g}",
                    found=str(value),
                )

    @classmethod
    def with_nyquist_cutoff(
        cls, kind: str, fraction: float, sample_mm: float, order: float = 10.0
    ) -> PostFilter:
        """The filter whose cutoff is stated as a fraction of the Nyquist frequency of samples."""
        return cls(kind, per_cm_from_nyquist(fraction, sample_mm), order)

    def gain(self, frequency_per_cm: FloatArray) -> FloatArray:
        """Factor at frequencies in cycles per cm, any shape."""
        frequency = np.abs(np.asarray(frequency_per_cm, dtype=np.float64))
        if self.kind == "butterworth":
            return np.asarray(1 / (1 + (frequency / self.cutoff_per_cm) ** (2 * self.order)))
        if self.kind == "hann":
            share = np.minimum(frequency / self.cutoff_per_cm, 1)
            return np.asarray((1 + np.cos(np.pi * share)) / 2)
        if self.kind == "gaussian":
            sigma_cm = self.fwhm_mm / 10 / FWHM_PER_SIGMA
            return np.asarray(np.exp(-2 * (np.pi * sigma_cm * frequency) ** 2))
        return np.ones_like(frequency)

    def words(self, sample_mm: float) -> str:
        """For headers and reports: both units of the cutoff, for samples this far apart."""
        if self.kind == "none":
            return "no filter"
        if self.kind == "gaussian":
            return f"Gaussian {self.fwhm_mm:.3g} mm FWHM"
        fraction = nyquist_from_per_cm(self.cutoff_per_cm, sample_mm)
        order = f", order {self.order:.3g}" if self.kind == "butterworth" else ""
        return (
            f"{self.kind.capitalize()} {self.cutoff_per_cm:.3g} cycles/cm"
            f" ({fraction:.2g} of Nyquist){order}"
        )
