"""Volumes corrected by what was learnt from simulated hearts whose volumes are known.

Regressions, fitted to exams that serve nothing else, tell from the numbers of
`UncorrectedBeat.described` what the volumes are: by a weight of each number, and by how near the
beat is to each of those exams (a Gaussian process with a linear and a Gaussian kernel). The record
beside this file holds the weights, which exams they come from, and how large the errors were on
exams that were left out of the fit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from shortaxis.function.installed_record import read_installed
from shortaxis.function.uncorrected import DESCRIBED, UncorrectedBeat
from shortaxis.geometry.arrays import FloatArray

__all__ = [
    "CORRECTED",
    "CORRECTION_FILE",
    "CORRECTION_SCHEMA",
    "MAX_SPREADS",
    "CorrectedVolumes",
    "VolumeCorrection",
    "explained_by",
    "installed_correction",
    "nearness",
    "targets_of",
]

CORRECTION_SCHEMA = "shortaxis/function-correction/3"
CORRECTION_FILE = Path(__file__).with_name("correction.json")

CORRECTED = ("end_diastolic", "ejection", "wall")
"""What is told: logarithm of the end-diastolic volume over that found, log odds of the ejection
fraction, logarithm of the wall's volume over the volume inside its middle."""

BOUNDED = ("end_diastolic_part", "end_systolic_part", "ejection_fraction", "wall_part")
"""Errors that are bounded; the first two and the last are parts of the volume."""

EXPLAINED = (
    "ejection found", "ejection, wall conserved", "ejection of the middle",
    "ejection of the ring", "log brightening", "log shift",
)  # fmt: skip
"""Numbers made of those that `DESCRIBED` names, before them."""

MAX_SPREADS = 3.0
"""Of an explaining number from its mean: farther, it is taken to lie there."""


@dataclass(frozen=True)
class CorrectedVolumes:
    """Volumes, and what nine errors of ten stay below."""

    end_diastolic_ml: float
    end_systolic_ml: float
    wall_ml: float
    bounds: Mapping[str, float]
    strangeness: float
    """How far the beat is from those that were learnt from: 1 is the farthest of a hundred."""

    @property
    def ejection_fraction(self) -> float:
        """Part of the end-diastolic volume that is ejected, 0 to 1."""
        return 1 - self.end_systolic_ml / self.end_diastolic_ml


@dataclass(frozen=True, eq=False)
class VolumeCorrection:
    """Weights of the regressions.

    Parameters
    ----------
    middle, spread : (number,) arrays
        Of the explaining numbers in the exams of the fit.
    constants : (3,) array
    weights : (3, number) array
        Of what `CORRECTED` names.
    exams : (exam, number) array
        Those exams, standardised.
    exam_weights : (3, exam) array
        Of how near each of them is.
    width : float
        Distance, in root mean squares of the standardised numbers, at which an exam is near.
    errors : mapping
        For each of `BOUNDED`: constant and weights of the logarithm of the expected error, and the
        factor to the bound.
    farthest : float
        Mean square of the standardised numbers that one of those exams in a hundred exceeds.
    """

    middle: FloatArray
    spread: FloatArray
    constants: FloatArray
    weights: FloatArray
    exams: FloatArray
    exam_weights: FloatArray
    width: float
    errors: Mapping[str, Mapping[str, Any]]
    farthest: float

    def of(self, beat: UncorrectedBeat) -> CorrectedVolumes:
        """Correct what was found in one study."""
        explained = explained_by(beat.described)
        standard = (explained - self.middle) / self.spread
        near = np.clip(standard, -MAX_SPREADS, MAX_SPREADS)
        told = self.constants + self.weights @ near
        told = told + self.exam_weights @ nearness(near[None], self.exams, self.width)[0]
        found = {name: beat.described[DESCRIBED.index(name)] for name in ("end_diastolic",)}
        end_diastolic = float(np.exp(found["end_diastolic"] + told[0]))
        ejection = float(1 / (1 + np.exp(-told[1])))
        wall = float(np.exp(told[2])) * max(float(beat.middle_ml.mean()), 1.0)
        bounds = {name: _bound(law, near) for name, law in self.errors.items()}
        return CorrectedVolumes(
            end_diastolic,
            end_diastolic * (1 - ejection),
            wall,
            bounds,
            float((standard**2).mean()) / self.farthest,
        )


def nearness(some: FloatArray, others: FloatArray, width: float) -> FloatArray:
    """1 where two standardised exams are alike, 0 where they are not: (exam, other)."""
    apart = ((some[:, None] - others[None]) ** 2).mean(axis=-1)
    near: FloatArray = np.exp(-apart / (2 * width**2))
    return near


def explained_by(described: FloatArray) -> FloatArray:
    """Explaining numbers of one beat: odds and logarithms first, then all that describe it."""
    of = dict(zip(DESCRIBED, described.tolist(), strict=True))
    first = [
        _odds(of["end_diastolic"], of["end_systolic"]),
        _odds(of["conserved_end_diastolic"], of["conserved_end_systolic"]),
        _odds(of["mid_end_diastolic"], of["mid_end_systolic"]),
        _odds(of["ring_end_diastolic"], np.log(max(np.exp(of["ring_end_systolic"]) - 1, 0.3))),
        np.log(np.clip(of["brightening"], 0.01, 2)),
        np.log(np.clip(of["shift"], 0.2, 20)),
    ]
    return np.array([*first, *described])


def targets_of(
    described: FloatArray, end_diastolic_ml: float, end_systolic_ml: float, wall_ml: float,
    middle_ml: float,
) -> FloatArray:  # fmt: skip
    """What the regressions should tell of a beat whose true volumes are known, (3,)."""
    found = described[DESCRIBED.index("end_diastolic")]
    return np.array(
        [
            np.log(end_diastolic_ml) - found,
            _odds(np.log(end_diastolic_ml), np.log(end_systolic_ml)),
            np.log(wall_ml / max(middle_ml, 1.0)),
        ]
    )


@lru_cache(maxsize=1)
def installed_correction() -> VolumeCorrection:
    """The correction that comes with the package.

    Raises
    ------
    UnreadableFileError
        If its record is damaged.
    """
    return read_installed(
        CORRECTION_FILE, CORRECTION_SCHEMA, "the correction of volumes", correction_from_record
    )


def correction_from_record(record: Mapping[str, Any]) -> VolumeCorrection:
    """Read what `evidence.measuring.polar_maps.function_correction` wrote.

    Raises
    ------
    ValueError
        If it is of another schema, or holds other numbers.
    """
    names = [*EXPLAINED, *DESCRIBED]
    if record["schema"] != CORRECTION_SCHEMA or record["explained_by"] != names:
        raise ValueError("a correction of another version")
    laws = record["laws"]
    return VolumeCorrection(
        np.array(record["middle"], dtype=np.float64),
        np.array(record["spread"], dtype=np.float64),
        np.array([laws[name]["constant"] for name in CORRECTED]),
        np.array([laws[name]["weights"] for name in CORRECTED]),
        np.array(record["kernel"]["exams"], dtype=np.float64),
        np.array([record["kernel"]["weights"][name] for name in CORRECTED]),
        float(record["kernel"]["width"]),
        {name: record["bounds"][name] for name in BOUNDED},
        float(record["farthest"]),
    )


def _odds(log_end_diastolic: float, log_end_systolic: float) -> float:
    ejection = float(np.clip(1 - np.exp(log_end_systolic - log_end_diastolic), 0.03, 0.93))
    return float(np.log(ejection / (1 - ejection)))


def _bound(law: Mapping[str, Any], near: FloatArray) -> float:
    expected = law["constant"] + float(np.dot(law["weights"], near))
    return float(np.clip(law["factor"] * np.exp(expected), law["least"], law["most"]))
