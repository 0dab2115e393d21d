"""One heart imaged again and again, and what a report says of the change from the first exam.

The heart of a patient is imaged once more as it was, with a defect of one artery added, and as it
was on another camera. Each is compared with the first exam as ``shortaxis report --prior`` compares
them.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from typing import Any

import numpy as np
from scipy import ndimage, stats

from evidence.measuring.polar_maps.prior_exams import (
    imaged_again,
    on_camera_of,
    report_exam,
    with_defect,
)
from evidence.recording.options import add_cohorts, add_workers
from evidence.recording.record import store_result
from evidence.recording.resuming import measured_seeds
from evidence.registry.result import Cohort
from shortaxis.anatomy.segments import TERRITORIES
from shortaxis.errors import HeartNotFoundError
from shortaxis.geometry.pose_errors import pose_errors
from shortaxis.quantification.reversibility import PAIR_SD
from shortaxis.quantification.scored_map import MOST, ScoredMap
from shortaxis.simulation.presets import sample_scenario
from shortaxis.simulation.scenario import ExamScenario
from shortaxis.simulation.simulating import true_pose
from shortaxis.workflow.quantify.quantifying import QuantifyOptions
from shortaxis.workflow.study_report.earlier.comparing import compared_exams, comparison_doubts
from shortaxis.workflow.study_report.earlier.unlike import unlike_exams
from shortaxis.workflow.study_report.earlier.words import change_words
from shortaxis.workflow.study_report.exams.finding import LoadedExams
from shortaxis.workflow.study_report.exams.pairing import (
    EarlierExam,
    QuantifiedPair,
    quantify_exams,
)

__all__ = ["KINDS", "Row", "compared_patient", "measure_patients", "share"]

Row = dict[str, Any]

KINDS = ("unchanged", "added", "another camera")
"""How the heart is imaged once more."""

DAYS = 365
CONFIDENCE = 0.95


def measure_patients(
    name: str,
    cohort: Cohort,
    measured: Callable[[int], Row],
    summary: Callable[[Sequence[Row]], Row],
    description: str | None,
) -> None:
    """Be the script of a result: compare patients of a cohort, and store the summary.

    A patient goes by the seed of the exam under stress; the next seed gives the second day.
    """
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--count", type=int, default=cohort.count // 2, help="Patients.")
    add_cohorts(parser)
    add_workers(parser)
    asked = parser.parse_args()
    seeds = range(cohort.first_seed, cohort.first_seed + 2 * asked.count, 2)
    values = summary(measured_seeds(name, asked.cohorts, seeds, measured, asked.workers))
    print(values)
    store_result(name, values, cohort.first_seed)


def compared_patient(cohort: Cohort, seed: int) -> Row:
    """Comparisons of one patient by their kind; None where an exam shows no heart."""
    first = sample_scenario(cohort.preset, seed)
    again = imaged_again(first)
    diseased, defect = with_defect(again)
    scenarios = (again, diseased, on_camera_of(other_camera(cohort, first), again))
    later = dict(zip(KINDS, scenarios, strict=True))
    earlier = quantified(first)
    compared = {
        kind: None if earlier is None else comparison(earlier, scenario)
        for kind, scenario in later.items()
    }
    heart = first.phantom.heart
    other = later["another camera"].acquisition
    return {
        "seed": seed,
        "is_other_kind": other.technique != first.acquisition.technique,
        "off": None if earlier is None else off(earlier, first),
        "is_normal": not heart.defects and heart.left_ventricle.aneurysm is None,
        "defect": asdict(defect),
        **compared,
    }


def other_camera(cohort: Cohort, first: ExamScenario) -> ExamScenario:
    """The next patient of the cohort who is imaged by another camera, at the first's condition."""
    place = first.exam_seed - cohort.first_seed
    steps = ((place + step) % cohort.count for step in range(2, cohort.count, 2))
    scenarios = (sample_scenario(cohort.preset, cohort.first_seed + step) for step in steps)
    return next(each for each in scenarios if each.acquisition.camera != first.acquisition.camera)


def quantified(scenario: ExamScenario) -> QuantifiedPair | None:
    """An exam as a report has it; None if no heart is found."""
    try:
        return quantify_exams(LoadedExams((report_exam(scenario),)), QuantifyOptions())
    except HeartNotFoundError:
        return None


def comparison(earlier: QuantifiedPair, scenario: ExamScenario) -> Row | None:
    """What a report says of a later exam against the earlier one; None without a map of change."""
    now = quantified(scenario)
    if now is None:
        return None
    doubts = unlike_exams(now.exams[0].exam, earlier.exams[0].exam)
    pair = replace(now, earlier=EarlierExam(earlier, DAYS, tuple(doubts)))
    (compared,) = compared_exams(pair)
    change = compared.change
    if change is None:
        return None
    both = (change.worse, change.better)
    area = change.worse.polar_map.area_mm2
    middle = np.average(change.change_part, weights=area)
    return {
        "words": change_words(change),
        "worse": [number for number, score in change.worse.segment_scores.items() if score],
        "better": [number for number, score in change.better.segment_scores.items() if score],
        "percent": [round(100 * each.total_perfusion_deficit, 2) for each in both],
        "patch_percent": [round(100 * largest_patch(each), 2) for each in both],
        "sums": [each.summed_score for each in both],
        "territory": territory_found(change.worse),
        "place_sd": round(
            float(np.sqrt(np.average((change.change_part - middle) ** 2, weights=area))), 4
        ),
        "changed_part": round(
            float(np.average(np.abs(change.change_part) > 2 * PAIR_SD, weights=area)), 4
        ),
        "off": off(now, scenario),
        "doubts": list(comparison_doubts(pair)),
    }


def off(pair: QuantifiedPair, scenario: ExamScenario) -> list[float]:
    """How far the axis (degrees) and the centre (mm) that were found lie from the true ones."""
    errors = pose_errors(pair.exams[0].quantified.estimate.pose, true_pose(scenario))
    return [round(errors.long_axis_deg, 2), round(errors.center_mm, 2)]


def territory_found(scored: ScoredMap) -> str:
    """The artery with the largest sum of the scores of the places; empty where none is scored."""
    found = scored.polar_map
    scores = scored.scores * found.area_mm2
    sums = {
        each.label: float(scores[np.isin(found.segments, each.value)].sum()) for each in TERRITORIES
    }
    return max(sums, key=lambda label: sums[label]) if any(sums.values()) else ""


def largest_patch(scored: ScoredMap) -> float:
    """What the largest patch of changed wall has of the deficit, 0 to 1 of the whole wall.

    Places belong to one patch where they share an edge or a corner. The map is round: laid out
    twice side by side, each patch lies whole in it once.
    """
    area, scores = scored.polar_map.area_mm2, scored.scores
    patches, number = ndimage.label(np.tile(scores > 0, 2), np.ones((3, 3)))
    twice = patches.reshape(len(scores), 2, -1)
    places = ((twice == patch).any(axis=1) for patch in range(1, number + 1))
    deficits = [float((scores * area)[each].sum()) for each in places]
    return max(deficits, default=0.0) / float(area.sum()) / MOST


def share(hits: Sequence[bool]) -> Row:
    """Hits of how many, their share, and the ends of its Wilson interval; None of nothing."""
    if not hits:
        return {"hits": 0, "of": 0, "share": None}
    found = stats.binomtest(sum(hits), len(hits))
    interval = found.proportion_ci(CONFIDENCE, "wilson")
    low, high = (round(float(each), 3) for each in (interval.low, interval.high))
    part = round(float(found.statistic), 3)
    return {"hits": sum(hits), "of": len(hits), "share": [part, low, high]}
