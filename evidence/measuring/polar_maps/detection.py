"""What the rules of scoring were chosen by, on exams of selection and calibration.

``python -m evidence run detection -- [--cohorts FOLDER]`` quantifies the `clinical` selection and
calibration exams of version 2 of the presets at the network's pose and at the true one, by the
installed normal limits, and stores ``detection.json``: for several numbers of standard deviations,
and for both ways to bring a map to the level of the limits, the area under the ROC curve, how much
the pose changes the summed score, and how often healthy hearts are ill; how much two exams of one
heart differ; and how well a matched filter finds the same defects that knows how healthy hearts
vary together, as a bound of what any score of these maps can find. Nothing is set on test exams.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy import ndimage

from evidence.measuring.polar_maps.numbers import (
    LOCAL_PART,
    Row,
    change_of,
    correlation,
    high,
    large_and_deep,
    paths_of,
    rounded,
    row_of,
)
from evidence.measuring.polar_maps.roc import roc_area
from evidence.recording.options import add_cohorts
from evidence.recording.record import store_result
from shortaxis.errors import HeartNotFoundError
from shortaxis.geometry.arrays import FloatArray
from shortaxis.quantification.limits_comparison import ABNORMAL_SD
from shortaxis.quantification.normal_files import DEFAULT_NORMALS, find_normals
from shortaxis.quantification.normal_limits import NormalLimits
from shortaxis.quantification.polar_map import PolarMap
from shortaxis.quantification.severity import Severity, limits_severity
from shortaxis.simulation.exam_files import read_compact_exam
from shortaxis.training.exams import SeedRange

DEVIATIONS = (1.5, 2.0, 2.25, 2.5, 3.0)
COHORTS = (("selection", 6_100_000, 60), ("calibration", 7_100_000, 120),
           ("calibration", 7_100_120, 120))  # fmt: skip
SAME = 0.005

CELLS = (10, 16)
"""Of a map for the matched filter, (levels, angles)."""
SHRUNK = 0.3
"""Part of the covariance that its diagonal stands for: there are more cells than exams."""
FOLDS = 2


@dataclass(frozen=True)
class Scoring:
    """A rule: from how many deviations a place is abnormal, and what brings a map to its level."""

    sd: float = ABNORMAL_SD
    by_upper_part: bool = True

    def severity(self, polar_map: PolarMap, limits: NormalLimits) -> Severity:
        """Scores of a map by the rule."""
        level = limits if self.by_upper_part else replace(limits, upper_ratio=None)
        return limits_severity(polar_map, level, self.sd)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    add_cohorts(parser)
    arguments = parser.parse_args()
    rows = []
    for purpose, first, count in COHORTS:
        folder = arguments.cohorts / f"{purpose}-clinical-{first}"
        for path in paths_of(SeedRange(folder, "clinical", first, count, 2)):
            try:
                rows.append(row_of(read_compact_exam(path), "clinical"))
            except HeartNotFoundError:
                continue
    normals = find_normals(DEFAULT_NORMALS)
    limits = [each for each in (normals.for_exam(row.group) for row in rows) if each is not None]
    values = {
        "exams": len(rows),
        "with_defect": sum(row.has_defect for row in rows),
        "normals": DEFAULT_NORMALS,
        "chosen_sd": ABNORMAL_SD,
        "deviations": [{"sd": sd, **judged(rows, limits, Scoring(sd))} for sd in DEVIATIONS],
        "by_mean": judged(rows, limits, Scoring(by_upper_part=False)),
        "place_sd": place_sd(rows),
        "matched_filter": matched_filter(rows),
    }
    print(values)
    store_result("detection", values, COHORTS[0][1])


def judged(rows: Sequence[Row], limits: Sequence[NormalLimits], rule: Scoring) -> dict[str, Any]:
    """What a rule finds, and what it finds in healthy hearts."""
    pairs = list(zip(rows, limits, strict=True))
    found = [rule.severity(row.found.polar_map, each) for row, each in pairs]
    at_truth = [rule.severity(row.at_truth.polar_map, each) for row, each in pairs]
    scored = [replace(row, found=each) for row, each in zip(rows, found, strict=True)]
    deficits = np.array([each.total_perfusion_deficit for each in found])
    scores = np.array([each.summed_score for each in found])
    off = np.abs(scores - [each.summed_score for each in at_truth])
    healthy = np.array([row.is_healthy for row in rows])
    ill = np.array([row.has_defect for row in rows])
    local = ill & np.array([row.extent <= LOCAL_PART for row in rows])
    return {
        "total_perfusion_deficit_auc": area(deficits, ill, healthy),
        "local_auc": area(deficits, local, healthy),
        "summed_score_auc": area(scores.astype(float), ill, healthy),
        "summed_score_mae": rounded(off.mean()),
        "healthy_score_95th": high(scores[healthy]),
        "healthy_deficit_5_part": rounded((deficits[healthy] >= 0.05).mean()),
        "large_and_deep": large_and_deep(scored),
        "extent_r": correlation(
            np.array([row.extent for row in rows])[local],
            np.array([each.extent for each in found])[local],
        ),
    }


def area(values: FloatArray, ill: np.ndarray, healthy: np.ndarray) -> float:
    kept = ill | healthy
    return rounded(roc_area(values[kept], ill[kept]))


def place_sd(rows: Sequence[Row]) -> float:
    """Standard deviation at a place between two exams of one heart that has not changed."""
    by_patient: dict[tuple[str, int], dict[str, Row]] = {}
    for row in rows:
        by_patient.setdefault(row.patient, {})[row.group.condition] = row
    both = [each for each in by_patient.values() if len(each) == 2]
    still = [
        change_of(each["stress"], each["rest"]).loss_part
        for each in both
        if abs(each["stress"].loss_part - each["rest"].loss_part) < SAME
    ]
    return rounded(np.std(still, axis=0).mean())


def matched_filter(rows: Sequence[Row]) -> dict[str, Any]:
    """The largest answer of patches of any place and size, given how healthy hearts vary together.

    Patients are parted: those that tell the variation are not those that are judged.
    """
    maps = np.array([cells_of(row.found) for row in rows])
    folds = np.array([row.patient[1] % FOLDS for row in rows])
    healthy = np.array([row.is_healthy for row in rows])
    ill = np.array([row.has_defect for row in rows])
    answers = np.zeros(len(rows))
    templates = patches()
    for fold in range(FOLDS):
        others = maps[healthy & (folds != fold)]
        middle, covariance = others.mean(axis=0), np.cov(others.T)
        shrunk = (1 - SHRUNK) * covariance + SHRUNK * np.diag(np.diag(covariance))
        whitened = np.linalg.solve(shrunk, templates.T).T
        strength = np.sqrt((whitened * templates).sum(axis=1))
        own = folds == fold
        answers[own] = ((maps[own] - middle) @ whitened.T / strength).max(axis=1)
    local = ill & np.array([row.extent <= LOCAL_PART for row in rows])
    return {
        "auc": area(answers, ill, healthy),
        "local_auc": area(answers, local, healthy),
        "patches": len(templates),
    }


def cells_of(found: Severity) -> FloatArray:
    """Loss of a map in cells, flat."""
    if found.comparison is None:
        raise LookupError("an exam that is not compared with limits")
    lost = found.comparison.lost_part
    levels, angles = CELLS
    shaped = lost.reshape(levels, lost.shape[0] // levels, angles, lost.shape[1] // angles)
    cells: FloatArray = shaped.mean(axis=(1, 3)).ravel()
    return cells


def patches() -> FloatArray:
    """Losses of patches (patch, cell): from two levels and three angles on, at every place."""
    levels, angles = CELLS
    made = []
    for height in (2, 4, 6, 8):
        for width in (3, 5, 7, 9):
            for level in range(levels - height + 1):
                for angle in range(angles):
                    patch = np.zeros(CELLS)
                    around = np.arange(angle, angle + width) % angles
                    patch[level : level + height, around] = 1.0
                    made.append(ndimage.gaussian_filter(patch, 0.5, mode=("nearest", "wrap")))
    return np.array(made).reshape(len(made), -1)


if __name__ == "__main__":
    main()
