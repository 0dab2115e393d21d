"""Whether known defects are found, and whether an automatic pose changes the reading.

``python -m evidence run quantification -- [--cohorts FOLDER] [--count N] [--pictures FOLDER]``
quantifies 1,000 stress and 1,000 rest exams twice, at the true pose and at the network's, by the
installed normal limits, and stores ``quantification.json``. The exams are those of the test
cohort ``clinical-1000`` and the next thousand seeds of the same preset, in ``clinical-more``. It
stores

- how well total perfusion deficit and summed score tell exams with a defect from those without;
- the measured extent against the true one, and which territory has the largest measured loss for
  each with the largest true one;
- scores and scar burden at the network's pose against those at the true pose (figure 5 of Zhu et
  al.), and how they change as the pose is turned and shifted.

A defect here is any place that loses a fifth of its uptake or more, to an aneurysm too.
"""

from __future__ import annotations

import argparse
import itertools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy import stats
from scipy.spatial.transform import Rotation

from evidence.measuring.polar_maps.roc import roc_area
from evidence.recording.options import add_cohorts, add_pictures
from evidence.recording.record import store_result
from shortaxis.anatomy.segments import Territory
from shortaxis.cli.benchmark_cohorts import find_or_make_cohort
from shortaxis.cli.progress import progress_bar
from shortaxis.errors import HeartNotFoundError
from shortaxis.evaluation.normals_building import exam_group
from shortaxis.geometry.arrays import FloatArray
from shortaxis.geometry.euler import with_conventional_roll
from shortaxis.geometry.pose import RigidPose, compose
from shortaxis.quantification.normal_files import DEFAULT_NORMALS, find_normals
from shortaxis.quantification.normal_limits import NormalLimits
from shortaxis.quantification.polar_map import PolarMap
from shortaxis.quantification.severity import Severity, limits_severity
from shortaxis.quantification.tracing import trace_ventricle
from shortaxis.reorientation.methods import DEFAULT_METHOD, estimate_pose
from shortaxis.simulation.acquisition import Technique
from shortaxis.simulation.exam_files import StoredExam, read_compact_exam
from shortaxis.spect.volume import SpectVolume
from shortaxis.training.exams import SeedRange

BoolArray = np.ndarray[tuple[int, ...], np.dtype[np.bool_]]
IntArray = np.ndarray[tuple[int, ...], np.dtype[np.int64]]
Moved = dict[str, list[tuple[float, ...]]]

COHORT, MORE = "clinical-1000", "clinical-more"
LOST = 0.2
"""Part of the uptake from which a place counts as a defect."""

DEEP = 0.5
"""Part of the uptake that a deep defect loses somewhere."""

SMALL_STUDY = 46
"""Stress and rest exams of the held-out test of Zhu et al."""

TURNS_DEG, SHIFTS_MM = (0, 2, 5, 10, 15, 20), (0, 2, 5, 10, 15)
MOVED_EXAMS = 60


@dataclass(frozen=True, eq=False)
class Row:
    """One exam at the true pose and at the estimated one."""

    seed: int
    condition: str
    technique: str
    has_hot_organ: bool
    flagged: bool
    has_defect: bool
    largest_loss: float
    true_extent: float
    true_territory: Territory | None
    at_truth: Severity
    estimated: Severity


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    add_cohorts(parser)
    parser.add_argument("--count", type=int, default=2000)
    add_pictures(parser)
    arguments = parser.parse_args()
    sources = test_exams(arguments.cohorts, arguments.count)
    rows: list[Row] = []
    moved: list[Moved] = []
    not_found: list[int] = []
    with progress_bar("Quantifying") as update:
        for done, path in enumerate(sources, start=1):
            exam = read_compact_exam(path)
            seed = exam.scenario.exam_seed
            try:
                rows.append(row_of(exam, seed))
            except HeartNotFoundError:
                not_found.append(seed)
            if done % max(len(sources) // MOVED_EXAMS, 1) == 0:
                moved.append(moved_scores(exam))
            update(done, len(sources))
    values = {
        "cohort": COHORT,
        "exams": len(rows),
        "not_found": not_found,
        "normals": DEFAULT_NORMALS,
        "detection": detection(rows),
        "extent": extent(rows),
        "territory": territory(rows),
        "pose": {
            "all": pose_effect(rows),
            **{
                condition: pose_effect([row for row in rows if row.condition == condition])
                for condition in ("stress", "rest")
            },
            "accepted": pose_effect([row for row in rows if not row.flagged]),
            f"{SMALL_STUDY} + {SMALL_STUDY}": pose_effect(small_study(rows)),
        },
        "moved": sensitivity(moved),
    }
    print({name: values[name] for name in ("detection", "extent", "territory", "pose")})
    store_result("quantification", values, rows[0].seed)
    if arguments.pictures:
        from evidence.measuring.polar_maps.quantification_figure import draw

        draw(rows, values, arguments.pictures / "quantification.png")


def test_exams(cohorts: Path, count: int) -> list[Path]:
    """Files of the first exams of the benchmark, and of the seeds that follow it."""
    cohort = find_or_make_cohort(COHORT, cohorts, 1, quiet=False)
    seeds = cohort.request.seeds
    paths = [cohort.path_of(seed) for seed in seeds][:count]
    left = count - len(paths)
    if left > 0:
        more = SeedRange(cohorts / MORE, cohort.request.preset, seeds[-1] + 1, left)
        paths += more.paths
    return paths


def limits_of(exam: StoredExam) -> NormalLimits:
    """Limits of the group that an exam is of."""
    group = exam_group(exam.scenario)
    limits = find_normals(DEFAULT_NORMALS).for_exam(group)
    if limits is None:
        raise LookupError(f"no limits for {group}")
    return limits


def row_of(exam: StoredExam, seed: int) -> Row:
    limits = limits_of(exam)
    ventricle = exam.scenario.phantom.heart.left_ventricle
    size = (ventricle.length_mm, ventricle.radius_mm - ventricle.wall_mm / 2)
    at_truth = severity_at(exam.volume, exam.pose, size, limits)
    estimate = estimate_pose(exam.volume, DEFAULT_METHOD)
    extent = estimate.extent
    seen = (extent.length_mm, extent.radius_mm) if extent else ()
    estimated = severity_at(exam.volume, estimate.pose, seen, limits)
    lost = lost_part(exam, at_truth.polar_map)
    return Row(
        seed=seed,
        condition=exam.scenario.condition,
        technique=Technique[str(exam.strata["technique"])].value,
        has_hot_organ=bool(exam.strata["hot_organ"]),
        flagged=bool(estimate.quality.reasons),
        has_defect=bool((lost >= LOST).any()),
        largest_loss=float(lost.max()),
        true_extent=at_truth.polar_map.part_of_area(lost >= LOST),
        true_territory=main_territory(at_truth.polar_map, lost),
        at_truth=at_truth,
        estimated=estimated,
    )


def severity_at(
    volume: SpectVolume, pose: RigidPose, size: tuple[float, ...], limits: NormalLimits
) -> Severity:
    """Scores with the wall traced along the axes of a pose, as `quantify` does it."""
    traced = trace_ventricle(volume, with_conventional_roll(pose), *size)
    return limits_severity(traced.polar_map, limits)


def lost_part(exam: StoredExam, polar_map: PolarMap) -> FloatArray:
    """Part of the uptake (level, angle) that is taken by the exam's defects and aneurysm.

    At the conventional roll; of a healthy wall's, and of that of an aneurysm as a whole.
    """
    roll = conventional_from_anatomical_deg(exam.pose)
    heights = polar_map.heights[:, None]
    angles = polar_map.angles_deg[None] - roll
    kept = np.ones(polar_map.counts.shape)
    for each in exam.scenario.phantom.heart.defects:
        turn = np.abs((angles - each.angle_deg + 180) % 360 - 180)
        along = np.abs(heights - each.height)
        hit = (turn <= each.angular_extent_deg / 2) & (along <= each.longitudinal_extent / 2)
        kept = np.where(hit, np.minimum(kept, 1 - each.severity * each.transmurality), kept)
    aneurysm = exam.scenario.phantom.heart.left_ventricle.aneurysm
    if aneurysm is not None:
        kept = np.where(heights <= aneurysm.height, np.minimum(kept, aneurysm.uptake), kept)
    lost: FloatArray = 1 - kept
    return lost


def conventional_from_anatomical_deg(pose: RigidPose) -> float:
    """Angle that a place has more in the conventional frame than in the anatomical one."""
    conventional = with_conventional_roll(pose)
    turn = conventional.patient_from_cardiac.T @ pose.patient_from_cardiac
    return float(np.rad2deg(np.arctan2(turn[1, 0], turn[0, 0])))


def main_territory(polar_map: PolarMap, lost: FloatArray) -> Territory | None:
    """Territory with the largest loss, if it has at least two thirds of it."""
    sums = {each: territory_sum(polar_map, lost, each) for each in Territory}
    total = sum(sums.values())
    largest = max(sums, key=lambda each: sums[each])
    return largest if total > 0 and sums[largest] >= 2 / 3 * total else None


def territory_sum(polar_map: PolarMap, values: FloatArray, one: Territory) -> float:
    inside = np.isin(polar_map.segments, one.value)
    return float((values * polar_map.area_mm2)[inside].sum())


def detection(rows: list[Row]) -> dict[str, Any]:
    """Area under the ROC curve, with a bootstrap interval over patients, at the network's pose."""
    truth = np.array([row.has_defect for row in rows])
    patients = np.array([row.seed // 2 for row in rows])
    measures = {
        "total_perfusion_deficit": [row.estimated.total_perfusion_deficit for row in rows],
        "summed_score": [row.estimated.summed_score for row in rows],
    }
    return {
        "with_defect": int(truth.sum()),
        "without": int((~truth).sum()),
        **{name: area_with_interval(np.array(v), truth, patients) for name, v in measures.items()},
        "large": large_defects(rows),
        "among": detection_among(rows),
    }


def detection_among(rows: list[Row]) -> dict[str, dict[str, float]]:
    """Area under the ROC curve of the deficit among some exams, or for some defects against none.

    A group with fewer than ten exams of either kind is left out.
    """
    groups: dict[str, list[Row]] = {
        **{
            f"defects that lose {100 * low:.0f} % to {100 * high:.0f} %": [
                row for row in rows if not row.has_defect or low <= row.largest_loss < high
            ]
            for low, high in itertools.pairwise(LOSSES)
        },
        **{
            f"cameras: {each.value}": [row for row in rows if row.technique == each.value]
            for each in Technique
        },
        "a hot organ at the wall": [row for row in rows if row.has_hot_organ],
        "no hot organ at the wall": [row for row in rows if not row.has_hot_organ],
    }
    result = {}
    for name, kept in groups.items():
        truth = np.array([row.has_defect for row in kept], dtype=bool)
        if min(truth.sum(), (~truth).sum()) >= 10:
            deficits = np.array([row.estimated.total_perfusion_deficit for row in kept])
            result[name] = {
                "with_defect": int(truth.sum()),
                "without": int((~truth).sum()),
                "auc": roc_area(deficits, truth),
            }
    return result


LOSSES = (LOST, 0.3, 0.4, 0.6, 1.0)


def large_defects(rows: list[Row]) -> dict[str, float]:
    """The same for defects of a tenth of the wall or more against no defect."""
    kept = [row for row in rows if not row.has_defect or row.true_extent >= 0.1]
    truth = np.array([row.has_defect for row in kept])
    values = np.array([row.estimated.total_perfusion_deficit for row in kept])
    patients = np.array([row.seed // 2 for row in kept])
    return {"with_defect": int(truth.sum()), **area_with_interval(values, truth, patients)}


def area_with_interval(
    values: FloatArray, truth: BoolArray, patients: IntArray
) -> dict[str, float]:
    rng = np.random.default_rng(0)
    names = np.unique(patients)
    places = {name: np.flatnonzero(patients == name) for name in names}
    areas = []
    for _ in range(500):
        drawn = np.concatenate([places[name] for name in rng.choice(names, len(names))])
        if 0 < truth[drawn].sum() < len(drawn):
            areas.append(roc_area(values[drawn], truth[drawn]))
    low, high = np.percentile(areas, [2.5, 97.5])
    return {"auc": roc_area(values, truth), "low": float(low), "high": float(high)}


def extent(rows: list[Row]) -> dict[str, Any]:
    """Measured against true extent, of exams with a defect, and of those with a plain one.

    A plain one is deep and of one territory: where all three have lost, nothing healthy is left to
    compare with.
    """
    hit = [row for row in rows if row.has_defect]
    deep = [row for row in hit if row.largest_loss >= DEEP]
    plain = [row for row in deep if row.true_territory is not None]
    return {**extent_of(hit), "deep": extent_of(deep), "plain": extent_of(plain)}


def extent_of(rows: list[Row]) -> dict[str, float]:
    """Correlation and difference of extents, parts of the wall."""
    pairs = np.array([(row.true_extent, row.estimated.extent) for row in rows])
    off = pairs[:, 1] - pairs[:, 0]
    return {
        "exams": len(pairs),
        "r": float(stats.pearsonr(*pairs.T).statistic),
        "bias": float(off.mean()),
        "sd": float(off.std(ddof=1)),
    }


def territory(rows: list[Row]) -> dict[str, Any]:
    """Exams with one main territory: which one has the largest measured deficit, if any.

    `measured` counts by true and by measured territory.
    """
    names = [each.label for each in Territory]
    counts = {name: dict.fromkeys((*names, NOTHING), 0) for name in names}
    for row in rows:
        if row.true_territory is not None and row.true_extent >= 0.05:
            counts[row.true_territory.label][measured_territory(row.estimated)] += 1
    return {
        "exams": sum(sum(each.values()) for each in counts.values()),
        "named": sum(counts[name][name] for name in names),
        "nothing_measured": sum(each[NOTHING] for each in counts.values()),
        "measured": counts,
    }


NOTHING = "nothing"


def measured_territory(severity: Severity) -> str:
    """Label of the territory with the largest sum of scores."""
    sums = {
        each.label: territory_sum(severity.polar_map, severity.scores, each) for each in Territory
    }
    return max(sums, key=lambda each: sums[each]) if any(sums.values()) else NOTHING


def small_study(rows: list[Row]) -> list[Row]:
    """Stress and rest of patients drawn at random, as many as the paper tested on."""
    patients = sorted({row.seed // 2 for row in rows})
    chosen = np.random.default_rng(SMALL_STUDY).choice(patients, SMALL_STUDY, replace=False)
    return [row for row in rows if row.seed // 2 in set(chosen.tolist())]


def pose_effect(rows: list[Row]) -> dict[str, Any]:
    """Scores at the estimated pose against those at the true one."""
    result: dict[str, Any] = {"exams": len(rows)}
    for name, read in READ.items():
        pairs = np.array([(read(row.at_truth), read(row.estimated)) for row in rows])
        result[name] = {
            "r": float(stats.pearsonr(*pairs.T).statistic),
            "mae": float(np.abs(pairs[:, 0] - pairs[:, 1]).mean()),
            "bias": float((pairs[:, 1] - pairs[:, 0]).mean()),
        }
    return result


READ: dict[str, Callable[[Severity], float]] = {
    "summed_score": lambda severity: float(severity.summed_score),
    "total_perfusion_deficit": lambda severity: severity.total_perfusion_deficit,
    "scar_burden": lambda severity: severity.scar_burden or 0.0,
}


def moved_scores(exam: StoredExam) -> Moved:
    """Changes of what `READ` reads when the true pose is turned, and shifted, by so much."""
    limits = limits_of(exam)
    ventricle = exam.scenario.phantom.heart.left_ventricle
    size = (ventricle.length_mm, ventricle.radius_mm - ventricle.wall_mm / 2)
    rng = np.random.default_rng(exam.scenario.exam_seed)
    direction = rng.normal(size=3)
    direction /= np.linalg.norm(direction)
    straight = severity_at(exam.volume, exam.pose, size, limits)
    moved: Moved = {"turned": [], "shifted": []}
    for kind, amounts in (("turned", TURNS_DEG), ("shifted", SHIFTS_MM)):
        for amount in amounts:
            turn = direction * (amount if kind == "turned" else 0)
            shift = direction * (amount if kind == "shifted" else 0)
            motion = RigidPose(Rotation.from_rotvec(turn, degrees=True).as_matrix(), shift)
            found = severity_at(exam.volume, compose(exam.pose, motion), size, limits)
            moved[kind].append(tuple(abs(read(found) - read(straight)) for read in READ.values()))
    return moved


def sensitivity(moved: list[Moved]) -> dict[str, Any]:
    """Mean absolute change by amount."""
    result: dict[str, Any] = {"exams": len(moved)}
    for kind, amounts in (("turned", TURNS_DEG), ("shifted", SHIFTS_MM)):
        means = np.mean([each[kind] for each in moved], axis=0)
        result[kind] = [
            {"by": amount, **dict(zip(READ, map(float, row), strict=True))}
            for amount, row in zip(amounts, means, strict=True)
        ]
    return result


if __name__ == "__main__":
    main()
