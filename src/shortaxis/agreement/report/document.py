"""A comparison as a document: tables that are read, and the pictures between them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from shortaxis.agreement.comparisons.comparing import Comparison
from shortaxis.agreement.comparisons.detecting import Detection
from shortaxis.agreement.comparisons.gradings import Grading
from shortaxis.agreement.comparisons.pairings import GROUPS, Pairing
from shortaxis.agreement.comparisons.pairs import PairAgreement
from shortaxis.agreement.exams.compared_exam import PATIENT
from shortaxis.agreement.exams.quantities import ABNORMAL, COMPARED
from shortaxis.agreement.report.wording import (
    GRADED,
    MOST_LISTED,
    count_words,
    estimate_words,
    signed_words,
    words_of_test,
)
from shortaxis.evaluation.document.blocks import Block, Bullets, Heading, Paragraph, Picture, Table
from shortaxis.evaluation.scores.wording import (
    DASH,
    correlation_words,
    listed,
    proportion_words,
)
from shortaxis.workflow.studies.record import NOTICE

__all__ = ["build_document"]

PAIR_HEAD = (
    "Condition", "Exams", "First", "Second", "n", "Without", "Bias (95 %)", "SD",
    "Lower limit (95 %)", "Upper limit (95 %)", "Slope (95 %)", "r (95 %)", "ICC(2,1) (95 %)",
)  # fmt: skip

GRADING_HEAD = (
    "Condition", "Exams", "First", "Second", "n", "Without", "Same grade", "Kappa (95 %)",
)  # fmt: skip

DETECTION_HEAD = (
    "Test", "Exams", "Source", "n", "Diseased", "Without", "AUC (95 %)", "From", "Sensitivity",
    "Specificity", "Failures as wrong", "AUC less that of",
)  # fmt: skip


def build_document(found: Comparison, pictures: Sequence[Picture]) -> list[Block]:
    """Blocks of the document; pictures stand with what they show, by the first word of a path."""
    return [
        Heading("Agreement", 1),
        Paragraph(NOTICE),
        Paragraph(count_words(found)),
        Bullets((*NOTES, _cut_words(found))),
        *_pair_blocks(found, pictures),
        *_grading_blocks(found.gradings),
        *_detection_blocks(found, pictures),
        *_normalcy_blocks(found),
    ]


NOTES = (
    "Differences are first less second. Limits of agreement hold 95 % of the differences (bias +- "
    "1.96 SD), with the intervals of Bland and Altman. The slope is that of the difference over "
    "the mean of both: where it is not 0, the bias depends on the size.",
    "ICC: two-way random effects, absolute agreement, single rater. Kappa is weighted by the "
    "square of the distance of grades; its interval is by a bootstrap over patients.",
    "Normal or abnormal is what a source says, else what its TPD, else its summed score does.",
    "The interval of an area under the ROC curve is DeLong's, on the scale of log odds; "
    "territories are counted as three of one heart. Sensitivity, specificity and parts have "
    "Wilson's. Where an area has no interval, the groups are told apart without an error.",
    f"n counts exams with both numbers, Without those that lack one. {DASH} stands where too few "
    "exams tell nothing. Many intervals are shown: one in twenty misses.",
)


def _cut_words(found: Comparison) -> str:
    cuts = [
        f"{COMPARED[name].words if name in COMPARED else 'score of a territory'} from {value:g}"
        for name, value in found.cuts.items()
    ]
    return f"Abnormal: {'; '.join(cuts)}."


def _pair_blocks(found: Comparison, pictures: Sequence[Picture]) -> Iterator[Block]:
    for name, quantity in COMPARED.items():
        pairs = [each for each in found.pairs if each.quantity == name]
        if not pairs:
            continue
        unit = f" ({quantity.unit})" if quantity.unit else ""
        yield Heading(f"{quantity.words}{unit}")
        yield Table(PAIR_HEAD, tuple(_pair_row(each) for each in _in_order(pairs)), PAIR_HEAD[1:4])
        yield from (each for each in pictures if f"-{name}-" in each.path)
        outside = [_outside_words(each) for each in pairs if each.outside and _is_of_all(each)]
        if outside:
            yield Bullets(tuple(outside))


def _in_order(pairs: Sequence[PairAgreement]) -> list[PairAgreement]:
    return sorted(
        pairs, key=lambda each: (_place(each.pairing), each.pairing.condition != "stress")
    )


def _place(pairing: Pairing) -> int:
    return GROUPS.index(pairing.group)


def _is_of_all(each: PairAgreement) -> bool:
    return each.pairing.group == GROUPS[0]


def _outside_words(each: PairAgreement) -> str:
    pair = each.pairing
    return (
        f"{pair.condition}, {pair.first} and {pair.second}: outside the limits are rows "
        f"{listed(each.outside, MOST_LISTED)}"
    )


def _paired(pairing: Pairing, exams: int, without: int) -> tuple[str, ...]:
    return (
        pairing.condition, pairing.group, pairing.first, pairing.second, str(exams), str(without)
    )  # fmt: skip


def _pair_row(each: PairAgreement) -> tuple[str, ...]:
    head = _paired(each.pairing, each.exams, each.without)
    limits = each.limits
    if limits is None:
        return (*head, *[DASH] * (len(PAIR_HEAD) - len(head)))
    return (
        *head,
        signed_words(limits.bias),
        f"{limits.sd:.2f}",
        signed_words(limits.lower),
        signed_words(limits.upper),
        signed_words(limits.slope),
        correlation_words(each.correlation),
        estimate_words(each.icc),
    )


def _grading_blocks(gradings: Sequence[Grading]) -> Iterator[Block]:
    for what, title in GRADED.items():
        chosen = [each for each in gradings if each.what == what]
        if chosen:
            yield Heading(title)
            yield Table(
                GRADING_HEAD, tuple(_grading_row(each) for each in chosen), GRADING_HEAD[1:4]
            )


def _grading_row(each: Grading) -> tuple[str, ...]:
    head = _paired(each.pairing, each.exams, each.without)
    if each.kappa is None:
        return (*head, DASH, DASH)
    return (*head, f"{100 * each.kappa.equal:.1f} %", estimate_words(each.kappa.kappa))


def _detection_blocks(found: Comparison, pictures: Sequence[Picture]) -> Iterator[Block]:
    for place in dict.fromkeys(each.place for each in found.detections):
        chosen = [each for each in found.detections if each.place == place]
        where = "Disease by angiography" if place == PATIENT else f"Disease in {place}"
        yield Heading(where)
        yield Table(
            DETECTION_HEAD, tuple(_detection_row(each) for each in chosen), DETECTION_HEAD[1:3]
        )
        yield from (each for each in pictures if each.caption.endswith(f": {place}"))


def _detection_row(each: Detection) -> tuple[str, ...]:
    worst = (
        f"{proportion_words(each.worst_sensitivity, counts=False)}; "
        f"{proportion_words(each.worst_specificity, counts=False)}"
    )
    return (
        words_of_test(each.test, each.place),
        each.group,
        each.source,
        str(each.tested),
        str(each.diseased),
        str(each.without),
        estimate_words(each.area),
        DASH if each.test == ABNORMAL else f"{each.cut:g}",
        proportion_words(each.sensitivity),
        proportion_words(each.specificity),
        worst if each.without else DASH,
        "; ".join(
            f"{other}: {signed_words(difference)}" for other, difference in each.differences.items()
        )
        or DASH,
    )


def _normalcy_blocks(found: Comparison) -> Iterator[Block]:
    if not found.normalcies:
        return
    rows = tuple(
        (
            each.source,
            words_of_test(each.test, PATIENT),
            f"{each.cut:g}",
            proportion_words(each.normal),
            str(each.without),
        )
        for each in found.normalcies
    )
    yield Heading("Patients with a low likelihood of disease")
    yield Table(("Source", "Test", "Abnormal from", "Called normal", "Without"), rows, ("Test",))
