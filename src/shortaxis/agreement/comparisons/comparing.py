"""The use case: exams in; agreement of every two sources, and how well each tells disease, out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from shortaxis.agreement.comparisons.detecting import Detection, Normalcy, detections, normalcies
from shortaxis.agreement.comparisons.gradings import Grading, gradings_of
from shortaxis.agreement.comparisons.pairs import PairAgreement, pairs_of
from shortaxis.agreement.exams.compared_exam import ComparedExam, Source, sources_of
from shortaxis.agreement.exams.quantities import CUTS
from shortaxis.errors import InputNotFoundError

__all__ = ["Comparison", "compare"]


@dataclass(frozen=True)
class Comparison:
    """Everything that a table says.

    Parameters
    ----------
    exams : tuple of ComparedExam
    sources : tuple of str
        Ours first.
    cuts : mapping of quantity to float
        From where an exam is called abnormal.
    unused : int
        Results that no row names.
    """

    exams: tuple[ComparedExam, ...]
    sources: tuple[Source, ...]
    cuts: Mapping[str, float]
    unused: int = 0
    pairs: tuple[PairAgreement, ...] = ()
    gradings: tuple[Grading, ...] = ()
    detections: tuple[Detection, ...] = ()
    normalcies: tuple[Normalcy, ...] = ()
    failures: tuple[int, ...] = field(default=())


def compare(
    exams: Sequence[ComparedExam], cuts: Mapping[str, float], *, unused: int = 0
) -> Comparison:
    """Compare every two sources, and each with angiography.

    Raises
    ------
    InputNotFoundError
        If there is nothing to compare with.
    """
    sources = sources_of(exams)
    if len(sources) < 2 and not any(exam.diseased or exam.is_low_likelihood for exam in exams):
        raise InputNotFoundError(
            "the table has nothing to compare",
            expected="numbers of two sources, or angiography",
            found=f"numbers of {', '.join(sources) or 'nobody'} alone",
            way_on="add a column such as reader_1:summed_score or angiography, or give --results",
        )
    all_cuts = CUTS | {**cuts}
    return Comparison(
        exams=tuple(exams),
        sources=tuple(sources),
        cuts=all_cuts,
        unused=unused,
        pairs=tuple(pairs_of(exams, sources)),
        gradings=tuple(gradings_of(exams, sources, all_cuts)),
        detections=tuple(detections(exams, sources, all_cuts)),
        normalcies=tuple(normalcies(exams, sources, all_cuts)),
        failures=tuple(exam.row for exam in exams if exam.failure),
    )
