"""One course of contraction for the whole ventricle, and what follows it.

Largest and smallest of a noisy curve lie too far apart. Whatever contracts, though, does so in one
rhythm: the profile across the wall and the volume inside its middle, taken together, tell it better
than each alone. So their common course is found first, as the leading singular vector, and every
other quantity is read at both ends of the beat by how much of the course it holds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from shortaxis.function.harmonics import BeatFit
from shortaxis.geometry.arrays import FloatArray

__all__ = ["ContractionCourse", "contraction_course"]

VOLUME_WEIGHT = 2.0
"""Of the volume inside the middle of the wall against the strongest place of the profile."""


@dataclass(frozen=True, eq=False)
class ContractionCourse:
    """How far the ventricle has contracted in every slot.

    Parameters
    ----------
    part : (slot,) array
        0 at end-diastole, 1 at end-systole; both may lie between two slots.
    """

    part: FloatArray

    def change(self, values: FloatArray) -> FloatArray:
        """What values (slot, ...) change by from end-diastole to end-systole, (...)."""
        about = self.part - self.part.mean()
        changed: FloatArray = np.tensordot(about, values, axes=1) / (about @ about)
        return changed

    def ends(self, values: FloatArray) -> tuple[float, float]:
        """Values (slot,) at end-diastole and end-systole."""
        whole, change = float(values.mean()), float(self.change(values))
        mean = float(self.part.mean())
        return whole - mean * change, whole + (1 - mean) * change


def contraction_course(
    profiles: FloatArray, middle_ml: FloatArray, fit: BeatFit
) -> ContractionCourse:
    """The common course of profiles (slot, place) and volumes (slot,), smooth over the beat."""
    off = profiles - profiles.mean(axis=0)
    volumes = middle_ml - middle_ml.mean()
    strongest = max(float(np.abs(off).max()), 1e-12)
    largest = max(float(np.abs(volumes).max()), 1e-12)
    signals = np.concatenate([off / strongest, -VOLUME_WEIGHT * volumes[:, None] / largest], axis=1)
    course = np.linalg.svd(signals, full_matrices=False)[0][:, 0]
    course = course * (1.0 if course @ volumes <= 0 else -1.0)
    fine = fit.fine(course)
    low, span = float(fine.min()), max(float(np.ptp(fine)), 1e-12)
    return ContractionCourse((fit.smoothed(course) - low) / span)
