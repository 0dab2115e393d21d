"""What every drawing of the volume over the beat shows: picture, report and review page alike."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from shortaxis.function.measuring import LeftVentricularFunction
from shortaxis.function.volume_curve import VolumeCurve
from shortaxis.geometry.arrays import FloatArray
from shortaxis.workflow.beat_view.printed_volumes import printed_volumes

__all__ = [
    "CYCLE_TICKS",
    "CYCLE_WORDS",
    "VOLUME_WORDS",
    "VolumeMark",
    "VolumePlot",
    "round_ticks",
    "volume_plot",
]

CYCLE_WORDS, VOLUME_WORDS = "part of the cycle from the R wave (%)", "volume (ml)"
CYCLE_TICKS = (0, 25, 50, 75, 100)

HEADROOM = 1.2
"""Of the axis over the largest volume: its mark stands above the curve."""

MOST_TICKS = 6


@dataclass(frozen=True)
class VolumeMark:
    """One end of the beat: where it lies on the curve, and what stands beside it."""

    part: float
    ml: float
    words: str


@dataclass(frozen=True, eq=False)
class VolumePlot:
    """The curve, its slots and its marks.

    Parameters
    ----------
    line_parts, line_ml : (point,) arrays
        The curve from 0 to 1 of the cycle.
    slot_parts, slot_ml : (slot,) arrays
        Moments and volumes of the time slots.
    is_used : (slot,) bool array
        Slots that were left out are drawn hollow.
    end_diastole, end_systole : VolumeMark
        Largest and smallest volume.
    ejection_words : str
        Between both.
    top_ml : float
        Of the axis, which begins with 0.
    ticks_ml : tuple of float
        Of the axis.
    """

    line_parts: FloatArray
    line_ml: FloatArray
    slot_parts: FloatArray
    slot_ml: FloatArray
    is_used: npt.NDArray[np.bool_]
    end_diastole: VolumeMark
    end_systole: VolumeMark
    ejection_words: str
    top_ml: float
    ticks_ml: tuple[float, ...]


def volume_plot(measured: LeftVentricularFunction) -> VolumePlot:
    """What is drawn of a measured function; the volumes are those that are printed."""
    curve = measured.curve
    parts, line = _once_around(curve)
    volumes = printed_volumes(curve)
    top = HEADROOM * max(curve.end_diastolic_ml, float(curve.cavity_ml.max()))
    ends = (
        (int(curve.fine_ml.argmax()), f"EDV {volumes.end_diastolic} ml"),
        (int(curve.fine_ml.argmin()), f"ESV {volumes.end_systolic} ml"),
    )
    largest, smallest = (
        VolumeMark(float(curve.fine_parts[at]), float(curve.fine_ml[at]), words)
        for at, words in ends
    )
    return VolumePlot(
        parts,
        line,
        curve.slot_parts,
        curve.cavity_ml,
        measured.slots.is_used,
        largest,
        smallest,
        f"LVEF {100 * curve.ejection_fraction:.0f} %",
        top,
        round_ticks(top),
    )


def _once_around(curve: VolumeCurve) -> tuple[FloatArray, FloatArray]:
    """Parts of the cycle from 0 to 1 and their volumes; the cycle is closed."""
    order = np.argsort(curve.fine_parts)
    parts, ml = curve.fine_parts[order], curve.fine_ml[order]
    around = np.concatenate([parts[-1:] - 1, parts, parts[:1] + 1])
    volumes = np.concatenate([ml[-1:], ml, ml[:1]])
    inside = parts[(parts > 0) & (parts < 1)]
    wanted: FloatArray = np.concatenate([[0.0], inside, [1.0]])
    return wanted, np.interp(wanted, around, volumes)


def round_ticks(top: float) -> tuple[float, ...]:
    """Round numbers from 0 to `top`, at most seven.

    Examples
    --------
    >>> round_ticks(144.0)
    (0.0, 50.0, 100.0)
    >>> round_ticks(100.0)
    (0.0, 20.0, 40.0, 60.0, 80.0, 100.0)
    """
    if not top > 0:
        return (0.0,)
    ten = 10.0 ** np.floor(np.log10(top / MOST_TICKS))
    step = next(float(ten * each) for each in (1, 2, 5, 10) if top / (ten * each) <= MOST_TICKS)
    return tuple(step * number for number in range(int(top / step + 1e-9) + 1))
