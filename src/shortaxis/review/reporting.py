"""The report of signed studies from the page, with the reader's conclusion and signature."""

from __future__ import annotations

from typing import Any

from shortaxis.errors import OptionError
from shortaxis.review.decisions import SIGNED_OFF
from shortaxis.review.session import ReviewSession
from shortaxis.review.worklist import CONDITIONS, Entry
from shortaxis.workflow.quantify.quantifying import QuantifyOptions
from shortaxis.workflow.study_report.exams.finding import FoundExam, FoundExams, load_exams
from shortaxis.workflow.study_report.exams.pairing import quantify_exams
from shortaxis.workflow.study_report.exams.signed import signed_exam
from shortaxis.workflow.study_report.writing import write_study_report

__all__ = ["report_record"]


def report_record(
    session: ReviewSession, study: str, normals: str | None, *, with_identity: bool
) -> dict[str, Any]:
    """Write the report of a study, and of its stress or rest, into a folder beside the results.

    Raises
    ------
    OptionError
        If the study is not signed off.
    ShortAxisError
        What reading, quantifying and writing raise.
    """
    if session.store.review(study).state not in SIGNED_OFF:
        raise OptionError(
            "is not signed off: there is nothing to report",
            expected="an accepted or corrected study",
            found=session.store.review(study).state.value,
            way_on="accept or correct it first",
        )
    entries = _in_order(session, session.entry(study))
    exams = tuple(FoundExam(each.found.facts.condition, each.found) for each in entries)
    loaded = load_exams(FoundExams(exams))
    signed = [signed_exam(session.out, exam.study) for exam in loaded.exams]
    pair = quantify_exams(loaded, QuantifyOptions(normals=normals), signed=signed)
    folder = session.report_folder(entries[0].study)
    files = write_study_report(pair, folder, force=True, with_identity=with_identity)
    return {"folder": folder.name, "files": [path.name for path in files]}


def _in_order(session: ReviewSession, entry: Entry) -> list[Entry]:
    """Stress before rest."""
    if not entry.partner:
        return [entry]
    both = [entry, session.entry(entry.partner)]
    return sorted(both, key=lambda each: CONDITIONS.index(each.found.facts.condition))
