"""Numbers as the tables spell them; a dash where there is none."""

from __future__ import annotations

from collections.abc import Sequence

from shortaxis.evaluation.scores.intervals import Correlation, Proportion
from shortaxis.evaluation.scores.summary import Agreement, ErrorStatistics

__all__ = [
    "DASH",
    "ERROR_WORDS",
    "PARAMETER_UNITS",
    "agreement_cells",
    "correlation_words",
    "error_words",
    "listed",
    "no_exam_words",
    "proportion_words",
    "signed",
    "statistics_words",
    "whole_number",
]

DASH = "\N{EN DASH}"

ERROR_WORDS = {
    "long_axis_deg": ("long axis", "°"),
    "center_mm": ("centre", " mm"),
    "roll_deg": ("roll", "°"),
    "geodesic_deg": ("geodesic", "°"),
}
"""Name and unit of each error."""

PARAMETER_UNITS = {
    "x_m": "mm",
    "y_m": "mm",
    "z_m": "mm",
    "alpha": "°",
    "beta": "°",
    "theta": "°",
}


def proportion_words(proportion: Proportion | None, *, counts: bool = True) -> str:
    """For example "9 of 300, 3.0 % (1.6 to 5.6)"; a zero is given with the end of its interval.

    Examples
    --------
    >>> proportion_words(Proportion(0, 300))
    '0 of 300 (at most 1.3 %)'
    """
    if proportion is None or proportion.part is None or proportion.interval is None:
        return DASH
    low, high = proportion.interval
    if not proportion.hits:
        zero = f"0 of {proportion.total}" if counts else "0 %"
        return f"{zero} (at most {100 * high:.1f} %)"
    words = f"{100 * proportion.part:.1f} % ({100 * low:.1f} to {100 * high:.1f})"
    return f"{proportion.hits} of {proportion.total}, {words}" if counts else words


def listed(items: Sequence[object], most: int) -> str:
    """The first of them, and how many there are besides.

    Examples
    --------
    >>> listed([7, 8, 9], 2)
    '7, 8 and 1 more'
    """
    more = f" and {len(items) - most} more" if len(items) > most else ""
    return ", ".join(map(str, items[:most])) + more


def no_exam_words(files: Sequence[str], most: int = 5) -> str:
    """A note on pose files that belong to no exam; nothing where there are none."""
    if not files:
        return ""
    noun = "file" if len(files) == 1 else "files"
    return f"{len(files)} {noun} of no exam in this cohort: {listed(files, most)}"


def statistics_words(statistics: ErrorStatistics | None) -> str:
    """Median / 95th percentile / maximum."""
    if statistics is None:
        return DASH
    return f"{statistics.median:.1f} / {statistics.p95:.1f} / {statistics.maximum:.1f}"


def correlation_words(correlation: Correlation | None) -> str:
    """Pearson's r and its interval."""
    if correlation is None:
        return DASH
    low, high = correlation.interval
    return f"{correlation.r:.3f} ({low:.3f} to {high:.3f})"


def agreement_cells(agreement: Agreement | None) -> tuple[str, str, str]:
    """Bias, standard deviation, limits of agreement."""
    if agreement is None:
        return DASH, DASH, DASH
    limits = f"{signed(agreement.lower, 1)} to {signed(agreement.upper, 1)}"
    return signed(agreement.bias, 2), f"{agreement.sd:.2f}", limits


def signed(value: float, decimals: int) -> str:
    """A number with its sign; what rounds to zero is plus zero.

    Examples
    --------
    >>> signed(-0.04, 1), signed(-1.25, 2)
    ('+0.0', '-1.25')
    """
    return f"{round(value, decimals) + 0.0:+.{decimals}f}"


def error_words(value: float | None, name: str) -> str:
    """One error with its unit."""
    return DASH if value is None else f"{value:.1f}{ERROR_WORDS[name][1]}"


def whole_number(value: int) -> str:
    """A number with commas between thousands."""
    return f"{value:,}"
