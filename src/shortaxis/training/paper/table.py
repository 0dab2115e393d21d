"""Table 1 of the paper from the predictions of an experiment, with errors beside correlations.

Of every network: r of the six parameters on the test exams, over the networks of all folds that are
trained, as Zhu et al. (arXiv 2208.03752, Table 1) give it, and what they do not give: errors in
degrees and millimetres, and the same r on the exams that the folds were validated on. Correlations
depend on the spread of the truth; errors do not.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from scipy import stats

from shortaxis.evaluation.document import Table
from shortaxis.evaluation.intervals import CONFIDENCE, Correlation, correlate
from shortaxis.geometry.arrays import FloatArray
from shortaxis.geometry.euler import PoseParameters, pose_from_parameters
from shortaxis.geometry.pose_errors import pose_errors
from shortaxis.training.paper.experiment import (
    PREDICTIONS_FILE,
    PaperExperiment,
    read_predictions,
)
from shortaxis.training.paper.methods import METHODS

__all__ = ["NetworkRow", "network_rows", "parameter_table", "table_csv"]

PARAMETERS = tuple(each.name for each in fields(PoseParameters))

PERCENTILES = (50, 95)

FEWEST_EXAMS = 3
"""Fisher's z has the variance 1 / (n - 3)."""

LARGEST_R = 1 - 1e-12
"""Keeps z finite."""

NOWHERE_MM = np.zeros(3)
"""Errors do not depend on where the middle of the volume lies."""


@dataclass(frozen=True)
class NetworkRow:
    """One network on the exams of one purpose.

    Parameters
    ----------
    network : str
        Of `METHODS`.
    purpose : str
        ``test`` or ``validation``.
    folds, exams : int
        How many folds are trained, and how many predictions of them count: of the test, each exam
        once a fold. Intervals are those of the exams.
    correlations : dict of str to Correlation or None
        By the name of the parameter; None where it is constant, or there are too few.
    long_axis_deg, roll_deg, center_mm : (2,) arrays
        Median and 95th percentile of the errors.
    """

    network: str
    purpose: str
    folds: int
    exams: int
    correlations: dict[str, Correlation | None]
    long_axis_deg: FloatArray
    roll_deg: FloatArray
    center_mm: FloatArray


def network_rows(experiment: PaperExperiment, folder: Path) -> list[NetworkRow]:
    """Rows of the networks that have predicted anything, test before validation."""
    rows = []
    for purpose in ("test", "validation"):
        for network in experiment.methods:
            paths = sorted((folder / network).glob(f"*/{PREDICTIONS_FILE}"))
            read = [read_predictions(path) for path in paths]
            folds = [[row for row in fold if row["purpose"] == purpose] for fold in read]
            if any(folds):
                rows.append(_row(network, purpose, folds))
    return rows


def _row(network: str, purpose: str, folds: Sequence[list[dict[str, Any]]]) -> NetworkRow:
    kept = [row for fold in folds for row in fold]
    truth, estimate = (
        np.array([[row[f"{kind}_{name}"] for name in PARAMETERS] for row in kept])
        for kind in ("true", "predicted")
    )
    errors = np.array([_errors(*pair) for pair in zip(estimate, truth, strict=True)])
    long_axis, roll, center = np.percentile(errors, PERCENTILES, axis=0).T
    distinct = len({row["seed"] for row in kept})
    correlations = {
        name: _of_exams(correlate(truth[:, place], estimate[:, place]), distinct)
        for place, name in enumerate(PARAMETERS)
    }
    return NetworkRow(
        network, purpose, len(folds), len(kept), correlations, long_axis, roll, center
    )


def _of_exams(found: Correlation | None, exams: int) -> Correlation | None:
    """The same r with the interval of so many exams: several networks saw each of them."""
    if found is None or exams <= FEWEST_EXAMS:
        return None
    reach = stats.norm.ppf(0.5 + CONFIDENCE / 2) / np.sqrt(exams - FEWEST_EXAMS)
    low, high = np.tanh(
        np.arctanh(np.clip(found.r, -LARGEST_R, LARGEST_R)) + np.array([-reach, reach])
    )
    return Correlation(exams, found.r, (float(low), float(high)))


def _errors(estimate: FloatArray, truth: FloatArray) -> tuple[float, float, float]:
    poses = [
        pose_from_parameters(PoseParameters(*map(float, values)), NOWHERE_MM)
        for values in (estimate, truth)
    ]
    errors = pose_errors(*poses)
    return errors.long_axis_deg, errors.roll_deg, errors.center_mm


def parameter_table(rows: Sequence[NetworkRow]) -> Table:
    """The rows as a table of words."""
    head = [
        "network", "exams", "folds", *(f"r of {name}" for name in PARAMETERS),
        "long axis, median / 95th", "roll", "centre",
    ]  # fmt: skip
    lines = [
        [
            METHODS[row.network].title,
            f"{row.exams} ({row.purpose})",
            str(row.folds),
            *(_r(row.correlations[name]) for name in PARAMETERS),
            _pair(row.long_axis_deg, "°"),
            _pair(row.roll_deg, "°"),
            _pair(row.center_mm, " mm"),
        ]
        for row in rows
    ]
    return Table(tuple(head), tuple(map(tuple, lines)))


def _r(found: Correlation | None) -> str:
    if found is None:
        return "-"
    low, high = found.interval
    return f"{found.r:.3f} ({low:.3f} to {high:.3f})"


def _pair(values: FloatArray, unit: str) -> str:
    median, high = values
    return f"{median:.1f} / {high:.1f}{unit}"


def table_csv(rows: Sequence[NetworkRow]) -> str:
    """The same with all digits: one line a row."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    bounds = [f"r_{name}{end}" for name in PARAMETERS for end in ("", "_low", "_high")]
    parts = [f"{name}_{part}" for name in ERRORS for part in ("median", "95th")]
    writer.writerow(["network", "purpose", "folds", "exams", *bounds, *parts])
    for row in rows:
        known = [row.correlations[name] for name in PARAMETERS]
        correlations = [
            value
            for each in known
            for value in (("", "", "") if each is None else (each.r, *each.interval))
        ]
        errors = [value for name in ERRORS for value in getattr(row, name).tolist()]
        writer.writerow([row.network, row.purpose, row.folds, row.exams, *correlations, *errors])
    return text.getvalue()


ERRORS = ("long_axis_deg", "roll_deg", "center_mm")
