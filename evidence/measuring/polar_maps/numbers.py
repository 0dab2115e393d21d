"""Whether the numbers that a reader gets are right, on exams of version 2 of the presets.

``python -m evidence run numbers -- [--cohorts FOLDER] [--most N]`` quantifies the test exams at the
pose that is found and at the true one, by the installed normal limits, and stores
``numbers.json``: scores, total perfusion deficit and scar burden of healthy hearts; how well
defects are found, by how much they take; measured against true extent; what the pose changes;
the difference between stress and rest of patients, with and without a change; and how much the
numbers differ when noise is added to one heart again and again.

The truth is exact: the part of the uptake that defects and aneurysms take at every place of the
true wall. A defect is a place that loses a fifth or more, a heart without one loses less than a
twentieth everywhere.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from scipy import ndimage

from evidence.measuring.polar_maps.roc import roc_area
from evidence.recording.options import add_cohorts
from evidence.recording.record import store_result
from shortaxis.anatomy.hybrid_grid import ray_points_mm
from shortaxis.anatomy.segments import TERRITORIES, segment_numbers
from shortaxis.errors import HeartNotFoundError
from shortaxis.evaluation.normals_building import exam_group
from shortaxis.evaluation.walls.true_wall import TrueWall, true_wall
from shortaxis.geometry.arrays import FloatArray
from shortaxis.geometry.euler import with_conventional_roll
from shortaxis.geometry.pose import RigidPose
from shortaxis.quantification.normal_files import DEFAULT_NORMALS, find_normals
from shortaxis.quantification.normal_group import GROUP_FACTS, NormalGroup
from shortaxis.quantification.reversibility import Reversibility, reversibility_of
from shortaxis.quantification.severity import Severity, limits_severity
from shortaxis.quantification.tracing import trace_ventricle
from shortaxis.quantification.trust import reasons_to_review
from shortaxis.reorientation.methods import DEFAULT_METHOD, estimate_pose
from shortaxis.simulation.exam_files import StoredExam, read_compact_exam
from shortaxis.simulation.truth import lost_uptake
from shortaxis.spect.volume import SpectVolume
from shortaxis.training.exams import SeedRange

LOST, HEALTHY, DEEP = 0.2, 0.05, 0.5
LARGE_PART, LOW_SCORE = 0.15, 8
LOCAL_PART = 0.5
"""Of the wall that a defect takes: with more of it less than half is left to compare with, and
counts are relative."""
ABNORMAL_DEFICIT = 0.05
COUNTED_AGAIN, TIMES = 12, 3
EXAMS = (("clinical", 110), ("wide", 80))
FIRST = 8_000_000


@dataclass(frozen=True, eq=False)
class Row:
    """One exam: what is true of it, and its scores at both poses."""

    patient: tuple[str, int]
    group: NormalGroup
    technique: str
    flagged: bool
    largest_loss: float
    extent: float
    deep_part: float
    loss_part: float
    territory: str
    found: Severity
    at_truth: Severity

    @property
    def is_healthy(self) -> bool:
        """Whether less than a twentieth is lost everywhere."""
        return self.largest_loss < HEALTHY

    @property
    def has_defect(self) -> bool:
        """Whether a fifth is lost somewhere."""
        return self.largest_loss >= LOST


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    add_cohorts(parser)
    parser.add_argument("--most", type=int, default=10_000, help="Exams of each preset.")
    parser.add_argument("--purpose", default="test")
    parser.add_argument("--first", type=int, default=FIRST)
    asked = parser.parse_args()
    rows: list[Row] = []
    again: list[list[float]] = []
    for preset, count in EXAMS:
        folder = asked.cohorts / f"{asked.purpose}-{preset}-{asked.first}"
        exams = SeedRange(folder, preset, asked.first, min(count, asked.most), 2)
        for number, path in enumerate(islice(paths_of(exams), asked.most)):
            exam = read_compact_exam(path)
            try:
                rows.append(row_of(exam, preset))
            except HeartNotFoundError:
                continue
            if rows[-1].is_healthy and number % COUNTED_AGAIN == 0:
                again.append(counted_again(exam))
    values = {
        "exams": len(rows),
        "normals": DEFAULT_NORMALS,
        **{name: numbers_of([row for row in rows if kept(row)]) for name, kept in KEPT.items()},
        "counted_again": {
            "exams": len(again),
            "deficit_sd_percent": rounded(np.mean([np.std(each, ddof=1) for each in again])),
        },
    }
    print(values)
    store_result("numbers", values, asked.first)


KEPT: dict[str, Callable[[Row], bool]] = {
    "all": lambda row: True,
    "accepted": lambda row: not row.flagged,
    "accepted_clinical": lambda row: not row.flagged and row.patient[0] == "clinical",
}
"""Which exams: the installed limits are of `clinical` exams without a reason for review."""


def paths_of(exams: SeedRange) -> list[Path]:
    return exams.paths


def row_of(exam: StoredExam, preset: str) -> Row:
    """Quantify an exam along the found axes and along the true ones."""
    group = exam_group(exam.scenario)
    estimate = estimate_pose(exam.volume, DEFAULT_METHOD)
    extent = estimate.extent
    size = (extent.length_mm, extent.radius_mm) if extent else ()
    found, doubts = severity_at(exam.volume, estimate.pose, size, group)
    at_truth, _ = severity_at(exam.volume, exam.pose, size, group)
    wall = true_wall(exam.known_truth)
    lost = lost_uptake(exam.scenario.phantom.heart).astype(np.float64)
    area = area_of(wall)
    return Row(
        patient=(preset, exam.scenario.exam_seed // 2),
        group=group,
        technique=group.camera,
        flagged=bool(estimate.quality.reasons or doubts),
        largest_loss=float(lost[wall.is_wall > 0].max()),
        extent=part(lost >= LOST, area),
        deep_part=part(lost >= DEEP, area),
        loss_part=float(np.average(np.clip(lost, 0, 1), weights=area)),
        territory=territory_of(wall, lost, area),
        found=found,
        at_truth=at_truth,
    )


def severity_at(
    volume: SpectVolume, pose: RigidPose, size: tuple[float, ...], group: NormalGroup
) -> tuple[Severity, tuple[str, ...]]:
    """Scores as ``quantify`` gives them, and its reasons to look at the wall."""
    limits = find_normals(DEFAULT_NORMALS).for_exam(group)
    if limits is None:
        raise LookupError(f"no limits for {group.words}")
    traced = trace_ventricle(volume, with_conventional_roll(pose), *size)
    return limits_severity(traced.polar_map, limits), reasons_to_review(traced, volume)


def area_of(wall: TrueWall) -> FloatArray:
    """Mid-wall area (row, angle) that each ray through muscle stands for."""
    points = ray_points_mm(wall.middle_mm)
    around = (np.roll(points, -1, axis=1) - np.roll(points, 1, axis=1)) / 2
    along = np.gradient(points, axis=0)
    area: FloatArray = np.linalg.norm(np.cross(around, along), axis=-1) * wall.is_wall
    return area


def part(chosen: np.ndarray, area: FloatArray) -> float:
    return float((area * chosen).sum() / area.sum())


def territory_of(wall: TrueWall, lost: FloatArray, area: FloatArray) -> str:
    """The artery with two thirds of the loss; empty for none, and for several."""
    points = ray_points_mm(wall.middle_mm)
    apex = float(points[0, :, 2].mean())
    heights = np.clip((points[..., 2] - apex) / (wall.valve.center_mm[2] - apex), 0, 1)
    angles = np.rad2deg(np.arctan2(points[..., 1], points[..., 0]))
    numbers = segment_numbers(heights, angles)
    losses = {
        each.label: float((area * lost)[np.isin(numbers, each.value)].sum()) for each in TERRITORIES
    }
    largest = max(losses, key=lambda label: losses[label])
    total = sum(losses.values())
    return largest if total > 0 and losses[largest] >= 2 / 3 * total else ""


def counted_again(exam: StoredExam) -> list[float]:
    """Total perfusion deficit, per cent, of one heart with noise added, drawn anew each time."""
    rng = np.random.default_rng(exam.scenario.exam_seed)
    group, values = exam_group(exam.scenario), []
    for _ in range(TIMES):
        volume = with_other_noise(exam.volume, rng)
        estimate = estimate_pose(volume, DEFAULT_METHOD)
        extent = estimate.extent
        size = (extent.length_mm, extent.radius_mm) if extent else ()
        found, _ = severity_at(volume, estimate.pose, size, group)
        values.append(100 * found.total_perfusion_deficit)
    return values


def with_other_noise(volume: SpectVolume, rng: np.random.Generator) -> SpectVolume:
    """Add noise with the grain of a reconstruction, of a twentieth of the counts."""
    grain = ndimage.gaussian_filter(rng.normal(size=volume.shape), 1.0)
    noise = 0.05 * grain / grain.std() * volume.counts
    return SpectVolume(np.maximum(volume.counts + noise, 0), volume.patient_from_index)


def numbers_of(rows: Sequence[Row]) -> dict[str, Any]:
    """All that is asked of the numbers, of some exams."""
    return {
        "exams": len(rows),
        "healthy": of_healthy([row for row in rows if row.is_healthy]),
        "detection": detection(rows),
        "extent": extents(rows),
        "large_and_deep": large_and_deep(rows),
        "local": of_local([row for row in rows if row.extent <= LOCAL_PART]),
        "pose": pose_effect(rows),
        "pairs": pairs(rows),
    }


def of_local(rows: Sequence[Row]) -> dict[str, Any]:
    """What depends on a healthy part to compare with, where there is one."""
    return {
        "extent": extents(rows),
        "large_and_deep": large_and_deep(rows),
        "reversible": pairs(rows)["reversible"],
    }


def of_healthy(rows: Sequence[Row]) -> dict[str, Any]:
    scores = np.array([row.found.summed_score for row in rows])
    scars = np.array([100 * (row.found.scar_burden or 0.0) for row in rows])
    deficits = np.array([row.found.total_perfusion_deficit for row in rows])
    return {
        "exams": len(rows),
        "summed_score": {"median": rounded(np.median(scores)), "95th": high(scores)},
        "scar_percent": {"median": rounded(np.median(scars)), "95th": high(scars)},
        "deficit_5_part": rounded((deficits >= ABNORMAL_DEFICIT).mean()),
        "explained": {fact: explained(rows, fact) for fact in GROUP_FACTS},
    }


def explained(rows: Sequence[Row], fact: str) -> float:
    """Part of the variance of the uptake of healthy hearts that lies between values of a fact."""
    maps = [each.found.polar_map for each in rows]
    uptakes = np.array([(each.uptake_percent / each.mean_uptake_percent).ravel() for each in maps])
    values = np.array([getattr(row.group, fact) for row in rows])
    middle = uptakes.mean(axis=0)
    between = sum(
        (values == value).sum() * ((uptakes[values == value].mean(axis=0) - middle) ** 2).sum()
        for value in np.unique(values)
    )
    return rounded(between / ((uptakes - middle) ** 2).sum())


LOSSES = ((0.2, 0.3), (0.3, 0.4), (0.4, 0.6), (0.6, 1.01))


def detection(rows: Sequence[Row]) -> dict[str, Any]:
    """Area under the ROC curve of the deficit, all defects and by their largest loss."""
    healthy = [row for row in rows if row.is_healthy]
    ill = [row for row in rows if row.has_defect]
    groups = {
        "all": ill,
        "local": [row for row in ill if row.extent <= LOCAL_PART],
        "most of the wall": [row for row in ill if row.extent > LOCAL_PART],
    } | {
        f"{100 * low:.0f} to {min(100 * top, 100):.0f} %": [
            row for row in rows if low <= row.largest_loss < top
        ]
        for low, top in LOSSES
    }
    return {name: {"exams": len(each), "auc": area(each, healthy)} for name, each in groups.items()}


def area(ill: Sequence[Row], healthy: Sequence[Row]) -> float | None:
    if min(len(ill), len(healthy)) < 5:
        return None
    values = [row.found.total_perfusion_deficit for row in (*ill, *healthy)]
    truth = np.arange(len(values)) < len(ill)
    return rounded(roc_area(np.array(values), truth))


def extents(rows: Sequence[Row]) -> dict[str, Any]:
    """Measured against true extent of deep defects of one territory."""
    kept = [row for row in rows if row.has_defect and row.largest_loss >= DEEP and row.territory]
    if len(kept) < 5:
        return {"exams": len(kept)}
    true = np.array([row.extent for row in kept])
    off = np.array([row.found.extent for row in kept]) - true
    return {
        "exams": len(kept),
        "r": correlation(true, true + off),
        "bias_percent": rounded(100 * off.mean()),
        "sd_percent": rounded(100 * off.std(ddof=1)),
    }


def large_and_deep(rows: Sequence[Row]) -> dict[str, Any]:
    """Defects of a seventh of the wall that lose half or more, and how many are scored too low."""
    kept = [row for row in rows if row.deep_part >= LARGE_PART]
    return {
        "exams": len(kept),
        "scored_below_8": sum(row.found.summed_score < LOW_SCORE for row in kept),
        "lowest": min((row.found.summed_score for row in kept), default=None),
    }


def pose_effect(rows: Sequence[Row]) -> dict[str, float]:
    score = np.array([(row.at_truth.summed_score, row.found.summed_score) for row in rows], float)
    scar = np.array([(row.at_truth.scar_burden, row.found.scar_burden) for row in rows], float)
    return {
        "summed_score_mae": rounded(np.abs(score[:, 1] - score[:, 0]).mean()),
        "summed_score_r": correlation(score[:, 0], score[:, 1]),
        "scar_burden_mae": rounded(np.abs(scar[:, 1] - scar[:, 0]).mean(), 4),
    }


def pairs(rows: Sequence[Row]) -> dict[str, Any]:
    """Stress and rest of one patient: the loss that returns, against the true one."""
    by_patient: dict[tuple[str, int], dict[str, Row]] = {}
    for row in rows:
        by_patient.setdefault(row.patient, {})[row.group.condition] = row
    both = [each for each in by_patient.values() if len(each) == 2]
    if not both:
        return {"without_change": {"pairs": 0}, "reversible": {"pairs": 0, "r": None}}
    true = np.array([each["stress"].loss_part - each["rest"].loss_part for each in both])
    found = [change_of(each["stress"], each["rest"]) for each in both]
    scores = np.array([each.summed_score for each in found], float)
    deficits = np.array([each.total_perfusion_deficit for each in found])
    still, changed = np.abs(true) < SAME, true >= SAME
    return {
        "without_change": {
            "pairs": int(still.sum()),
            "score_mean": rounded(scores[still].mean()),
            "score_sd": rounded(scores[still].std(ddof=1)),
            "place_sd": rounded(
                np.std([each.loss_part for each in found_in(found, still)], axis=0).mean()
            ),
        },
        "reversible": {
            "pairs": int(changed.sum()),
            "r": correlation(true[changed], deficits[changed]) if changed.sum() > 4 else None,
        },
    }


def found_in(found: Sequence[Reversibility], chosen: np.ndarray) -> list[Reversibility]:
    return [each for each, taken in zip(found, chosen, strict=True) if taken]


SAME = 0.005
"""Part of all uptake whose return at rest is no change."""


def change_of(stress: Row, rest: Row) -> Reversibility:
    under, at = stress.found.comparison, rest.found.comparison
    if under is None or at is None:
        raise LookupError("exams that are not compared with limits")
    return reversibility_of(under, at)


def correlation(one: FloatArray, other: FloatArray) -> float:
    return rounded(np.corrcoef(one, other)[0, 1], 3)


def high(values: FloatArray) -> float:
    return rounded(np.percentile(values, 95))


def rounded(value: float, digits: int = 3) -> float:
    return round(float(value), digits)


if __name__ == "__main__":
    main()
