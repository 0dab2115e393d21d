"""Which view of the heart a header says that its slices are, and where it says so."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from pydicom import Dataset

from shortaxis.dicom.carried.stated.view_vocabulary import (
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

__all__ = ["DeclaredView", "declared_view"]


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
        view = _view_in(text_of(dataset, keyword))
        if view:
            return DeclaredView(view, keyword, False)
    return None


def _view_in(text: str) -> str | None:
    words = words_in(text)
    named = [CARDIAC_VIEW_WORDS.get(word) or _glued_view_in(word) for word in words]
    named += [CARDIAC_VIEW_PHRASES.get(pair) for pair in pairwise(words)]
    return next((view for view in named if view), None)


def _glued_view_in(word: str) -> str | None:
    found = GLUED_VIEW.fullmatch(word)
    return found and GLUED_VIEWS[found["glued"] or found["led"] or found["ended"]]
