"""What changed since an earlier exam as plain numbers, for the measurement report."""

from __future__ import annotations

from shortaxis.dicom.documents.measurements.ventricle_measurements import ChangeMeasurements
from shortaxis.spect.study import StudyCondition
from shortaxis.workflow.study_report.earlier.comparing import compared_exams, comparison_doubts
from shortaxis.workflow.study_report.earlier.words import change_words, uncalled_words
from shortaxis.workflow.study_report.exams.pairing import QuantifiedPair

__all__ = ["measured_changes"]


def measured_changes(pair: QuantifiedPair) -> dict[StudyCondition, ChangeMeasurements]:
    """Of every condition that is compared and has a map of the change; none without one."""
    days = None if pair.earlier is None else pair.earlier.days_before
    doubts = [f"Reason to doubt: {each}." for each in comparison_doubts(pair)]
    found = {}
    for each in compared_exams(pair):
        if each.change is None:
            continue
        said = f"Compared with the earlier exam: {change_words(each.change)}."
        small = [words for words in uncalled_words(pair) if words.startswith(f"{each.title}:")]
        found[each.now.exam.condition] = ChangeMeasurements(
            100 * each.change.worse.total_perfusion_deficit,
            100 * each.change.better.total_perfusion_deficit,
            {number: 100 * value for number, value in each.change.segment_changes.items()},
            days,
            " ".join([said, *small, *doubts]),
        )
    return found
