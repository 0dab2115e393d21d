"""When each place of the wall contracts: phases, their spread, and the conventions of both.

The moment of a place is that of the first harmonic of its counts over the beat, which follow its
thickness (Chen et al., J Nucl Cardiol 2005;12:687). Packages count it from different points of the
wave and leave out different places, so the convention is named with every number.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from shortaxis.anatomy.segments import TERRITORIES
from shortaxis.errors import OptionError
from shortaxis.function.segment_means import WallPlaces
from shortaxis.function.wall_counts import WallCounts
from shortaxis.geometry.arrays import FloatArray

__all__ = ["DEFAULT_PHASE", "PHASE_CONVENTIONS", "PhaseAnalysis", "PhaseConvention", "phase_of"]


@dataclass(frozen=True)
class PhaseConvention:
    """How phases are counted.

    Parameters
    ----------
    name : str
    words : str
        What it counts, for readers.
    from_peak_deg : float
        Added to the moment of most counts.
    left_out_part : float
        Part of the wall, that with the least amplitude, that is not counted.
    bin_deg : float
        Of the histogram.
    """

    name: str
    words: str
    from_peak_deg: float
    left_out_part: float
    bin_deg: float


PHASE_CONVENTIONS: Mapping[str, PhaseConvention] = {
    each.name: each
    for each in (
        PhaseConvention(
            "onset", "onset of contraction: counts rise through their mean (Chen 2005)",
            -90.0, 0.0, 6.0,
        ),
        PhaseConvention("peak", "most counts: the wall at its thickest", 0.0, 0.0, 6.0),
        PhaseConvention(
            "peak-95", "most counts, without the twentieth of the wall with the least amplitude "
            "(Van Kriekinge 2008)", 0.0, 0.05, 6.0,
        ),
    )
}  # fmt: skip
"""By name; Chen et al., J Nucl Cardiol 2005;12:687, Van Kriekinge et al., J Nucl Med
2008;49:1790."""

DEFAULT_PHASE = "onset"

BANDWIDTH_PART = 0.95

MOST_NOISE_DEG = 20.0
"""Of a place: with more, hearts in step are found out of step (calibration exams)."""

MEANT_AMPLITUDE = 0.2
"""Of the mean one: a place that rises less has no moment of its own."""


@dataclass(frozen=True, eq=False)
class PhaseAnalysis:
    """Phases of one study, degrees of the cycle.

    Parameters
    ----------
    convention : PhaseConvention
    phase_deg : (row, angle) array
        0 to 360.
    is_counted : (row, angle) bool array
        Places that the numbers are of.
    mean_deg, sd_deg, bandwidth_deg : float
        Of the counted wall, by its area; the bandwidth is the narrowest range with 95 % of it.
    entropy : float
        Of the histogram, 0 to 1: 1 where all phases are as frequent.
    histogram : (bin,) array
        Parts of the counted wall, from 0 degrees on.
    noise_deg : float
        Standard deviation of a phase by noise.
    is_told : bool
        Whether noise leaves anything of the phases: where it does not, none of the numbers means
        anything, and none is shown.
    segments, territories : mappings
        Mean phase by number and by label; None where nothing is counted.
    bandwidth_from_deg : float
        Where that narrowest range begins, 0 to 360.
    """

    convention: PhaseConvention
    phase_deg: FloatArray
    is_counted: npt.NDArray[np.bool_]
    mean_deg: float
    sd_deg: float
    bandwidth_deg: float
    entropy: float
    histogram: FloatArray
    noise_deg: float
    is_told: bool
    segments: Mapping[int, float | None]
    territories: Mapping[str, float | None]
    bandwidth_from_deg: float


def phase_of(
    counts: WallCounts, places: WallPlaces, convention: str = DEFAULT_PHASE
) -> PhaseAnalysis:
    """Analyse the phases by a convention.

    Raises
    ------
    OptionError
        If there is no such convention.
    """
    chosen = phase_convention(convention)
    phase = (counts.peak_deg + chosen.from_peak_deg) % 360
    is_wall = places.areas_mm2 > 0
    amplitude = counts.amplitude
    usual = places.mean(amplitude)
    is_counted = is_wall & (amplitude >= MEANT_AMPLITUDE * usual)
    if chosen.left_out_part and is_wall.any():
        least = _area_quantile(amplitude[is_wall], places.areas_mm2[is_wall], chosen.left_out_part)
        is_counted &= amplitude >= least
    if not is_counted.any():
        is_counted = is_wall
    weights = np.where(is_counted, places.areas_mm2, 0.0)
    mean, sd = circular_mean_and_sd(phase, weights)
    noise_deg = float(np.degrees(min(counts.noise, np.pi)))
    histogram = _histogram(phase, weights, chosen.bin_deg)
    first, width = _bandwidth(phase[is_counted], weights[is_counted])
    return PhaseAnalysis(
        chosen,
        phase,
        is_counted,
        mean,
        sd,
        width,
        _entropy(histogram),
        histogram,
        noise_deg,
        noise_deg < MOST_NOISE_DEG,
        {n: _mean(phase, weights * (places.segments == n)) for n in range(1, 18)},
        {
            each.label: _mean(phase, weights * np.isin(places.segments, each.value))
            for each in TERRITORIES
        },
        first,
    )


def phase_convention(name: str) -> PhaseConvention:
    """A convention by its name.

    Raises
    ------
    OptionError
        If there is none.
    """
    if name not in PHASE_CONVENTIONS:
        raise OptionError(
            "unknown convention of phases", expected=" or ".join(PHASE_CONVENTIONS), found=name
        )
    return PHASE_CONVENTIONS[name]


def circular_mean_and_sd(phase_deg: FloatArray, weights: FloatArray) -> tuple[float, float]:
    """Mean direction, 0 to 360, and root mean square distance from it, degrees.

    Examples
    --------
    >>> circular_mean_and_sd(np.array([350.0, 10.0]), np.ones(2))
    (0.0, 10.0)
    """
    turns = np.deg2rad(phase_deg)
    whole = complex((weights * np.exp(1j * turns)).sum())
    mean = float(np.degrees(np.angle(whole)))
    off = (phase_deg - mean + 180) % 360 - 180
    spread = float(np.sqrt((weights * off**2).sum() / max(float(weights.sum()), 1e-12)))
    return round(mean % 360, 9) % 360, round(spread, 9)


def _mean(phase: FloatArray, weights: FloatArray) -> float | None:
    return circular_mean_and_sd(phase, weights)[0] if weights.any() else None


def _histogram(phase: FloatArray, weights: FloatArray, bin_deg: float) -> FloatArray:
    bins = round(360 / bin_deg)
    number = np.minimum((phase / bin_deg).astype(int), bins - 1)
    parts = np.bincount(number.ravel(), weights=weights.ravel(), minlength=bins)
    histogram: FloatArray = parts / max(float(parts.sum()), 1e-12)
    return histogram


def _entropy(histogram: FloatArray) -> float:
    there = histogram[histogram > 0]
    # Adding nothing takes the sign from a zero.
    return float(-(there * np.log(there)).sum() / np.log(histogram.size)) + 0.0


def _bandwidth(phase: FloatArray, weights: FloatArray) -> tuple[float, float]:
    """Begin and width of the narrowest range of the circle that holds 95 % of the weight."""
    order = np.argsort(phase)
    around = np.concatenate([phase[order], phase[order] + 360])
    before = np.concatenate([[0.0], np.cumsum(np.tile(weights[order], 2))])
    wanted = BANDWIDTH_PART * float(weights.sum())
    last = np.searchsorted(before, before[: order.size] + wanted - 1e-9) - 1
    last = np.minimum(last, around.size - 1)
    widths = around[last] - around[: order.size]
    narrowest = int(widths.argmin())
    return float(around[narrowest]), float(widths[narrowest])


def _area_quantile(values: FloatArray, areas: FloatArray, part: float) -> float:
    order = np.argsort(values)
    reached = np.cumsum(areas[order]) >= part * float(areas.sum())
    return float(values[order][int(reached.argmax())])
