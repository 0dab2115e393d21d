"""Which view of the heart a header says that its slices are, and where it says so."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from pydicom import Dataset
from pydicom.tag import Tag

from shortaxis.dicom.carried.stated.view_vocabulary import (
    CARDIAC_VIEW_PARTS,
    CARDIAC_VIEW_PHRASES,
    CARDIAC_VIEW_WORDS,
    GLUED_VIEW,
    GLUED_VIEWS,
)
from shortaxis.dicom.elements.attributes import code_values, items_of, label, text_of
from shortaxis.dicom.elements.vocabulary import (
    CARDIAC_PROGRESSIONS,
    CARDIAC_VIEW_CODES,
    SERIES_TEXTS,
)
from shortaxis.dicom.elements.wording import words_in
from shortaxis.errors import ShortAxisError

__all__ = ["DeclaredView", "declared_view"]

NAMING = (
    "InstitutionName",
    "InstitutionalDepartmentName",
    "PatientName",
    "OperatorsName",
    "PerformingPhysicianName",
    "ReferringPhysicianName",
    "NameOfPhysiciansReadingStudy",
)
"""Attributes that name people and hospitals."""


@dataclass(frozen=True)
class DeclaredView:
    """What an attribute says the slices are, e.g. ``short axis``.

    `is_coded` tells a code or a defined term from words that somebody typed.
    """

    view: str
    attribute: str
    is_coded: bool

    @property
    def evidence(self) -> str:
        """The attribute and what it says; words of our own, so nobody is named."""
        return f"{label(self.attribute)} says {self.view}"


def declared_view(dataset: Dataset) -> DeclaredView | None:
    """View that a header declares; None for transaxial slices and for silence."""
    return _coded_view(dataset) or _progressing_view(dataset) or _worded_view(dataset)


def _coded_view(dataset: Dataset) -> DeclaredView | None:
    for place in (*items_of(dataset, "DetectorInformationSequence"), dataset):
        for value, meaning in code_values(place, "ViewCodeSequence"):
            view = CARDIAC_VIEW_CODES.get(value) or _view_in(meaning)
            if view:
                return DeclaredView(str(view), "ViewCodeSequence", True)
    return None


def _progressing_view(dataset: Dataset) -> DeclaredView | None:
    view = CARDIAC_PROGRESSIONS.get(text_of(dataset, "SliceProgressionDirection").upper())
    return DeclaredView(str(view), "SliceProgressionDirection", True) if view else None


def _worded_view(dataset: Dataset) -> DeclaredView | None:
    for keyword in SERIES_TEXTS:
        text = text_of(dataset, keyword)
        view = _view_in(text) and _view_in(text, _names_in(dataset))
        if view:
            return DeclaredView(view, keyword, False)
    return None


def _names_in(dataset: Dataset) -> list[list[str]]:
    """Names of people and hospitals of several words, any of which may look like a view."""
    tags = [Tag(keyword) for keyword in ("SpecificCharacterSet", *NAMING)]
    # In a data set of their own, so that the source keeps their bytes undecoded.
    named = Dataset(
        {tag: dataset.get_item(tag, keep_deferred=True) for tag in tags if tag in dataset}
    )
    names = [words_in(_readable(named, keyword)) for keyword in NAMING]
    return [name for name in names if len(name) > 1]


def _readable(named: Dataset, keyword: str) -> str:
    """A text, or nothing where it is damaged: a name is no reason to refuse a study."""
    try:
        return text_of(named, keyword)
    except ShortAxisError:
        return ""


def _view_in(text: str, names: Sequence[Sequence[str]] = ()) -> str | None:
    words = _without_names(words_in(text), names)
    named = [CARDIAC_VIEW_WORDS.get(word) or _glued_view_in(word) for word in words]
    named += [CARDIAC_VIEW_PHRASES.get(pair) for pair in pairwise(words)]
    composed = unicodedata.normalize("NFKC", text)
    named += [view for part, view in CARDIAC_VIEW_PARTS.items() if part in composed]
    return next((view for view in named if view), None)


def _without_names(words: list[str], names: Sequence[Sequence[str]]) -> list[str]:
    """Words but for names that stand among them in full, such as *Clinica del Sol SA*."""
    told = {word for name in names if set(name) <= set(words) for word in name}
    return [word for word in words if word not in told]


def _glued_view_in(word: str) -> str | None:
    found = GLUED_VIEW.fullmatch(word)
    named = found and next(filter(None, found.groupdict().values()))
    return GLUED_VIEWS[named] if named else None
