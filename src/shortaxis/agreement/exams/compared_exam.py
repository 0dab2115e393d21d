"""Exams of a comparison: every source's numbers of one patient in one condition."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from shortaxis.agreement.exams.quantities import SEGMENTS, SUMMED, TERRITORIES, segment_column

__all__ = [
    "OWN",
    "PATIENT",
    "REST",
    "STRESS",
    "ComparedExam",
    "Source",
    "sources_of",
    "territory_score",
]

OWN = "shortaxis"
"""The source whose numbers are ours."""

PATIENT = "patient"
"""Disease anywhere, beside that of a territory."""

STRESS, REST = "stress", "rest"

Source = str


@dataclass(frozen=True)
class ComparedExam:
    """One row of a table.

    Parameters
    ----------
    row : int
        As editors count.
    patient, condition : str
    values : mapping of (source, quantity) to float
        What is known.
    is_flagged, is_function_flagged : bool or None
        Whether ShortAxis asked for a look at the exam, or at its function; None where nothing says.
    failure : str
        Why there are no numbers of ours, in short.
    diseased : mapping of place to bool
        By angiography: of the `PATIENT`, and of territories.
    is_low_likelihood : bool
    """

    row: int
    patient: str
    condition: str
    values: Mapping[tuple[Source, str], float]
    is_flagged: bool | None = None
    is_function_flagged: bool | None = None
    failure: str = ""
    diseased: Mapping[str, bool] = field(default_factory=dict)
    is_low_likelihood: bool = False

    def value(self, source: Source, quantity: str) -> float | None:
        """A number, or None where there is none; a summed score also from its segments."""
        found = self.values.get((source, quantity))
        if found is None and quantity == SUMMED:
            return self.segment_sum(source, SEGMENTS)
        return found

    def segment_sum(self, source: Source, numbers: Iterable[int]) -> float | None:
        """Sum of scores of segments; None where one is not known."""
        scores = [self.values.get((source, segment_column(each))) for each in numbers]
        known = [each for each in scores if each is not None]
        return sum(known) if len(known) == len(scores) else None


def territory_score(exam: ComparedExam, source: Source, territory: str) -> float | None:
    """Summed score of a territory."""
    return exam.segment_sum(source, TERRITORIES[territory])


def sources_of(exams: Iterable[ComparedExam]) -> list[Source]:
    """Ours first, then the others in the order of the table."""
    found = dict.fromkeys(source for exam in exams for source, _ in exam.values)
    return sorted(found, key=lambda source: source != OWN)
