"""Linear attenuation coefficients of tissues against photon energy."""

from __future__ import annotations

from enum import Enum

import numpy as np

from shortaxis.errors import OptionError

__all__ = ["Tissue", "attenuation_per_cm"]

ENERGIES_KEV = (50.0, 60.0, 80.0, 100.0, 150.0, 200.0, 300.0, 400.0, 500.0, 600.0)

WATER = (0.2269, 0.2059, 0.1837, 0.1707, 0.1505, 0.1370, 0.1186, 0.1061, 0.09687, 0.08956)
ADIPOSE = (0.2123, 0.1974, 0.1800, 0.1688, 0.1500, 0.1368, 0.1187, 0.1062, 0.09696, 0.08965)
CORTICAL_BONE = (0.4242, 0.3148, 0.2229, 0.1855, 0.1480, 0.1309, 0.1113, 0.09908, 0.09022, 0.08332)


class Tissue(Enum):
    """Mass attenuation in cm2/g at `ENERGIES_KEV` (NIST SRD 126, table 4) and density in g/cm3.

    Bone of the trunk is cortical shell and marrow together, hence less dense than 1.92; lung
    is inflated as in quiet breathing.
    """

    SOFT = (WATER, 1.0)
    LUNG = (WATER, 0.29)
    FAT = (ADIPOSE, 0.95)
    BONE = (CORTICAL_BONE, 1.6)


def attenuation_per_cm(tissue: Tissue, energy_kev: float) -> float:
    """Narrow-beam linear attenuation coefficient in 1/cm, interpolated log-log.

    Examples
    --------
    >>> [round(attenuation_per_cm(tissue, 140.5), 3) for tissue in Tissue]
    [0.154, 0.045, 0.145, 0.246]
    """
    if not ENERGIES_KEV[0] <= energy_kev <= ENERGIES_KEV[-1]:
        raise OptionError(
            "no attenuation coefficients for this energy",
            expected=f"{ENERGIES_KEV[0]:g} to {ENERGIES_KEV[-1]:g} keV",
            found=f"{energy_kev:g} keV",
        )
    mass_attenuation, density = tissue.value
    logarithm = np.interp(np.log(energy_kev), np.log(ENERGIES_KEV), np.log(mass_attenuation))
    return float(np.exp(logarithm) * density)
