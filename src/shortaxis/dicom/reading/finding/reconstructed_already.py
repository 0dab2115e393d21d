"""Leave out projections whose reconstruction lies beside them: it is the one that was looked at."""

from __future__ import annotations

from collections.abc import Sequence

from shortaxis.dicom.reading.finding.series import SeriesEntry
from shortaxis.dicom.reading.finding.skipped import SkippedItem
from shortaxis.spect.reading_options import RawProjections
from shortaxis.spect.study import StudyCondition

__all__ = ["RECONSTRUCTED_ALREADY", "without_reconstructed"]

RECONSTRUCTED_ALREADY = "holds projections, whose reconstruction is here"

TAKE_ALL = "take both with --raw all, or name this file alone"


def without_reconstructed(
    entries: Sequence[SeriesEntry], choice: RawProjections
) -> tuple[list[SeriesEntry], list[SkippedItem]]:
    """Entries that are read, and the projections that are not.

    A reconstruction is that of projections if both are of one study, and not one of stress and the
    other of rest.
    """
    if choice is not RawProjections.ALONE:
        return list(entries), []
    made = [entry for entry in entries if not entry.holds_projections]
    left_out = [
        entry
        for entry in entries
        if entry.holds_projections and any(_is_made_of(each, entry) for each in made)
    ]
    kept = [entry for entry in entries if entry not in left_out]
    skipped = [SkippedItem(entry.paths[0], RECONSTRUCTED_ALREADY, TAKE_ALL) for entry in left_out]
    return kept, skipped


def _is_made_of(reconstruction: SeriesEntry, raw: SeriesEntry) -> bool:
    first, second = reconstruction.facts, raw.facts
    conditions = {first.condition, second.condition} - {StudyCondition.UNKNOWN}
    is_same = first.study_instance_uid == second.study_instance_uid
    return bool(second.study_instance_uid) and is_same and len(conditions) < 2
