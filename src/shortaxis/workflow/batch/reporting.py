"""Reports of a batch: one for each pair of stress and rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shortaxis.dicom.reading.finding.skipped import skipped_together
from shortaxis.errors import ShortAxisError
from shortaxis.files.plain_json import read_json_object, write_json
from shortaxis.spect.study import StudyCondition
from shortaxis.workflow.batch.options import BatchOptions
from shortaxis.workflow.batch.scanning import BatchStudy
from shortaxis.workflow.batch.study_record import content_of, earlier_record
from shortaxis.workflow.study_report.exams.choosing import preferred
from shortaxis.workflow.study_report.exams.finding import PAIR, FoundExam, FoundExams
from shortaxis.workflow.study_report.requests import StudyReportRequest, make_study_report

__all__ = ["REPORTS_FOLDER", "ReportPair", "pairs_of", "report_pairs"]

REPORTS_FOLDER = "reports"

PAGE, ASKED_FILE = "report.html", "asked.json"


NO_REST = "no report: no exam at rest in the same DICOM study"

NOT_ONE = "no report: several exams of one condition that the rule does not tell apart"


@dataclass(frozen=True, eq=False)
class ReportPair:
    """Stress and rest of one DICOM study, with their keys, and what the rule decided."""

    stress_key: str
    rest_key: str
    exams: FoundExams


def pairs_of(studies: Sequence[BatchStudy]) -> tuple[list[ReportPair], dict[str, str]]:
    """Pairs of one stress and one rest exam, and by key why other stress exams have no report.

    Of several reconstructions of one DICOM study the rule of
    `shortaxis.workflow.study_report.exams.choosing` takes one pair.
    """
    groups: dict[str, dict[StudyCondition, list[BatchStudy]]] = {}
    for each in studies:
        facts = each.found.facts
        if facts.study_instance_uid:
            group = groups.setdefault(facts.study_instance_uid, {})
            group.setdefault(facts.condition, []).append(each)
    pairs: list[ReportPair] = []
    words: dict[str, str] = {}
    for _, group in sorted(groups.items()):
        stress = group.get(StudyCondition.STRESS, [])
        rest = group.get(StudyCondition.REST, [])
        pair = _pair(stress, rest) if stress and rest else None
        why = NO_REST if not rest else NOT_ONE
        if pair is not None:
            pairs.append(pair)
            why = f"no report: another reconstruction is shown, {pair.stress_key}"
        words |= {each.key: why for each in stress if pair is None or each.key != pair.stress_key}
    return pairs, words


def _pair(stress: Sequence[BatchStudy], rest: Sequence[BatchStudy]) -> ReportPair | None:
    keys = {id(each.found): each.key for each in (*stress, *rest)}
    candidates = [[each.found for each in group] for group in (stress, rest)]
    chosen = preferred(candidates, [each.value for each in PAIR])
    if any(len(group) != 1 for group in chosen.groups):
        return None
    shown = [group[0] for group in chosen.groups]
    exams = tuple(FoundExam(*each) for each in zip(PAIR, shown, strict=True))
    others = [each for group in candidates for each in group if all(each is not s for s in shown)]
    left_out = [
        item
        for each in others
        for item in skipped_together(each.paths, f"another exam: {keys[id(each)]}")
    ]
    found = FoundExams(exams, chosen.notes, chosen.reasons, tuple(left_out))
    return ReportPair(keys[id(shown[0])], keys[id(shown[1])], found)


def report_pairs(
    pairs: Sequence[ReportPair], out: Path, options: BatchOptions
) -> list[tuple[str, str]]:
    """Write reports; for each pair the key of stress, and where its report is or why it is not."""
    return [(pair.stress_key, _reported(pair, out, options)) for pair in pairs]


def _reported(pair: ReportPair, out: Path, options: BatchOptions) -> str:
    folder = out / REPORTS_FOLDER / pair.stress_key
    asked: dict[str, Any] = {"asked": options.digest, "rest": pair.rest_key}
    keys = (pair.stress_key, pair.rest_key)
    asked["contents"] = [_content_noted(out, key, options) for key in keys]
    if (folder / PAGE).exists() and read_json_object(folder / ASKED_FILE) == asked:
        return f"{REPORTS_FOLDER}/{pair.stress_key}/{PAGE}"
    stress, rest = (exam.found.paths[0] for exam in pair.exams.exams)
    request = StudyReportRequest(
        stress, rest, options.quantify, force=True, reading=options.reading
    )
    try:
        made = make_study_report(request, folder, exams=pair.exams)
        # Of what the report was made of, which may not be what was noted.
        shown = [content_of(each.quantified.study, NO_SECRET) for each in made.pair.exams]
        write_json(folder / ASKED_FILE, {**asked, "contents": shown})
    except ShortAxisError as error:
        return f"no report: {error.summary}"
    except Exception as error:
        # Of whatever kind: one bad pair never stops the rest.
        return f"no report: an error of the program: {type(error).__name__}"
    return f"{REPORTS_FOLDER}/{pair.stress_key}/{PAGE}"


def _content_noted(out: Path, key: str, options: BatchOptions) -> object:
    return (earlier_record(out, key, options.digest) or {}).get("content")


NO_SECRET = b""
"""Reports are made of studies that keep their names."""
