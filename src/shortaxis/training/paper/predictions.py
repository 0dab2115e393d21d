"""What the methods of an experiment have predicted, read back."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from shortaxis.errors import UnreadableFileError
from shortaxis.geometry.arrays import FloatArray
from shortaxis.geometry.euler import PoseParameters, pose_from_parameters
from shortaxis.geometry.pose_errors import pose_errors
from shortaxis.training.paper.experiment import (
    EXAMS_OF_A_PATIENT,
    PARAMETERS,
    PREDICTIONS_FILE,
    PaperExperiment,
)

__all__ = ["ERRORS", "PURPOSES", "Predictions", "read_all_predictions", "read_predictions"]

PURPOSES = ("test", "validation")

ERRORS = ("long_axis_deg", "roll_deg", "center_mm")
"""In the order of `Predictions.errors`."""

MIN_ROLL_SPREAD_DEG = 1e-6
"""A method whose roll is always the same knows none; it is a convention."""

NOWHERE_MM = np.zeros(3)
"""Errors do not depend on where the middle of the volume lies."""


@dataclass(frozen=True, eq=False)
class Predictions:
    """Those of one method on the exams of one purpose, of each fold in turn.

    Parameters
    ----------
    method : str
        Of `shortaxis.training.paper.methods.METHODS`.
    folds : int
        How many times something was trained and predicted with.
    seeds : (n,) array
        Of the exams; a test exam comes once a fold.
    truths, estimates : (n, 6) arrays
        Six parameters, mm and degrees; nan where no heart was found.
    """

    method: str
    folds: int
    seeds: NDArray[np.int64]
    truths: FloatArray
    estimates: FloatArray

    @property
    def patients(self) -> NDArray[np.int64]:
        """Of each row; stress and rest have the same."""
        numbers: NDArray[np.int64] = self.seeds // EXAMS_OF_A_PATIENT
        return numbers

    @property
    def exams(self) -> int:
        """How many different exams there are."""
        return len(np.unique(self.seeds))

    @cached_property
    def is_found(self) -> NDArray[np.bool_]:
        """Rows in which there is a pose, ``(n,)``."""
        return np.array(np.isfinite(self.estimates).all(axis=1))

    @cached_property
    def knows_roll(self) -> bool:
        """Whether the roll is anything but a convention."""
        rolls = self.estimates[self.is_found, PARAMETERS.index("beta")]
        return len(rolls) > 0 and float(np.ptp(rolls)) > MIN_ROLL_SPREAD_DEG

    @cached_property
    def errors(self) -> FloatArray:
        """Errors ``(n, 3)`` in the order of `ERRORS`; nan where there is no pose, or no roll."""
        found = np.full((len(self.seeds), len(ERRORS)), np.nan)
        for row in np.flatnonzero(self.is_found):
            found[row] = _errors(self.estimates[row], self.truths[row])
        if not self.knows_roll:
            found[:, ERRORS.index("roll_deg")] = np.nan
        return found


def read_predictions(path: Path) -> list[dict[str, str | float]]:
    """Rows of a file of predictions: purpose, seed, and parameters in mm and degrees.

    Raises
    ------
    UnreadableFileError
        If it is none.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = [
                {name: value if name == "purpose" else float(value) for name, value in row.items()}
                for row in csv.DictReader(file)
            ]
        expected = {"purpose", "seed", *_columns("true"), *_columns("predicted")}
        if any(set(row) != expected for row in rows):
            raise ValueError("other columns")
    except (OSError, ValueError, TypeError) as error:
        raise UnreadableFileError(
            "is no file of predictions",
            path=path,
            expected="purpose, seed, and six parameters, true and predicted",
            found=f"{type(error).__name__}: {error}",
            cause="a file that was changed, or cut off",
        ) from error
    return rows


def read_all_predictions(
    experiment: PaperExperiment, folder: Path, purpose: str
) -> list[Predictions]:
    """Predictions of the methods that have any, in the order of the experiment.

    Parameters
    ----------
    experiment : PaperExperiment
        Which methods and folds there may be.
    folder : Path
        Of the experiment.
    purpose : str
        Of `PURPOSES`.
    """
    found = []
    for method in experiment.methods:
        paths = [folder / method / name / PREDICTIONS_FILE for name in experiment.places_of(method)]
        folds = [
            [row for row in read_predictions(path) if row["purpose"] == purpose]
            for path in paths
            if path.exists()
        ]
        if any(folds):
            found.append(_joined(method, folds))
    return found


def _joined(method: str, folds: Sequence[list[dict[str, str | float]]]) -> Predictions:
    rows = [row for fold in folds for row in fold]
    truths, estimates = (
        np.array([[row[name] for name in _columns(kind)] for row in rows], dtype=np.float64)
        for kind in ("true", "predicted")
    )
    seeds: NDArray[np.int64] = np.array([row["seed"] for row in rows], dtype=np.int64)
    return Predictions(method, len(folds), seeds, truths, estimates)


def _columns(kind: str) -> list[str]:
    return [f"{kind}_{name}" for name in PARAMETERS]


def _errors(estimate: FloatArray, truth: FloatArray) -> tuple[float, ...]:
    poses = [
        pose_from_parameters(PoseParameters(*map(float, values)), NOWHERE_MM)
        for values in (estimate, truth)
    ]
    errors = pose_errors(*poses)
    return tuple(getattr(errors, name) for name in ERRORS)
