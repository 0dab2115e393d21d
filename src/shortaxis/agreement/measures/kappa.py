"""Cohen's kappa of grades, weighted by the square of how far they lie apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from shortaxis.agreement.measures.limits_of_agreement import Estimate
from shortaxis.evaluation.scores.intervals import CONFIDENCE
from shortaxis.geometry.arrays import FloatArray

__all__ = ["Kappa", "weighted_kappa"]

DRAWS = 2000
"""Of the bootstrap: the ends of an interval move by a fiftieth of its width."""


@dataclass(frozen=True)
class Kappa:
    """Agreement of grades of `patients` patients.

    Parameters
    ----------
    graded : int
        Pairs of grades.
    equal : float
        Part of them that are the same grade, 0-1.
    kappa : Estimate
        1 is full agreement, 0 what chance gives. The interval is by a bootstrap over patients.
    """

    patients: int
    graded: int
    equal: float
    kappa: Estimate


def weighted_kappa(
    first: FloatArray, second: FloatArray, grades: int, rng: np.random.Generator
) -> Kappa | None:
    """Kappa of two raters; grades ``(patient, grade of one thing)`` are whole, 0 to `grades` - 1.

    Weights are quadratic (Fleiss and Cohen 1973, doi:10.1177/001316447303300309); for two grades
    this is Cohen's kappa. Grades of one patient hang together, so patients are drawn and not
    grades. None where one rater and the other give one and the same grade alone.
    """
    tables = np.zeros((len(first), grades, grades))
    for place in range(first.shape[1]):
        one, other = (each[:, place].astype(np.intp) for each in (first, second))
        np.add.at(tables, (np.arange(len(first)), one, other), 1)
    whole = tables.sum(axis=0)
    found = float(_kappas(whole[np.newaxis])[0])
    if not np.isfinite(found):
        return None
    weights = rng.multinomial(len(tables), np.full(len(tables), 1 / len(tables)), DRAWS)
    drawn = _kappas(np.tensordot(weights, tables, 1))
    tail = 50 * (1 - CONFIDENCE)
    low, high = np.nanpercentile(drawn, [tail, 100 - tail]).tolist()
    equal = float(np.trace(whole) / whole.sum())
    return Kappa(len(tables), int(whole.sum()), equal, Estimate(found, (low, high)))


def _kappas(tables: FloatArray) -> FloatArray:
    """Of each table ``(table, first, second)`` of counts; NaN where chance leaves nothing."""
    places = np.arange(tables.shape[1])
    weights = (places[:, np.newaxis] - places) ** 2
    parts = tables / tables.sum(axis=(1, 2), keepdims=True)
    chance = parts.sum(axis=2)[:, :, np.newaxis] * parts.sum(axis=1)[:, np.newaxis]
    apart, by_chance = ((weights * each).sum(axis=(1, 2)) for each in (parts, chance))
    found: FloatArray = 1 - np.divide(
        apart, by_chance, out=np.full(len(tables), np.nan), where=by_chance > 0
    )
    return found
