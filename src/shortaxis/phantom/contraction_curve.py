"""How much of the stroke volume has left the cavity at each moment of the cycle.

One smooth curve, a Fourier series of two harmonics, so that its mean over three or more evenly
spaced time slots is its mean over the cycle.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import cos, pi, sin

import numpy as np
import torch
from torch import Tensor

from shortaxis.phantom.regional_contraction import USUAL_SYSTOLE

__all__ = [
    "USUAL_CURVE",
    "ContractionCurve",
    "contraction_at",
    "curve_with_systole",
]

DIASTASIS = 0.2
"""Part of the stroke volume that is still out in diastasis, before the atria contract."""


@dataclass(frozen=True)
class ContractionCurve:
    """``mean + sum of cosines * cos + sines * sin`` of one and two turns a cycle."""

    mean: float
    cosines: tuple[float, float]
    sines: tuple[float, float]

    def field(self, cycle_fraction: Tensor) -> Tensor:
        """Value at every moment of a tensor of cycle fractions."""
        value = torch.full_like(cycle_fraction, self.mean)
        for order, cosine, sine in zip((1, 2), self.cosines, self.sines, strict=True):
            turn = 2 * pi * order * cycle_fraction
            value = value + cosine * torch.cos(turn) + sine * torch.sin(turn)
        return value


USUAL_CURVE = ContractionCurve(0.4189, (-0.3775, -0.0414), (0.2603, -0.1302))
"""End diastole at 0 and end systole (1) at 3/8 of the cycle, both with level tangents, and 0.2
in diastasis at 3/4: five conditions, five numbers."""


def contraction_at(cycle_fraction: float, curve: ContractionCurve = USUAL_CURVE) -> float:
    """Part of the stroke volume that has left the cavity: 0 end diastole, 1 end systole."""
    turns = [2 * pi * cycle_fraction * order for order in (1, 2)]
    waves = zip(turns, curve.cosines, curve.sines, strict=True)
    return curve.mean + sum(a * cos(t) + b * sin(t) for t, a, b in waves)


@lru_cache(maxsize=64)
def curve_with_systole(end_systole: float) -> ContractionCurve:
    """Curve whose end systole lies at another part of the cycle; diastasis lies midway after it.

    >>> curve = curve_with_systole(0.45)
    >>> round(contraction_at(0.45, curve), 6), round(contraction_at(0.0, curve), 6)
    (1.0, 0.0)
    """
    if end_systole == USUAL_SYSTOLE:
        return USUAL_CURVE
    diastasis = end_systole + 0.6 * (1 - end_systole)
    rows = [_row(0), _slope(0), _row(end_systole), _slope(end_systole), _row(diastasis)]
    mean, a1, a2, b1, b2 = np.linalg.solve(rows, [0, 0, 1, 0, DIASTASIS]).tolist()
    return ContractionCurve(mean, (a1, a2), (b1, b2))


def _row(moment: float) -> list[float]:
    once, twice = 2 * pi * moment, 4 * pi * moment
    return [1.0, cos(once), cos(twice), sin(once), sin(twice)]


def _slope(moment: float) -> list[float]:
    once, twice = 2 * pi * moment, 4 * pi * moment
    return [0.0, -sin(once), -2 * sin(twice), cos(once), 2 * cos(twice)]
