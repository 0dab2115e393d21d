"""A comparison with an earlier exam on the terminal: sentence, doubts, numbers that differ."""

from __future__ import annotations

from shortaxis.workflow.study_report.earlier.comparing import comparison_doubts
from shortaxis.workflow.study_report.earlier.numbers import compared_numbers, number_words
from shortaxis.workflow.study_report.earlier.words import compared_words
from shortaxis.workflow.study_report.exams.pairing import QuantifiedPair

__all__ = ["compared_lines"]


def compared_lines(pair: QuantifiedPair) -> list[str]:
    """Lines as `print_warnings` takes them; none where nothing is compared."""
    if pair.earlier is None:
        return []
    lines = [f"note: {compared_words(pair)}"]
    for row in compared_numbers(pair):
        name, earlier, now, difference = number_words(row)
        lines.append(f"note: {row.of}: {name} earlier {earlier}, now {now} ({difference})")
    lines += [f"review: comparison: {each}" for each in comparison_doubts(pair)]
    return [*lines, *(f"note: comparison: {each}" for each in pair.earlier.notes)]
