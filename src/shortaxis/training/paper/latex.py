r"""A table as LaTeX, for the package ``booktabs``."""

from __future__ import annotations

import re

from shortaxis.evaluation.document.blocks import Table

__all__ = ["to_latex"]

SPECIAL = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "°": r"\textdegree{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    **{sign: f"\\{sign}" for sign in "&%$#_{}"},
}


def to_latex(table: Table, caption: str, label: str) -> str:
    r"""A floating table over the width of the page.

    Parameters
    ----------
    table : Table
        Its first column to the left, the others to the right.
    caption, label : str
        Plain text, and what ``\ref`` takes.
    """
    columns = "l" + "r" * (len(table.header) - 1)
    lines = [_row(row) for row in (table.header, *table.rows)]
    return "\n".join(
        [
            r"\begin{table*}",
            r"\centering",
            rf"\caption{{{escaped(caption)}}}",
            rf"\label{{{label}}}",
            r"\resizebox{\textwidth}{!}{%",
            rf"\begin{{tabular}}{{{columns}}}",
            r"\toprule",
            lines[0],
            r"\midrule",
            *lines[1:],
            r"\bottomrule",
            r"\end{tabular}}",
            r"\end{table*}",
            "",
        ]
    )


def escaped(words: str) -> str:
    r"""Plain text as LaTeX.

    Examples
    --------
    >>> print(escaped("r of x_m, 95 %"))
    r of x\_m, 95 \%
    """
    return re.sub("|".join(map(re.escape, SPECIAL)), lambda found: SPECIAL[found.group()], words)


def _row(cells: tuple[str, ...]) -> str:
    return " & ".join(map(escaped, cells)) + r" \\"
