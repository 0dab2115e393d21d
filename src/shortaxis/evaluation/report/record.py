"""An evaluation as plain values, for ``evaluation.json``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from shortaxis._version import __version__
from shortaxis.evaluation.cohorts.benchmarks import CohortCheck
from shortaxis.evaluation.scores.cohort_evaluation import CohortEvaluation
from shortaxis.evaluation.scores.exam_estimate import Absence
from shortaxis.evaluation.scores.exam_score import ERRORS, FAILURE_DEG, FAILURE_MM, ExamScore
from shortaxis.evaluation.scores.intervals import CONFIDENCE, Correlation, Proportion
from shortaxis.evaluation.scores.method_evaluation import MethodEvaluation
from shortaxis.evaluation.scores.summary import Agreement, ErrorStatistics, GroupSummary
from shortaxis.workflow.studies.record import NOTICE

__all__ = ["EVALUATION_SCHEMA", "evaluation_to_record"]

EVALUATION_SCHEMA = "shortaxis/evaluation/1"

PROPORTIONS = ("failures", "unflagged_failures", "flagged", "sensitivity", "specificity")

Record = dict[str, Any]


def evaluation_to_record(evaluation: CohortEvaluation, files: Sequence[str] = ()) -> Record:
    """Everything but the single exams, which are in ``errors.csv``; unknown numbers are None."""
    return {
        "schema": EVALUATION_SCHEMA,
        "notice": NOTICE,
        "software": {"name": "shortaxis", "version": __version__},
        "command": evaluation.command,
        "cohort": {
            "name": evaluation.name,
            **asdict(evaluation.request),
            "software_version": evaluation.cohort_version,
            "checksum": _check(evaluation.check),
        },
        "definitions": {
            "failure_deg": FAILURE_DEG,
            "failure_mm": FAILURE_MM,
            "confidence": CONFIDENCE,
        },
        "methods": {each.method: _method(each) for each in evaluation.methods},
        "files": list(files),
    }


def _check(check: CohortCheck) -> Record:
    return {
        "state": check.state.value,
        "benchmark": check.benchmark or None,
        "sha256": check.sha256,
        "expected_sha256": check.expected_sha256 or None,
        "differing_volumes": list(check.differing_volumes),
    }


def _method(method: MethodEvaluation) -> Record:
    return {
        "weights": [asdict(each) for each in method.weights],
        "groups": {name: _group(group) for name, group in method.groups.items()},
        "coverage": {name: _proportion(each) for name, each in method.coverage.items()},
        "reasons": dict(method.reasons),
        "not_found": list(method.seeds_without(Absence.NOT_FOUND)),
        "no_pose": list(method.seeds_without(Absence.NO_POSE)),
        "files_of_no_exam": list(method.files_of_no_exam),
        "worst": [_worst(score) for score in method.worst],
    }


def _group(group: GroupSummary) -> Record:
    return {
        "exams": group.exams,
        "not_found": group.not_found,
        "no_pose": group.no_pose,
        **{name: _proportion(getattr(group, name)) for name in PROPORTIONS},
        "errors": {name: _values(each) for name, each in group.errors.items()},
        "accepted_errors": {name: _values(each) for name, each in group.accepted_errors.items()},
        "correlations": {name: _correlation(each) for name, each in group.correlations.items()},
        "agreement": {name: _values(each) for name, each in group.agreement.items()},
    }


def _proportion(proportion: Proportion | None) -> Record | None:
    if proportion is None:
        return None
    low, high = proportion.interval or (None, None)
    return {
        "hits": proportion.hits,
        "total": proportion.total,
        "part": proportion.part,
        "low": low,
        "high": high,
    }


def _correlation(correlation: Correlation | None) -> Record | None:
    if correlation is None:
        return None
    low, high = correlation.interval
    return {"exams": correlation.exams, "r": correlation.r, "low": low, "high": high}


def _values(values: ErrorStatistics | Agreement | None) -> Record | None:
    return None if values is None else asdict(values)


def _worst(score: ExamScore) -> Record:
    reasons = score.estimate.quality.reasons if score.estimate is not None else ()
    return {
        "exam_seed": score.truth.exam_seed,
        **{name: getattr(score.errors, name) for name in ERRORS},
        "flagged": score.is_flagged,
        "reasons": list(reasons),
    }
