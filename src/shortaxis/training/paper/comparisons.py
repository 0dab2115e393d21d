"""Paired comparisons of methods on the same exams.

Of each pair: by how much the errors differ, a Wilcoxon signed-rank test of that over patients
(means over a patient's exams and all folds, since exams of one heart are no two observations), with
Holm's correction (Scand J Stat 1979) over all pairs and errors of a table, and the interval of the
difference of r, as a mean over the parameters that both know.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from shortaxis.evaluation.document.blocks import Table
from shortaxis.geometry.arrays import FloatArray
from shortaxis.reorientation.methods import ELLIPSOID, NETWORK
from shortaxis.training.paper.experiment import EXAMS_OF_A_PATIENT
from shortaxis.training.paper.methods import METHODS
from shortaxis.training.paper.predictions import ERRORS, Predictions
from shortaxis.training.paper.resampled import (
    Estimate,
    interval_of,
    patient_weights,
    weighted_correlations,
)

__all__ = ["PAIRS", "Comparison", "compare", "comparison_table", "comparisons_csv", "holm"]

PAPERS_OWN = "cnn-stn-three-stages"

PAIRS = (
    # Do three stages help?
    ("3dvgg-three-stages", "3dvgg"),
    ("3dresnet-three-stages", "3dresnet"),
    (PAPERS_OWN, "cnn-stn"),
    # Does the loss of both kinds?
    ("cnn-stn", "cnn-stn-compound-loss"),
    # Is the small network as good as the large ones?
    (PAPERS_OWN, "3dvgg-three-stages"),
    (PAPERS_OWN, "3dresnet-three-stages"),
    # And ours?
    ("cascade", PAPERS_OWN),
    ("cascade", "3dresnet-three-stages"),
    (NETWORK.name, "cascade"),
    (PAPERS_OWN, ELLIPSOID.name),
)
"""What the paper claims, and what we ask: is the first better than the second?"""

ALPHA = 0.05


@dataclass(frozen=True)
class Comparison:
    """Of two methods on the exams in which both found a heart.

    Parameters
    ----------
    first, second : str
        Of `METHODS`.
    exams, left_out : int
        Exams that count, and those in which either found no heart.
    differences : dict of str to float or None
        Median over patients of the error of the first less that of the second, by `ERRORS`.
    p_values : dict of str to float or None
        After Holm's correction.
    r_difference : Estimate
        Mean r of the first less that of the second.
    """

    first: str
    second: str
    exams: int
    left_out: int
    differences: dict[str, float | None]
    p_values: dict[str, float | None]
    r_difference: Estimate | None


def compare(all_found: Sequence[Predictions]) -> list[Comparison]:
    """Compare the pairs of which both methods have predictions."""
    by_name = {each.method: each for each in all_found}
    pairs = [
        (by_name[first], by_name[second])
        for first, second in PAIRS
        if first in by_name and second in by_name
    ]
    made = [_differences(*pair) for pair in pairs]
    tested = [(row, name) for row, values in enumerate(made) for name in values]
    corrected = holm([_p_value(made[row][name]) for row, name in tested])
    p_values: list[dict[str, float | None]] = [dict.fromkeys(ERRORS) for _ in pairs]
    for (row, name), value in zip(tested, corrected, strict=True):
        p_values[row][name] = value
    return [
        _comparison(*pair, differences, values)
        for pair, differences, values in zip(pairs, made, p_values, strict=True)
    ]


def _comparison(
    first: Predictions,
    second: Predictions,
    differences: Mapping[str, FloatArray],
    p_values: dict[str, float | None],
) -> Comparison:
    common = _common_exams(first, second)
    return Comparison(
        first.method,
        second.method,
        len(common),
        len(set(first.seeds.tolist()) | set(second.seeds.tolist())) - len(common),
        {
            name: float(np.median(differences[name])) if name in differences else None
            for name in ERRORS
        },
        p_values,
        _r_difference(first, second, common),
    )


def _common_exams(first: Predictions, second: Predictions) -> list[int]:
    """Seeds of exams in which both, in every fold, found a heart."""
    sets = [
        set(each.seeds.tolist()) - set(each.seeds[~each.is_found].tolist())
        for each in (first, second)
    ]
    return sorted(sets[0] & sets[1])


def _differences(first: Predictions, second: Predictions) -> dict[str, FloatArray]:
    """Difference of the errors of each patient, by the errors that both methods have."""
    common = _common_exams(first, second)
    if not common:
        return {}
    means = [_of_patients(each, common) for each in (first, second)]
    apart = means[0] - means[1]
    return {
        name: column
        for name, column in zip(ERRORS, apart.T, strict=True)
        if np.isfinite(column).all()
    }


def _of_patients(found: Predictions, exams: Sequence[int]) -> FloatArray:
    """Mean errors ``(patient, 3)`` over the exams and folds of each patient, in their order."""
    kept = np.isin(found.seeds, exams)
    patients = found.patients[kept]
    return np.array(
        [found.errors[kept][patients == each].mean(axis=0) for each in np.unique(patients)]
    )


def _p_value(differences: FloatArray) -> float:
    """Two-sided; 1 where nothing differs."""
    if not np.any(differences):
        return 1.0
    return float(stats.wilcoxon(differences).pvalue)


def holm(p_values: Sequence[float]) -> list[float]:
    """Corrected for their number, step by step from the smallest (Holm 1979).

    Examples
    --------
    >>> holm([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    """
    order = np.argsort(p_values)
    count, largest = len(p_values), 0.0
    corrected = [0.0] * count
    for rank, place in enumerate(order):
        largest = max(largest, min(1.0, (count - rank) * p_values[place]))
        corrected[place] = largest
    return corrected


def _r_difference(first: Predictions, second: Predictions, exams: Sequence[int]) -> Estimate | None:
    names = np.unique(np.array(exams) // EXAMS_OF_A_PATIENT)
    if not len(names):
        return None
    drawn = patient_weights(names)
    known: list[FloatArray] = []
    for place in range(first.truths.shape[1]):
        pair = [_correlations(each, exams, names, drawn, place) for each in (first, second)]
        if pair[0] is not None and pair[1] is not None:
            known.append(pair[0] - pair[1])
    return interval_of(np.mean(known, axis=0)) if known else None


def _correlations(
    found: Predictions,
    exams: Sequence[int],
    names: FloatArray,
    drawn: FloatArray,
    place: int,
) -> FloatArray | None:
    """Of one parameter, with each patient counting as often as drawn."""
    kept = np.isin(found.seeds, exams)
    weights = drawn[:, np.searchsorted(names, found.patients[kept])]
    return weighted_correlations(found.truths[kept, place], found.estimates[kept, place], weights)


def comparison_table(comparisons: Sequence[Comparison]) -> Table:
    """The comparisons as a table of words; p below 0.05 is marked."""
    head = (
        "first less second",
        "long axis, ° (p)",
        "roll, ° (p)",
        "centre, mm (p)",
        "mean r",
        "exams",
    )
    rows = [
        (
            f"{METHODS[each.first].title} - {METHODS[each.second].title}",
            *(_difference(each, name) for name in ERRORS),
            _r(each.r_difference),
            f"{each.exams}" + (f", {each.left_out} left out" if each.left_out else ""),
        )
        for each in comparisons
    ]
    return Table(head, tuple(rows))


def _difference(comparison: Comparison, name: str) -> str:
    value, p = comparison.differences[name], comparison.p_values[name]
    if value is None or p is None:
        return "-"
    words = "p < 0.001" if p < 0.001 else f"p = {p:.3f}"
    return f"{value:+.2f} ({words})" + (" *" if p < ALPHA else "")


def _r(found: Estimate | None) -> str:
    if found is None:
        return "-"
    return f"{found.value:+.3f} ({found.low:+.3f} to {found.high:+.3f})"


def comparisons_csv(comparisons: Sequence[Comparison]) -> str:
    """All digits, one line a pair."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    parts = [f"{name}_{part}" for name in ERRORS for part in ("difference", "p")]
    ends = ["r_difference", "r_difference_low", "r_difference_high"]
    writer.writerow(["first", "second", "exams", "left_out", *parts, *ends])
    for each in comparisons:
        pairs = [(each.differences[name], each.p_values[name]) for name in ERRORS]
        cells = ["" if value is None else value for pair in pairs for value in pair]
        r = each.r_difference
        bounds = ["", "", ""] if r is None else [r.value, r.low, r.high]
        writer.writerow([each.first, each.second, each.exams, each.left_out, *cells, *bounds])
    return text.getvalue()
