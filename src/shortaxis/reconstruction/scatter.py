"""Scattered counts in the photopeak, estimated from other energy windows.

Dual: ``0.5`` of the counts of a window below the peak (Jaszczak, Greer, Floyd, Harris, Coleman, J
Nucl Med 1984;25:893, for 92 to 125 keV under a peak window of 20 % at 140 keV). Triple: a trapezoid
under the peak between the densities of the windows beside it (Ogawa et al., IEEE Trans Med Imaging
1991;10:408); without an upper window, as is usual for Tc-99m, its upper side is zero.
"""

from __future__ import annotations

import numpy as np

from shortaxis.errors import OptionError
from shortaxis.geometry.arrays import CountsArray
from shortaxis.reconstruction.filtering import filtered
from shortaxis.reconstruction.post_filters import PostFilter
from shortaxis.spect.projections import Projections

__all__ = ["scatter_estimate", "scatter_methods_for"]

DUAL_PART = 0.5

SMOOTHING = PostFilter("gaussian", fwhm_mm=25.0)
"""Scatter is smooth, its few counts are not: a choice of ours, about four pixels."""

OVERLAP_KEV = 2.0
"""By which windows that stand beside each other may overlap."""


def scatter_methods_for(projections: Projections) -> tuple[str, ...]:
    """Corrections that the energy windows allow, the better first."""
    below, _ = _beside(projections)
    return ("triple", "dual", "none") if below else ("none",)


def scatter_estimate(projections: Projections, method: str) -> CountsArray | None:
    """Expected scatter in the photopeak, ``(time_slot, angular_view, row, bin)``.

    None if the method is ``none``.

    Raises
    ------
    OptionError
        If the windows for it are missing.
    """
    if method == "none":
        return None
    below, above = _beside(projections)
    if not below:
        raise OptionError(
            "no energy window below the photopeak",
            expected="counts of a scatter window",
            found=", ".join(f"{low:g} to {high:g} keV" for low, high in projections.windows_kev),
            cause="the camera stored the photopeak alone",
            way_on="reconstruct without scatter correction",
        )
    counts, width = projections.counts, _width_kev(projections, 0)
    if method == "dual":
        widest = max(below, key=lambda window: _width_kev(projections, window))
        estimate = DUAL_PART * counts[widest]
    else:
        beside = below[:1] + above[:1]
        parts = [counts[each] / _width_kev(projections, each) for each in beside]
        estimate = np.sum(parts, axis=0) * (width / 2)
    smooth = filtered(estimate.astype(np.float32), projections.pixel_mm, SMOOTHING)
    return np.maximum(smooth, 0)


def _beside(projections: Projections) -> tuple[list[int], list[int]]:
    """Windows below the peak and above it, the nearest first."""
    peak, *others = projections.windows_kev
    numbered = list(enumerate(others, start=1))
    below = [(peak[0] - high, n) for n, (_, high) in numbered if high <= peak[0] + OVERLAP_KEV]
    above = [(low - peak[1], n) for n, (low, _) in numbered if low >= peak[1] - OVERLAP_KEV]
    return [n for _, n in sorted(below)], [n for _, n in sorted(above)]


def _width_kev(projections: Projections, window: int) -> float:
    lower, upper = projections.windows_kev[window]
    return upper - lower
