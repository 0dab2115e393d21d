"""What every drawing of the histogram of phases shows."""

from __future__ import annotations

from dataclasses import dataclass

from shortaxis.function.phase import PhaseAnalysis
from shortaxis.geometry.arrays import FloatArray
from shortaxis.workflow.beat_view.volume_plot import round_ticks

__all__ = ["PHASE_TICKS", "PHASE_WORDS", "WALL_WORDS", "PhasePlot", "phase_plot"]

PHASE_WORDS, WALL_WORDS = "phase (degrees of the cycle)", "part of the wall (%)"
PHASE_TICKS = tuple(range(0, 361, 60))

HEADROOM = 1.15
"""Of the axis over the highest bin: the bandwidth is marked above it."""


@dataclass(frozen=True, eq=False)
class PhasePlot:
    """The histogram and its marks, degrees of the cycle.

    Parameters
    ----------
    bin_deg : float
    percent : (bin,) array
        Of the wall, from 0 degrees on.
    mean_deg : float
    ranges_deg : tuple of (from, to)
        Of the bandwidth: one, or two where it goes over 360.
    mean_words, range_words, counted_words : str
        The last says what the convention counts.
    top_percent : float
        Of the axis, which begins with 0.
    ticks_percent : tuple of float
        Of the axis.
    """

    bin_deg: float
    percent: FloatArray
    mean_deg: float
    ranges_deg: tuple[tuple[float, float], ...]
    mean_words: str
    range_words: str
    counted_words: str
    top_percent: float
    ticks_percent: tuple[float, ...]


def phase_plot(phase: PhaseAnalysis) -> PhasePlot:
    """What is drawn of phases that are told."""
    percent = 100 * phase.histogram
    top = HEADROOM * max(float(percent.max()), 1.0)
    low = phase.bandwidth_from_deg
    high = low + phase.bandwidth_deg
    ranges = ((low, high),) if high <= 360 else ((low, 360.0), (0.0, high - 360))
    return PhasePlot(
        phase.convention.bin_deg,
        percent,
        phase.mean_deg,
        ranges,
        f"mean {round(phase.mean_deg) % 360}\N{DEGREE SIGN} (dashed)",
        f"bandwidth {phase.bandwidth_deg:.0f}\N{DEGREE SIGN} (bar, 95 %)",
        phase.convention.words,
        top,
        round_ticks(top),
    )
