"""What of a Python file runs: comments, docstrings and blank lines change no result.

Digests in the code count for nothing, too. They name files, and those that a result depends on are
compared themselves.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator

__all__ = ["code_text"]

DIGEST = re.compile(r"(['\"])[0-9a-f]{64}\1")

Span = tuple[tuple[int, int], tuple[int, int]]
"""First and last place, each by row from one and column in bytes; the last is not part of it."""


def code_text(source: str) -> str:
    """The lines that run, without comments, docstrings, blank lines and digests.

    The same in every version of Python: text is cut out, never written anew.

    Raises
    ------
    SyntaxError
        If it is no Python.
    """
    lines = [line.encode() for line in source.splitlines(keepends=True)]
    for (first, start), (last, end) in sorted((*_comments(source), *_docstrings(source)))[::-1]:
        lines[first - 1 : last] = [lines[first - 1][:start] + lines[last - 1][end:]]
    kept = (line.decode().rstrip() for line in lines)
    return DIGEST.sub('"digest"', "\n".join(line for line in kept if line))


def _comments(source: str) -> Iterator[Span]:
    rows = source.splitlines()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            row, column = token.start
            start = len(rows[row - 1][:column].encode())
            yield (row, start), (row, start + len(token.string.encode()))


def _docstrings(source: str) -> Iterator[Span]:
    """Strings that stand alone, of modules, classes, functions and of what they follow."""
    for node in ast.walk(ast.parse(source)):
        if (
            isinstance(node, ast.Expr)
            and isinstance(node.value, ast.Constant)
            and isinstance(node.value.value, str)
            and node.end_lineno is not None
            and node.end_col_offset is not None
        ):
            yield (node.lineno, node.col_offset), (node.end_lineno, node.end_col_offset)
