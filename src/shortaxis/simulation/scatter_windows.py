"""Energy windows beside the photopeak, from which scatter corrections estimate its scatter.

Model. Scattered photons of all energies below the photopeak are as many per keV; across the
photopeak their number falls in a straight line to none at its upper end. So the trapezoid of the
triple-energy-window method (Ogawa et al., IEEE Trans Med Imaging 1991;10:408) is right on average.
What is not scattered spills into the neighbours by the energy resolution, a Gaussian whose width
grows as the root of the energy, as in every crystal: an estimate from them is a little too high.

Not in the model: photons that lost more energy come from farther beside their source, septa and
lead give x rays of their own, and Tl-201 has gamma rays above its window.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from torch import Tensor

from shortaxis.camera.noise import sample_counts
from shortaxis.simulation.acquisition import Tracer
from shortaxis.simulation.camera_facts import window_kev
from shortaxis.simulation.scenario import ExamScenario

__all__ = ["count_scatter_windows", "scatter_windows_kev", "share_in_window"]

RESOLUTION = 0.095
"""Full width at half maximum over the energy, at `RESOLUTION_KEV`: crystals of today have 0.095."""
RESOLUTION_KEV = 140.5

OGAWA_KEV = 3.0
"""Width of the two narrow windows of Ogawa, at either end of the photopeak."""

LOWER_KEV: Mapping[str, tuple[float, float]] = {
    # 120 keV +- 5 %: Infinia and Discovery 670 beside a peak of +- 10 % (EJNMMI Res 2017;7:53,
    # table 1; others state 120 keV +- 10 %: EJNMMI Phys 2019;6:29, table 3).
    "GE": (114.0, 126.0),
    # 15 % of the photon energy, adjacent to the photopeak: Symbia has 119 keV +- 7.5 % below a
    # peak of +- 7.5 % (EJNMMI Phys 2019;6:29, table 3), which is moved down to this wider peak.
    "SIEMENS": (105.3, 126.4),
}
"""Of Tc-99m, by maker: one window below. Other makers, and Tl-201, have Ogawa's two."""


def scatter_windows_kev(scenario: ExamScenario) -> tuple[tuple[float, float], ...]:
    """Limits of the windows that the scenario's camera records beside the photopeak.

    Examples
    --------
    >>> from shortaxis.simulation.presets import sample_scenario
    >>> scenario = sample_scenario("parallel", 2)
    >>> scenario.acquisition.camera
    'SIEMENS Symbia'
    >>> scatter_windows_kev(scenario)
    ((105.3, 126.4),)
    """
    maker = scenario.acquisition.camera.partition(" ")[0]
    if maker in LOWER_KEV and scenario.acquisition.energy_kev > 100:
        return (LOWER_KEV[maker],)
    lower, upper = window_kev(scenario)
    return (lower - OGAWA_KEV, lower), (upper, upper + OGAWA_KEV)


def share_in_window(energy_kev: float, limits_kev: tuple[float, float]) -> float:
    """Part of the unscattered photons that the crystal finds between two energies.

    Examples
    --------
    >>> round(share_in_window(140.5, (126.4, 154.5)), 3)
    0.987
    """
    fwhm_kev = RESOLUTION * math.sqrt(RESOLUTION_KEV * energy_kev)
    sigma_kev = fwhm_kev / (2 * math.sqrt(2 * math.log(2)))
    low, high = (math.erf((each - energy_kev) / sigma_kev / math.sqrt(2)) for each in limits_kev)
    return (high - low) / 2


def count_scatter_windows(
    scenario: ExamScenario,
    counts: Sequence[Tensor],
    scatter: Sequence[Tensor],
    rng: np.random.Generator,
) -> list[list[Tensor]]:
    """Counts of every scatter window and time slot.

    Parameters
    ----------
    counts, scatter : sequences of (angular_view, slice, bin) tensors
        Expected of the photopeak in every time slot, and the part of it that is scattered.
    rng : generator
        Of the counting noise.

    Returns
    -------
    list, for each window, of lists of (angular_view, slice, bin) tensors
        Whole counts.
    """
    energy_kev = Tracer[scenario.acquisition.tracer].energy_kev
    peak = window_kev(scenario)
    seen = share_in_window(energy_kev, peak)
    counted = []
    for window in scatter_windows_kev(scenario):
        spilled = share_in_window(energy_kev, window) / seen
        scattered = _scattered(window, peak)
        expected = [
            (total - part).clamp(min=0) * spilled + part.clamp(min=0) * scattered
            for total, part in zip(counts, scatter, strict=True)
        ]
        counted.append([sample_counts(each, rng) for each in expected])
    return counted


def _scattered(window: tuple[float, float], peak: tuple[float, float]) -> float:
    """Scattered photons in a window over those in the photopeak."""
    lower, upper = window
    below = max(min(upper, peak[0]) - lower, 0.0)
    return 2 * below / (peak[1] - peak[0])
