"""The report of an evaluation, as blocks."""

from __future__ import annotations

from collections.abc import Sequence

from shortaxis._version import __version__
from shortaxis.evaluation.cohorts.benchmarks import CheckState, CohortCheck
from shortaxis.evaluation.cohorts.reviewed_exams import REVIEWED
from shortaxis.evaluation.document.blocks import Block, Bullets, Heading, Paragraph, Picture
from shortaxis.evaluation.report.tables import (
    agreement_table,
    correlation_table,
    coverage_table,
    error_table,
    flag_table,
    reasons_table,
    summary_table,
    worst_table,
)
from shortaxis.evaluation.scores.cohort_evaluation import CohortEvaluation
from shortaxis.evaluation.scores.exam_estimate import Absence
from shortaxis.evaluation.scores.method_evaluation import MethodEvaluation
from shortaxis.evaluation.scores.wording import listed, no_exam_words, whole_number
from shortaxis.workflow.studies.record import NOTICE

__all__ = ["build_document", "check_words"]

MAX_LISTED = 100
"""Exams without a pose that are listed in the report; all of them are in the other files."""

DEFINITIONS = (
    "Long axis: angle between the directed true and estimated long axes. Centre: distance of the "
    "centres of the left ventricle. Roll: turn about the long axis that is left after the axes "
    "were laid on each other. Geodesic: angle of the whole rotation.",
    "A dash: not known. Roll, geodesic and beta are left out where a method's roll is a convention "
    "and not what it saw; r needs four poses.",
    "Failure: no pose, or more than 15 degrees (long axis) or 15 mm (centre) off.",
    "Flagged: a reason to review, or no pose: that nothing was found is told. Accepted failures, "
    "which are not flagged, are the dangerous ones; their part is of all exams.",
    "Sensitivity: flagged failures of all failures. Specificity: accepted exams of all that are "
    "no failures.",
    "Groups overlap. Large defect: a quarter of the wall has less than half of its uptake. Hot "
    "organ: more than 2 % of what lies within 14 mm of the left ventricle is at least 0.7 times as "
    "hot as healthy myocardium. Small heart: shorter than 75 mm, or a cavity of less than 45 ml. "
    "Few counts: below 100 in the hottest bin of the heart, or noise of more than a tenth of the "
    "wall. Extreme pose: an angle outside two standard deviations of the clinical prior. Cut by "
    "the field: a part of the left ventricle lies less than 8 mm inside it. None of these: nor a "
    "large defect.",
    "Ranges in brackets are 95 % confidence intervals: Wilson's for parts, Fisher's z for "
    "Pearson's r; where nothing was counted, its upper end stands behind 'at most'. They count "
    "exams as independent; stress and rest of one patient are not quite.",
    "Parameters: x_m, y_m, z_m are the centre from the middle of the volume, theta the azimuth, "
    "alpha the elevation, beta the roll. Limits of agreement are bias and 1.96 standard "
    "deviations of estimate less truth.",
)

UNCERTAINTY = (
    "A bound that holds with 90 % probability covers 90 % of the errors: so does the network's on "
    "exams like those it was calibrated on. The ellipsoid reports the spread of its fit, which is "
    "no bound."
)


def build_document(evaluation: CohortEvaluation, figures: Sequence[Picture]) -> list[Block]:
    """Everything that is reported of an evaluation; `figures` go where their method is."""
    blocks: list[Block] = [
        Heading(f"Evaluation of {evaluation.name}", 1),
        *_origin(evaluation),
        Heading("All methods"),
        Paragraph("Errors are median / 95th percentile / maximum over exams with a pose."),
        summary_table(evaluation.methods),
        Paragraph("Pearson's r of true and estimated parameters:"),
        correlation_table({each.method: each.overall for each in evaluation.methods}, "method"),
        *(each for each in figures if not each.method),
    ]
    for method in evaluation.methods:
        blocks += _method(method, [each for each in figures if each.method == method.method])
    return [*blocks, Heading("What the words mean"), Bullets(DEFINITIONS)]


def check_words(check: CohortCheck) -> str:
    """What the checksum says, in one sentence."""
    states = {
        CheckState.SAME: f"The exams are those of {check.benchmark}: the checksum is as published.",
        CheckState.DIFFERENT: f"The exams are not those of {check.benchmark}: "
        f"{_difference(check)}. The numbers below cannot be compared with others.",
        CheckState.UNKNOWN: f"The exams have the seeds of {check.benchmark}, for which this "
        "version knows no checksum.",
        CheckState.NO_BENCHMARK: "The exams are no published benchmark.",
    }
    return states[check.state]


def _difference(check: CohortCheck) -> str:
    if check.sha256 != check.expected_sha256:
        return f"their checksum is {check.sha256} and not {check.expected_sha256}"
    seeds = ", ".join(map(str, check.differing_volumes))
    return f"what was drawn is the same, but the counts of exams {seeds} differ by more than noise"


def _origin(evaluation: CohortEvaluation) -> list[Block]:
    is_reviewed = evaluation.request.preset == REVIEWED
    facts = [
        _reviewed_words(evaluation) if is_reviewed else _simulated_words(evaluation),
        check_words(evaluation.check),
        f"SHA-256 of the exams: {evaluation.check.sha256}",
        f"Evaluated by ShortAxis {__version__}.",
    ]
    if evaluation.command:
        facts.append(f"Command: {evaluation.command}")
    return [Paragraph(NOTICE), Bullets(tuple(facts))]


def _simulated_words(evaluation: CohortEvaluation) -> str:
    request = evaluation.request
    slots = f", {request.time_slots} time slots summed" if request.time_slots else ""
    return (
        f"{whole_number(request.count)} simulated exams of the preset {request.preset}, seeds "
        f"{request.first_seed} to {request.seeds[-1]}, made by version "
        f"{evaluation.cohort_version}{slots}."
    )


def _reviewed_words(evaluation: CohortEvaluation) -> str:
    strata = [score.truth.strata for score in evaluation.methods[0].scores]
    corrected = sum(each.get("review") == "corrected" for each in strata)
    return (
        f"{whole_number(len(strata))} real studies; the true pose is the one that a reviewer "
        f"signed off: corrected in {corrected}, the automatic one in {len(strata) - corrected}. "
        "Who accepts a pose has seen it: agreement with accepted poses is no independent test. "
        f"Exported by version {evaluation.cohort_version}."
    )


def _method(method: MethodEvaluation, figures: Sequence[Picture]) -> list[Block]:
    worst = [each for each in figures if "worst" in each.path]
    return [
        Heading(f"Method: {method.method}"),
        *_weights(method),
        Heading("Six parameters", 3),
        agreement_table(method.overall),
        *(each for each in figures if each not in worst),
        Heading("Errors by group, all poses", 3),
        error_table(method.groups, accepted=False),
        Heading("Errors by group, accepted poses", 3),
        error_table(method.groups, accepted=True),
        Heading("Failures and flags by group", 3),
        flag_table(method.groups),
        Heading("Pearson's r by group", 3),
        correlation_table(method.groups, "group"),
        *_uncertainty(method),
        *_reasons(method),
        *_without_pose(method),
        *_files_of_no_exam(method),
        Heading("Largest errors", 3),
        worst_table(method.worst),
        *worst,
    ]


def _weights(method: MethodEvaluation) -> list[Block]:
    words = [f"{each.name} {each.version}, SHA-256 {each.sha256}" for each in method.weights]
    return [Paragraph(f"Weights: {'; '.join(words)}")] if words else []


def _uncertainty(method: MethodEvaluation) -> list[Block]:
    if not any(method.coverage.values()):
        return []
    return [Heading("Reported uncertainty", 3), coverage_table(method), Paragraph(UNCERTAINTY)]


def _reasons(method: MethodEvaluation) -> list[Block]:
    return [Heading("Reasons", 3), reasons_table(method)] if method.reasons else []


def _without_pose(method: MethodEvaluation) -> list[Block]:
    lines = []
    for absence in Absence:
        seeds = method.seeds_without(absence)
        if seeds:
            lines.append(f"{absence.value.capitalize()}, {len(seeds)}: {listed(seeds, MAX_LISTED)}")
    return [Heading("Exams without a pose", 3), Bullets(tuple(lines))] if lines else []


def _files_of_no_exam(method: MethodEvaluation) -> list[Block]:
    words = no_exam_words(method.files_of_no_exam)
    return [Paragraph(f"{words}.")] if words else []
