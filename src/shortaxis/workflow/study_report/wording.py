"""Numbers as words of a report."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from shortaxis.anatomy.segments import territory_sums

__all__ = [
    "STRESS_MINUS_REST",
    "SUMMED_DIFFERENCE",
    "signed",
    "territory_words",
]

MINUS = "\N{MINUS SIGN}"

STRESS_MINUS_REST = f"Stress {MINUS} rest"


SUMMED_DIFFERENCE = "SDS"


def territory_words(scores: Mapping[int, int], spelt: Callable[[int], str] = str) -> str:
    """Summed score of each artery, e.g. "LAD 4, LCX 0, RCA 7"."""
    sums = territory_sums(scores)
    return ", ".join(f"{label} {spelt(score)}" for label, score in sums.items())


def signed(value: float, digits: int = 0) -> str:
    """A difference with its sign; none where nothing is left after rounding.

    Examples
    --------
    >>> signed(3), signed(0), signed(-0.04, 1), signed(-2.25, 1)
    ('+3', '0', '0.0', '−2.2')
    """
    words = f"{value:+.{digits}f}".replace("-", MINUS)
    return words if words.strip(f"+{MINUS}0.") else words[1:]
