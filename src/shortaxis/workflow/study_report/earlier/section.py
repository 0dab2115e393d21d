"""What the HTML page says of a comparison with an earlier exam, in words."""

from __future__ import annotations

from dataclasses import dataclass

from shortaxis.workflow.study_report.earlier.comparing import comparison_doubts
from shortaxis.workflow.study_report.earlier.numbers import (
    BEYOND,
    NUMBER_COLUMNS,
    beyond_words,
    compared_numbers,
    number_words,
)
from shortaxis.workflow.study_report.earlier.words import (
    CHANGE_MEASURE,
    compared_words,
    uncalled_words,
)
from shortaxis.workflow.study_report.exams.pairing import QuantifiedPair

__all__ = ["ComparedSection", "compared_section"]


@dataclass(frozen=True)
class ComparedSection:
    """Sentence, what is too small for it, doubts and notes, and the table: heads, rows of words."""

    words: str
    uncalled: tuple[str, ...]
    doubts: tuple[str, ...]
    notes: tuple[str, ...]
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    measures: tuple[str, str] = (CHANGE_MEASURE, BEYOND)


def compared_section(pair: QuantifiedPair) -> ComparedSection | None:
    """The section; None where nothing is compared."""
    if pair.earlier is None:
        return None
    rows = tuple((row.of, *number_words(row), beyond_words(row)) for row in compared_numbers(pair))
    return ComparedSection(
        compared_words(pair),
        uncalled_words(pair),
        comparison_doubts(pair),
        pair.earlier.notes,
        ("", *NUMBER_COLUMNS),
        rows,
    )
