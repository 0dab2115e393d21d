"""Numbers as words of a report."""

from __future__ import annotations

__all__ = ["STRESS_MINUS_REST", "signed"]

MINUS = "\N{MINUS SIGN}"

STRESS_MINUS_REST = f"Stress {MINUS} rest"


def signed(value: float, digits: int = 0) -> str:
    """A difference with its sign; none where nothing is left after rounding.

    Examples
    --------
    >>> signed(3), signed(0), signed(-0.04, 1), signed(-2.25, 1)
    ('+3', '0', '0.0', '−2.2')
    """
    words = f"{value:+.{digits}f}".replace("-", MINUS)
    return words if words.strip(f"+{MINUS}0.") else words[1:]
