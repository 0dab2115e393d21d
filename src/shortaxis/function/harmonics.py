"""Few harmonics through the time slots of a beat.

A beat repeats, so whatever is measured in every slot is a sum of harmonics of the cycle. A few of
them hold all that eight slots can tell, and leave out what changes from slot to slot by chance.
Slots that are empty or show something else are left out of the fit, and are read from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from shortaxis.errors import OptionError
from shortaxis.geometry.arrays import FloatArray

__all__ = ["FINE_MOMENTS", "FIRST_MIDDLE", "HARMONICS", "BeatFit"]

HARMONICS = 2
"""Eight slots hold three at most, and the third is mostly noise."""

FINE_MOMENTS = 64
"""Of the cycle, at which largest and smallest values are looked for."""

FIRST_MIDDLE = 0.5
"""In slots from the R wave: a camera fills slot k, from 0, from k to k + 1, so what it shows is of
k + 1/2."""


@dataclass(frozen=True, eq=False)
class BeatFit:
    """Least squares of harmonics over the slots that are used.

    Parameters
    ----------
    is_used : (slot,) bool array
        Which slots hold something. Slot k, from 0, stands k / slots of the cycle after the middle
        of the first one.
    harmonics : int
        Beside the mean.

    Raises
    ------
    OptionError
        If fewer slots are used than the harmonics have numbers.
    """

    is_used: npt.NDArray[np.bool_]
    harmonics: int = HARMONICS

    def __post_init__(self) -> None:
        used, needed = int(self.is_used.sum()), 2 * self.harmonics + 1
        if used < needed:
            raise OptionError(
                "too few time slots for a beat",
                expected=f"{needed} or more for {self.harmonics} harmonics",
                found=f"{used}",
            )

    @property
    def slots(self) -> int:
        """Of the cycle, used or not."""
        return self.is_used.size

    @property
    def moments(self) -> FloatArray:
        """Of the slots, in parts of the cycle after the middle of the first one."""
        return np.arange(self.slots, dtype=np.float64) / self.slots

    def coefficients(self, values: npt.NDArray[np.floating]) -> FloatArray:
        """Mean, then cosine and sine of every harmonic, (number, ...), of values (slot, ...)."""
        used = values[self.is_used]
        flat = self._solver @ used.reshape(len(used), -1)
        found: FloatArray = flat.reshape(-1, *values.shape[1:])
        return found

    def at(self, coefficients: FloatArray, moments: FloatArray) -> FloatArray:
        """Values (moment, ...) of a fit at any parts of the cycle after the first slot's middle."""
        waves = _waves(moments, self.harmonics)
        flat = waves @ coefficients.reshape(len(coefficients), -1)
        found: FloatArray = flat.reshape(-1, *coefficients.shape[1:])
        return found

    def smoothed(self, values: npt.NDArray[np.floating]) -> FloatArray:
        """Values (slot, ...) of the fit at every slot, those that are not used included."""
        return self.at(self.coefficients(values), self.moments)

    def fine(self, values: npt.NDArray[np.floating]) -> FloatArray:
        """Values (`FINE_MOMENTS`, ...) of the fit all over the cycle, from the same moment on."""
        return self.at(self.coefficients(values), np.arange(FINE_MOMENTS) / FINE_MOMENTS)

    def noise_of(self, values: npt.NDArray[np.floating]) -> FloatArray:
        """Standard deviation (...) of one slot about the fit; 0 where nothing is left over."""
        used = values[self.is_used]
        free = len(used) - (2 * self.harmonics + 1)
        if free == 0:
            return np.zeros(values.shape[1:])
        rest = used.astype(np.float64) - self.smoothed(values)[self.is_used]
        spread: FloatArray = np.sqrt((rest**2).sum(axis=0) / free)
        return spread

    @cached_property
    def _solver(self) -> FloatArray:
        waves = _waves(self.moments[self.is_used], self.harmonics)
        solver: FloatArray = np.linalg.pinv(waves).astype(np.float64)
        return solver


def _waves(moments: FloatArray, harmonics: int) -> FloatArray:
    turns = 2 * np.pi * np.outer(moments, np.arange(1, harmonics + 1))
    pairs = np.stack([np.cos(turns), np.sin(turns)], axis=-1).reshape(moments.size, -1)
    return np.concatenate([np.ones((moments.size, 1)), pairs], axis=1)
