"""Tell stress from rest by what the header says."""

from __future__ import annotations

from pydicom import Dataset

from shortaxis.dicom.carried.modules.patient import names_the_patient
from shortaxis.dicom.elements.attributes import code_values, items_of, label, text_of
from shortaxis.dicom.elements.vocabulary import (
    REST_CODES,
    REST_WORDS,
    SERIES_TEXTS,
    STRESS_CODES,
    STRESS_WORDS,
    STUDY_TEXTS,
)
from shortaxis.dicom.elements.wording import words_in
from shortaxis.spect.study import StudyCondition

__all__ = ["condition_of"]

CODES = {
    **dict.fromkeys(STRESS_CODES, StudyCondition.STRESS),
    **dict.fromkeys(REST_CODES, StudyCondition.REST),
}
WORDS = {
    **dict.fromkeys(STRESS_WORDS, StudyCondition.STRESS),
    **dict.fromkeys(REST_WORDS, StudyCondition.REST),
}

Named = list[tuple[StudyCondition, str]]
"""What an attribute says: a condition, and the word or code that says it."""


def condition_of(dataset: Dataset) -> tuple[StudyCondition, str]:
    """Condition of the heart, and the attribute and word that told it.

    The Acquisition Context (DICOM CP-351), Series Description and Image ID describe this
    reconstruction; names of the procedure are asked only where those are silent. An attribute
    that names both (``1-day rest-stress``) tells nothing. Where attributes contradict each
    other the condition stays unknown and the evidence says so.
    """
    series = {"AcquisitionContextSequence": _named_in_context(dataset)}
    series |= {keyword: _named_in_text(text_of(dataset, keyword)) for keyword in SERIES_TEXTS}
    told = _conclude(series)
    if told[1]:
        return told
    return _conclude(
        {keyword: _named_in_text(text_of(dataset, keyword)) for keyword in STUDY_TEXTS}
    )


def _conclude(named_by: dict[str, Named]) -> tuple[StudyCondition, str]:
    decided = {
        keyword: named[0]
        for keyword, named in named_by.items()
        if len({condition for condition, _ in named}) == 1
    }
    evidence = [f"{label(keyword)} says {word!r}" for keyword, (_, word) in decided.items()]
    conditions = {condition for condition, _ in decided.values()}
    if len(conditions) > 1:
        return StudyCondition.UNKNOWN, f"contradictory: {' but '.join(evidence)}"
    if conditions:
        return conditions.pop(), evidence[0]
    both = [
        f"{label(keyword)} names stress and rest" for keyword, named in named_by.items() if named
    ]
    return StudyCondition.UNKNOWN, "; ".join(both)


def _named_in_text(text: str) -> Named:
    return [(WORDS[word], word) for word in words_in(text) if word in WORDS]


def _named_in_context(dataset: Dataset) -> Named:
    """Every coded or written value of the context, whatever its concept name."""
    named: Named = []
    for item in items_of(dataset, "AcquisitionContextSequence"):
        for value, meaning in code_values(item, "ConceptCodeSequence"):
            if value in CODES:
                is_personal = names_the_patient(meaning, dataset)
                named.append((CODES[value], value if is_personal or not meaning else meaning))
            else:
                named += _named_in_text(meaning)
        named += _named_in_text(text_of(item, "TextValue"))
    return named
