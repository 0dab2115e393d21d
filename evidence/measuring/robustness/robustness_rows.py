"""Numbers of a method on pairs of exams, before and after a change, by group."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from evidence.measuring.robustness.paired_loss import paired_loss
from evidence.measuring.robustness.robustness_cohorts import ExamPair
from shortaxis.evaluation.cohorts.exam_truth import ExamTruth, Stratum
from shortaxis.evaluation.poses.estimating import estimate_exam
from shortaxis.evaluation.scores.exam_estimate import ExamEstimate
from shortaxis.evaluation.scores.exam_score import ExamScore, score_exams
from shortaxis.evaluation.scores.groups import GROUPS
from shortaxis.evaluation.scores.summary import summarise
from shortaxis.simulation.exam_files import read_exam_facts

__all__ = ["ERRORS", "HARDEST_GROUPS", "ORDINARY_GROUPS", "SINGLE_GROUPS", "group_rows"]

ERRORS = ("long_axis_deg", "roll_deg", "center_mm")

Belongs = Callable[[Mapping[str, Stratum]], bool]
Row = dict[str, Any]

ORDINARY_GROUPS: dict[str, Belongs] = {
    **GROUPS,
    "OSEM": lambda strata: strata["reconstruction"] == "osem",
    "filtered back projection": lambda strata: strata["reconstruction"] == "fbp",
}
"""By what the exam was before the change."""

HARDEST_GROUPS: dict[str, Belongs] = {
    "changed to one iteration": lambda strata: strata["changed_reconstruction"] == "osem",
    "changed to back projection": lambda strata: strata["changed_reconstruction"] == "fbp",
    "changed to the heaviest filter": lambda strata: float(strata["patient"]) % 4 < 2,
    "changed to the lightest filter": lambda strata: float(strata["patient"]) % 4 >= 2,
}
"""By what it was changed to."""

SINGLE_GROUPS: dict[str, Belongs] = {"concerned": lambda strata: bool(strata["concerned"])}
"""Exams that a single setting changes: not every camera has it."""


def group_rows(
    pairs: Sequence[ExamPair], method: str, groups: Mapping[str, Belongs]
) -> dict[str, Row]:
    """Numbers of all groups that have exams, by one method.

    Raises
    ------
    UnknownWeightsError
        If the weights of the method are not installed.
    """
    truths = [_truths(pair) for pair in pairs]
    paths = [(pair.ordinary, pair.changed) for pair in pairs]
    before, after = (
        score_exams(each, tuple(_estimate(method, path) for path in of_each))
        for each, of_each in zip(zip(*truths, strict=True), zip(*paths, strict=True), strict=True)
    )
    patients = {pair.scenario.exam_seed: pair.scenario.patient for pair in pairs}
    rows = {}
    for name, belongs in groups.items():
        chosen = [number for number, score in enumerate(before) if belongs(score.truth.strata)]
        if chosen:
            first, second = ([scores[number] for number in chosen] for scores in (before, after))
            rows[name] = _row(first, second, patients)
    return rows


def _row(before: list[ExamScore], after: list[ExamScore], patients: Mapping[int, int]) -> Row:
    return {
        "exams": len(before),
        "ordinary": _numbers(before),
        "changed": _numbers(after),
        "loss": {name: _loss(before, after, name, patients) for name in ERRORS},
    }


def _loss(
    before: list[ExamScore], after: list[ExamScore], name: str, patients: Mapping[int, int]
) -> Row | None:
    """Loss over the exams that have this error both ways."""
    known = [
        (first, second, patients[one.truth.exam_seed])
        for one, other in zip(before, after, strict=True)
        if (first := getattr(one.errors, name, None)) is not None
        and (second := getattr(other.errors, name, None)) is not None
    ]
    if not known:
        return None
    first, second, owners = zip(*known, strict=True)
    found = paired_loss(first, second, owners)
    interval = found.interval and [round(end, 3) for end in found.interval]
    return {"pairs": found.pairs, "loss": round(found.loss, 3), "interval": interval}


@cache
def _estimate(method: str, path: Path) -> ExamEstimate:
    """Estimate once: ordinary exams serve several cohorts."""
    return estimate_exam(method, (int(path.stem), path))


def _truths(pair: ExamPair) -> tuple[ExamTruth, ExamTruth]:
    """Truth of the ordinary exam and of the changed one, with the strata of the ordinary one.

    So a group holds the same exams before and after; only what cuts the heart counts either way.
    The poses are the same, but of a patient who moved, by a millimetre: fewer views split the
    acquisition elsewhere.
    """
    facts = [read_exam_facts(path) for path in (pair.ordinary, pair.changed)]
    (scenario, _, strata), (changed, _, changed_strata) = facts
    shared: dict[str, Stratum] = {
        **strata,
        "truncated": bool(strata["truncated"] or changed_strata["truncated"]),
        "reconstruction": scenario.reconstruction.method,
        "changed_reconstruction": changed.reconstruction.method,
        "concerned": changed != scenario,
        "patient": scenario.patient,
    }
    first, second = (
        ExamTruth(each.exam_seed, pose, each.field_of_view.grid.center_mm, shared)
        for each, pose, _ in facts
    )
    return first, second


def _numbers(scores: Sequence[ExamScore]) -> Row:
    summary = summarise(scores)
    return {
        "not_found": summary.not_found,
        "failures": summary.failures.hits,
        "flagged": summary.flagged.hits,
        "unflagged_failures": summary.unflagged_failures.hits,
        "errors": {
            name: found
            and {"exams": found.exams, "median": round(found.median, 3), "p95": round(found.p95, 3)}
            for name in ERRORS
            for found in [summary.errors[name]]
        },
    }
