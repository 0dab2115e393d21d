"""Area under the ROC curve, its interval, and the difference of two areas.

By the structural components of DeLong 1988 (doi:10.2307/2531595), summed over the values of one
patient as in Obuchowski 1997 (doi:10.2307/2533958): territories of one heart are not independent.
Where every patient has one value this is DeLong's variance.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

from shortaxis.agreement.measures.limits_of_agreement import Estimate
from shortaxis.evaluation.scores.intervals import CONFIDENCE
from shortaxis.geometry.arrays import FloatArray

__all__ = ["MIN_GROUP", "Areas", "BoolArray", "IntArray", "Z", "roc_area", "roc_areas", "roc_curve"]

BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.int_]

MIN_GROUP = 2
"""Patients with, and without disease: a variance needs two."""

Z = float(stats.norm.ppf((1 + CONFIDENCE) / 2))


@dataclass(frozen=True)
class Areas:
    """Areas of several tests of the same patients.

    Parameters
    ----------
    areas : array, ``(test,)``
    covariance : array, ``(test, test)``
    """

    areas: FloatArray
    covariance: FloatArray

    @property
    def difference(self) -> Estimate:
        """First less second area."""
        variance = np.array([1.0, -1.0]) @ self.covariance[:2, :2] @ np.array([1.0, -1.0])
        value, reach = float(self.areas[0] - self.areas[1]), Z * math.sqrt(max(variance, 0.0))
        return Estimate(value, (value - reach, value + reach))


def roc_area(values: FloatArray, diseased: BoolArray, patients: IntArray) -> Estimate | None:
    """Area of one test, with its interval on the scale of log odds, which stays within 0 to 1.

    None with fewer than two patients on either side. The interval is None where the groups are told
    apart without an error, since the variance is zero then and says nothing.

    Parameters
    ----------
    values, diseased, patients : array, ``(value,)``
        Higher values are more abnormal; whose they are, as numbers.
    """
    found = roc_areas(values[np.newaxis], diseased, patients)
    if found is None:
        return None
    area, variance = float(found.areas[0]), float(found.covariance[0, 0])
    if not (0 < area < 1 and variance > 0):
        return Estimate(area, None)
    odds, reach = math.log(area / (1 - area)), Z * math.sqrt(variance) / (area * (1 - area))
    low, high = (1 / (1 + math.exp(-(odds + sign * reach))) for sign in (-1, 1))
    return Estimate(area, (low, high))


def roc_areas(values: FloatArray, diseased: BoolArray, patients: IntArray) -> Areas | None:
    """Areas ``(test, value)`` of several tests, with their covariance."""
    with_it, without = values[:, diseased], values[:, ~diseased]
    owners = np.unique(patients[diseased]), np.unique(patients[~diseased])
    if min(map(len, owners)) < MIN_GROUP:
        return None
    wins = np.array([_wins(*each) for each in zip(with_it, without, strict=True)])
    areas = wins.mean(axis=(1, 2))
    everyone, whose = np.unique(patients, return_inverse=True)
    sick = _summed(wins.mean(axis=2) - areas[:, np.newaxis], whose[diseased], len(everyone))
    well = _summed(wins.mean(axis=1) - areas[:, np.newaxis], whose[~diseased], len(everyone))
    m, n = with_it.shape[1], without.shape[1]
    i_sick, i_well = map(len, owners)
    i_all = len(everyone)
    crossed = sick @ well.T
    covariance = (
        i_sick / ((i_sick - 1) * m**2) * (sick @ sick.T)
        + i_well / ((i_well - 1) * n**2) * (well @ well.T)
        + i_all / ((i_all - 1) * m * n) * (crossed + crossed.T)
    )
    return Areas(areas, covariance)


def _wins(with_it: FloatArray, without: FloatArray) -> FloatArray:
    """1 where the diseased is higher, 1/2 where both are equal: ``(diseased, other)``."""
    difference = with_it[:, np.newaxis] - without
    won: FloatArray = (np.sign(difference) + 1) / 2
    return won


def _summed(components: FloatArray, owner: IntArray, owners: int) -> FloatArray:
    """Components ``(test, value)`` summed by their patient: ``(test, patient)``."""
    return np.array([np.bincount(owner, weights=each, minlength=owners) for each in components])


def roc_curve(values: FloatArray, diseased: BoolArray) -> tuple[FloatArray, FloatArray]:
    """False and true positive parts, from (0, 0) to (1, 1), at every value as a cut."""
    cuts = np.unique(values)[::-1]
    false, true = (
        np.array([0.0, *((values[group][:, np.newaxis] >= cuts).mean(axis=0))])
        for group in (~diseased, diseased)
    )
    return false, true
