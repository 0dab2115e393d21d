"""Whether a PET header names glucose as its tracer, which shows viability and not perfusion."""

from __future__ import annotations

import math

from pydicom import Dataset

from shortaxis.dicom.elements.attributes import code_values, items_of, numbers_of, text_of
from shortaxis.dicom.elements.vocabulary import SERIES_TEXTS, STUDY_TEXTS
from shortaxis.dicom.elements.wording import words_in
from shortaxis.errors import ShortAxisError
from shortaxis.spect.nuclides import nuclide_named_in
from shortaxis.spect.reading_notes import ReadingNote

__all__ = ["glucose_note"]

GLUCOSE_CODES = frozenset({"35321007", "C-B1031"})
"""Fluorodeoxyglucose F^18^ in SNOMED CT and SNOMED RT (PS3.16 CID 4021)."""

GLUCOSE_WORDS = frozenset({
    "fdg", "fludeoxyglucose", "fluorodeoxyglucose", "flurodeoxyglucose", "deoxyglucose",
})  # fmt: skip

F18_HALF_LIFE_S = 6586.2

FDG = ReadingNote("FDG: viability, not perfusion", True)

PERHAPS_FDG = ReadingNote(
    "F-18 without the name of its tracer: FDG shows viability, not perfusion", True
)


def glucose_note(dataset: Dataset) -> ReadingNote | None:
    """What to know of an F-18 tracer: FDG, or none that is named; None for perfusion tracers."""
    items = items_of(dataset, "RadiopharmaceuticalInformationSequence")
    codes = [
        code for item in items for code in code_values(item, "RadiopharmaceuticalCodeSequence")
    ]
    names = [text_of(item, "Radiopharmaceutical") for item in items]
    names += [meaning for _, meaning in codes]
    texts = [text_of(dataset, keyword) for keyword in (*SERIES_TEXTS, *STUDY_TEXTS)]
    words = {word for text in (*names, *texts) for word in words_in(text)}
    if GLUCOSE_WORDS & words or GLUCOSE_CODES & {value for value, _ in codes}:
        return FDG
    is_named = any(set(words_in(name)) - NUCLIDE_WORDS for name in names)
    if not is_named and any(map(_is_f18, items)):
        return PERHAPS_FDG
    return None


NUCLIDE_WORDS = frozenset({"f", "fluorine", "fluor"})
"""Of a name that gives the nuclide alone."""


def _is_f18(item: Dataset) -> bool:
    named = [meaning for _, meaning in code_values(item, "RadionuclideCodeSequence")]
    named.append(text_of(item, "Radiopharmaceutical"))
    if any(nuclide_named_in(name) == "F-18" for name in named):
        return True
    try:
        half_life = numbers_of(item, "RadionuclideHalfLife")
    except ShortAxisError:
        return False
    return half_life is not None and math.isclose(half_life[0], F18_HALF_LIFE_S, rel_tol=0.01)
