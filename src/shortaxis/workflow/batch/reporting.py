"""Reports of a batch: one for each pair of stress and rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from shortaxis.errors import ShortAxisError
from shortaxis.spect.study import StudyCondition
from shortaxis.workflow.batch.options import BatchOptions
from shortaxis.workflow.batch.scanning import BatchStudy
from shortaxis.workflow.quantify.quantifying import QuantifyOptions
from shortaxis.workflow.study_report.requests import StudyReportRequest, make_study_report

__all__ = ["REPORTS_FOLDER", "ReportPair", "pairs_of", "report_pairs"]

REPORTS_FOLDER = "reports"

PAGE = "report.html"


@dataclass(frozen=True)
class ReportPair:
    """Stress and rest of one DICOM study, by the keys and paths of both."""

    stress_key: str
    rest_key: str
    stress: Path
    rest: Path


def pairs_of(studies: Sequence[BatchStudy]) -> list[ReportPair]:
    """Pairs of one stress and one rest exam, gated ones where both are gated.

    Only studies of one file are paired: of a series of many files nobody knows what else lies in
    its folder.
    """
    groups: dict[tuple[str, bool], dict[StudyCondition, list[BatchStudy]]] = {}
    for each in studies:
        facts = each.found.facts
        if facts.study_instance_uid and len(each.found.paths) == 1:
            group = groups.setdefault((facts.study_instance_uid, each.found.n_time_slots > 1), {})
            group.setdefault(facts.condition, []).append(each)
    pairs = {}
    for (uid, _), group in sorted(groups.items(), key=lambda item: item[0]):
        stress = group.get(StudyCondition.STRESS, [])
        rest = group.get(StudyCondition.REST, [])
        if len(stress) == len(rest) == 1:
            # Sorted so that the gated pair comes after the ungated one, and takes its place.
            pairs[uid] = ReportPair(
                stress[0].key, rest[0].key, stress[0].found.paths[0], rest[0].found.paths[0]
            )
    return list(pairs.values())


def report_pairs(
    pairs: Sequence[ReportPair], out: Path, options: BatchOptions
) -> list[tuple[str, str]]:
    """Write reports; for each pair the key of stress, and where its report is or why it is not."""
    return [(pair.stress_key, _reported(pair, out, options)) for pair in pairs]


def _reported(pair: ReportPair, out: Path, options: BatchOptions) -> str:
    folder = out / REPORTS_FOLDER / pair.stress_key
    if (folder / PAGE).exists():
        return f"{REPORTS_FOLDER}/{pair.stress_key}/{PAGE}"
    asked = QuantifyOptions(method=options.reorient.method, weights=options.reorient.weights)
    try:
        make_study_report(StudyReportRequest(pair.stress, pair.rest, asked, force=True), folder)
    except ShortAxisError as error:
        return f"no report: {error.summary}"
    except Exception as error:
        # Of whatever kind: one bad pair never stops the rest.
        return f"no report: an error of the program: {type(error).__name__}"
    return f"{REPORTS_FOLDER}/{pair.stress_key}/{PAGE}"
