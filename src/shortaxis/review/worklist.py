"""Which studies wait for a reviewer, and in which order: flagged ones first, pairs together."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shortaxis.review.decisions import ReviewState
from shortaxis.review.store import StoredReview
from shortaxis.spect.study import StudyCondition
from shortaxis.workflow.studies.finding import FoundStudies, FoundStudy

__all__ = ["Entry", "entries_of", "worklist"]

ID_LENGTH = 16

CONDITIONS = (StudyCondition.STRESS, StudyCondition.REST)


@dataclass(frozen=True, eq=False)
class Entry:
    """A study on the worklist.

    Parameters
    ----------
    study : str
        Its identifier: follows from series and file, so a later run knows it again.
    folder : str
        Name of its folder of results.
    found : FoundStudy
        Where it lies.
    partner : str
        The study that is stress where this is rest, or the other way round; empty without one.
    """

    study: str
    folder: str
    found: FoundStudy
    partner: str = ""

    @property
    def title(self) -> str:
        """What it is, without anything that could identify a patient."""
        facts = self.found.facts
        condition = facts.condition
        words = ["Study" if condition is StudyCondition.UNKNOWN else condition.value.title()]
        words += ["gated"] if self.found.n_time_slots > 1 else []
        words += [facts.camera] if facts.camera else []
        return ", ".join(words)


def entries_of(found: FoundStudies) -> list[Entry]:
    """Entries of what was found, in its order, with stress and rest of one DICOM study paired."""
    names = found.folder_names()
    identifiers = [_identifier(study) for study in found.studies]
    partners = _partners(found.studies, identifiers)
    return [
        Entry(identifier, name, study, partners.get(identifier, ""))
        for identifier, name, study in zip(identifiers, names, found.studies, strict=True)
    ]


def _identifier(study: FoundStudy) -> str:
    number = "" if study.series is None else str(study.series.number_in_series)
    parts = (study.facts.series_instance_uid, number, str(study.paths[0].resolve()))
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:ID_LENGTH]


def _partners(studies: Sequence[FoundStudy], identifiers: Sequence[str]) -> dict[str, str]:
    """Stress and rest of the same DICOM study, if there is one of each, equally gated."""
    groups: dict[tuple[str, bool], list[tuple[StudyCondition, str]]] = {}
    for study, identifier in zip(studies, identifiers, strict=True):
        uid = study.facts.study_instance_uid
        if uid and study.facts.condition in CONDITIONS:
            group = groups.setdefault((uid, study.n_time_slots > 1), [])
            group.append((study.facts.condition, identifier))
    found: dict[str, str] = {}
    for group in groups.values():
        if sorted(condition.value for condition, _ in group) == ["rest", "stress"]:
            (_, first), (_, second) = group
            found |= {first: second, second: first}
    return found


def worklist(
    entries: Sequence[Entry], reviews: Mapping[str, StoredReview], root: Path
) -> list[dict[str, Any]]:
    """Rows of the worklist as plain values: open and flagged first, then open, then the rest.

    Parameters
    ----------
    entries : sequence of Entry
        What was found.
    reviews : mapping of str to StoredReview
        What is known, by study.
    root : Path
        Folder that files are named from.
    """
    rows = [_row(each, reviews.get(each.study, StoredReview(each.study)), root) for each in entries]
    order = {each.study: number for number, each in enumerate(entries)}
    rank = {row["study"]: _rank(row) for row in rows}

    def place(row: Mapping[str, Any]) -> tuple[int, int, bool, int]:
        # A pair stands where its more urgent study would, stress before rest.
        pair = [each for each in (row["study"], row["partner"]) if each in rank]
        first = min(order[each] for each in pair)
        is_rest = row["condition"] == StudyCondition.REST.value
        return min(rank[each] for each in pair), first, is_rest, order[row["study"]]

    return sorted(rows, key=place)


def _row(entry: Entry, review: StoredReview, root: Path) -> dict[str, Any]:
    quality = (review.automatic or {}).get("quality", {})
    path = entry.found.paths[0]
    return {
        "study": entry.study,
        "title": entry.title,
        "file": path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name,
        "condition": entry.found.facts.condition.value,
        "gates": entry.found.n_time_slots,
        "partner": entry.partner,
        "state": review.state.value,
        "version": review.version,
        "flag": quality.get("flag", ""),
        "reasons": list(quality.get("reasons", [])),
        "way_on": "",
        "can_be_stated": False,
    }


def _rank(row: Mapping[str, Any]) -> int:
    if row["state"] != ReviewState.OPEN.value:
        return 2
    # What is not known to be in doubt keeps its place while poses are estimated.
    return 0 if row["flag"] == "review" else 1
