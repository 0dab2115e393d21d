"""Whether an attenuation map lies where the patient lay during the views.

If the patient breathes or moves between CT and emission, the wall of the heart comes to lie on the
lung of the map, is corrected for too little, and looks like a defect (Goetze, Brown, Lavely, Zhang,
Bengel, J Nucl Med 2007;48:1090). So: which part of what is hot lies in lung or in air?
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from shortaxis.geometry.arrays import CountsArray
from shortaxis.reconstruction.attenuation import water_per_cm

__all__ = ["MapRegistration", "registration_of"]

HOT_PART = 0.6
"""Of the hottest: muscle and liver, without their blurred edges."""

HOTTEST_PERCENTILE = 99.9

LUNG_PART = 0.5
"""Of the attenuation of water: lung has 0.3, and soft tissue 1."""

LIMIT = 0.05
"""Of hot voxels in lung or air. Twice what maps in their place gave in simulated exams (seeds from
6,500,800 on); no real maps were tried."""


@dataclass(frozen=True)
class MapRegistration:
    """How an attenuation map fits the emission.

    Parameters
    ----------
    hot_in_lung : float
        Part of the hot voxels that lie in lung or air, by the map.
    """

    hot_in_lung: float

    @property
    def is_doubtful(self) -> bool:
        """Whether somebody should look at the two, one over the other."""
        return self.hot_in_lung > LIMIT

    @property
    def words(self) -> str:
        """One sentence without the full stop."""
        return (
            f"{100 * self.hot_in_lung:.0f} % of what is hot lies in lung or air of the attenuation "
            "map: the patient may have moved between the two"
        )


def registration_of(
    emission: CountsArray, attenuation_per_cm: CountsArray, energy_kev: float
) -> MapRegistration:
    """Compare a reconstruction with a map on the same voxels, ``(slice, row, column)``."""
    level = float(np.percentile(emission, HOTTEST_PERCENTILE))
    hot = emission > HOT_PART * level
    if level <= 0 or not hot.any():
        return MapRegistration(0.0)
    thin = attenuation_per_cm < LUNG_PART * water_per_cm(energy_kev)
    return MapRegistration(float(thin[hot].mean()))
