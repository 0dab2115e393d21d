"""The volume of the cavity over the beat, and the numbers that are read from it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from shortaxis.function.harmonics import FINE_MOMENTS, FIRST_MIDDLE, BeatFit
from shortaxis.geometry.arrays import FloatArray

__all__ = ["VolumeCurve"]


@dataclass(frozen=True, eq=False)
class VolumeCurve:
    """Volumes by harmonics, smooth over the beat.

    Parameters
    ----------
    cavity_ml : (slot,) array
        Inside the endocardium, up to the valve plane, in the middle of every slot.
    harmonics : int
        Beside the mean, of which the curve is made.
    """

    cavity_ml: FloatArray
    harmonics: int

    @cached_property
    def fine_ml(self) -> FloatArray:
        """Volumes at 64 moments of the cycle, the first in the middle of the first slot."""
        return self._fit.fine(self.cavity_ml)

    @property
    def slot_parts(self) -> FloatArray:
        """Middles of the slots (slot,), parts of the cycle from the R wave, for all drawings."""
        return self._fit.moments + FIRST_MIDDLE / self.cavity_ml.size

    @property
    def fine_parts(self) -> FloatArray:
        """Moments of `fine_ml` (64,), parts of the cycle from the R wave, for all drawings.

        The last of them lie before the first.
        """
        moments = np.arange(FINE_MOMENTS) / FINE_MOMENTS
        return (moments + FIRST_MIDDLE / self.cavity_ml.size) % 1.0

    @property
    def end_diastolic_ml(self) -> float:
        """Largest volume, EDV."""
        return float(self.fine_ml.max())

    @property
    def end_systolic_ml(self) -> float:
        """Smallest volume, ESV."""
        return float(self.fine_ml.min())

    @property
    def stroke_ml(self) -> float:
        """What is ejected in a beat."""
        return self.end_diastolic_ml - self.end_systolic_ml

    @property
    def ejection_fraction(self) -> float:
        """Part of the end-diastolic volume that is ejected, 0 to 1."""
        return self.stroke_ml / self.end_diastolic_ml

    @property
    def end_diastole(self) -> float:
        """Moment of the largest volume, in parts of the cycle after the first slot's middle."""
        return int(self.fine_ml.argmax()) / FINE_MOMENTS

    @property
    def end_systole(self) -> float:
        """Moment of the smallest volume, in parts of the cycle after the first slot's middle."""
        return int(self.fine_ml.argmin()) / FINE_MOMENTS

    def from_r_wave(self, moment: float) -> float:
        """A moment after the first slot's middle in parts of the cycle after the R wave, 0 to 1.

        Examples
        --------
        >>> VolumeCurve(np.array([100.0, 70.0, 60.0, 90.0]), 1).from_r_wave(0.5)
        0.625
        """
        return (moment + FIRST_MIDDLE / self.cavity_ml.size) % 1.0

    @property
    def end_diastolic_slot(self) -> int:
        """Number of the slot with the largest volume, from 1."""
        return int(self.cavity_ml.argmax()) + 1

    @property
    def end_systolic_slot(self) -> int:
        """Number of the slot with the smallest volume, from 1."""
        return int(self.cavity_ml.argmin()) + 1

    @property
    def peak_emptying_rate(self) -> float:
        """Fastest fall, in end-diastolic volumes a cycle."""
        return -float(self._rates.min())

    @property
    def peak_filling_rate(self) -> float:
        """Fastest rise, in end-diastolic volumes a cycle."""
        return float(self._rates.max())

    @property
    def time_to_peak_filling(self) -> float:
        """From end-systole to the fastest rise, in parts of the cycle."""
        return (int(self._rates.argmax()) / FINE_MOMENTS - self.end_systole) % 1.0

    @cached_property
    def _rates(self) -> FloatArray:
        waves = np.fft.rfft(self.fine_ml)
        turns = 2j * np.pi * np.arange(waves.size)
        rates: FloatArray = np.fft.irfft(waves * turns, n=FINE_MOMENTS) / self.end_diastolic_ml
        return rates

    @property
    def _fit(self) -> BeatFit:
        return BeatFit(np.ones(self.cavity_ml.size, dtype=bool), self.harmonics)
