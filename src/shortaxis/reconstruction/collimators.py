"""Parallel-hole collimators: how sharp they are at each distance.

Resolution after Anger 1964 and Cherry, Sorenson, Phelps (Physics in Nuclear Medicine, 14.C):
geometric FWHM ``hole_diameter (L + d + b) / L`` with the effective length ``L = hole_length - 2 /
septal_attenuation``, added in squares to the intrinsic FWHM.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from shortaxis.errors import GeometryError
from shortaxis.geometry.arrays import FloatArray

__all__ = ["COLLIMATORS", "Collimator", "collimator_named_in", "lead_per_cm"]

LEAD_KEV = (60.0, 80.0, 100.0, 150.0, 200.0)
LEAD_CM2_PER_G = (5.021, 2.419, 5.549, 2.014, 0.9985)
LEAD_G_PER_CM3 = 11.35
LEAD_K_EDGE_KEV = 88.0
"""NIST XCOM; the K edge lies between the second and the third energy."""


def lead_per_cm(energy_kev: float) -> float:
    """Attenuation of lead, 1/cm, interpolated on logarithmic axes on one side of the K edge."""
    side = slice(0, 2) if energy_kev < LEAD_K_EDGE_KEV else slice(2, None)
    logarithm = np.interp(np.log(energy_kev), np.log(LEAD_KEV[side]), np.log(LEAD_CM2_PER_G[side]))
    return float(np.exp(logarithm) * LEAD_G_PER_CM3)


@dataclass(frozen=True)
class Collimator:
    """A parallel-hole collimator and the detector behind it.

    Parameters
    ----------
    hole_diameter_mm, hole_length_mm : float
        Holes, across flats and along.
    image_plane_mm : float
        From the collimator's back to the middle of the crystal.
    intrinsic_fwhm_mm : float
        Of crystal and electronics at 140 keV; it grows with the root of the lost light below.
    """

    hole_diameter_mm: float
    hole_length_mm: float
    image_plane_mm: float = 7.0
    intrinsic_fwhm_mm: float = 3.8

    def __post_init__(self) -> None:
        lowest = (self.hole_diameter_mm, self.hole_length_mm, self.intrinsic_fwhm_mm)
        if not (min(lowest) > 0 and self.image_plane_mm >= 0):
            raise GeometryError("not a collimator", expected="sizes above 0 mm", found=str(lowest))

    def fwhm_mm(self, distance_mm: FloatArray, energy_kev: float) -> FloatArray:
        """System resolution at distances from the collimator's face, any shape."""
        length = self.hole_length_mm - 20 / lead_per_cm(energy_kev)
        away = length + np.maximum(distance_mm, 0) + self.image_plane_mm
        # A root (0.5) would hold if light were all; 0.35 gives the 4.8 mm usual for Tl-201.
        intrinsic = self.intrinsic_fwhm_mm * (140.5 / min(energy_kev, 140.5)) ** 0.35
        return np.asarray(np.hypot(self.hole_diameter_mm * away / length, intrinsic))


COLLIMATORS = {
    "LEHR": Collimator(1.11, 24.05),
    "LEGP": Collimator(1.45, 24.05),
}
"""Low energy, high resolution and general purpose. Holes of Siemens as SIMIND tabulates them
(SY-LEHR, SI-LEAP); the middle of a crystal of 9.5 mm lies 7 mm behind the collimator."""

WORDS = {
    "LEHR": ("lehr", "lowenergyhigh"),
    "LEGP": ("legp", "leap", "lowenergygeneral", "lowenergyall"),
}
"""Of the names that makers give, without signs and in lower case."""


def collimator_named_in(text: str) -> str | None:
    """Row of `COLLIMATORS` that a header's words name; None for none, or for several.

    Examples
    --------
    >>> [collimator_named_in(text) for text in ("SY-LEHR", "Low Energy All Purpose", "MEGP", "")]
    ['LEHR', 'LEGP', None, None]
    """
    letters = "".join(each for each in text.lower() if each.isalpha())
    named = [name for name, words in WORDS.items() if any(word in letters for word in words)]
    return named[0] if len(named) == 1 else None
