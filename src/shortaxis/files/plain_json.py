"""JSON that every reader understands: no NaN, no infinity, plain values only.

Text is ASCII with escapes, so that no encoding and no half of a character can spoil it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from shortaxis.errors import OutputError
from shortaxis.files.inputs.side_files import read_side_file
from shortaxis.files.whole_files import write_whole

__all__ = ["OF_ANOTHER_SHAPE", "read_json_object", "to_json_line", "to_json_text", "write_json"]

OF_ANOTHER_SHAPE = (
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)
"""What it raises to take JSON for what it is not: a text for a list, infinity for a number of
exams, a number of thousands of digits, lists within lists without end."""

PLAIN = (str, int, float, type(None))
"""Types of single values; a truth value is an int."""


def to_json_text(values: object) -> str:
    """Content of a JSON file: indented by two, with a newline at the end.

    Raises
    ------
    OutputError
        If there is a value that JSON does not have, naming its place: NaN, infinity, an array, a
        scalar of numpy. The caller knows whether ``float()``, ``tolist()`` or None is meant.

    Examples
    --------
    >>> print(to_json_text({"center_mm": [1.5, None]}), end="")
    {
      "center_mm": [
        1.5,
        null
      ]
    }
    """
    return _text(values, indent=2) + "\n"


def to_json_line(values: object, *, sorted_keys: bool = False, compact: bool = False) -> str:
    """JSON in one line without its end: a cell of a table, or what a digest is taken of.

    Parameters
    ----------
    values : object
        Plain values.
    sorted_keys : bool
        Whether equal objects give equal text, in whatever order they were made.
    compact : bool
        Without spaces.

    Raises
    ------
    OutputError
        As `to_json_text`.

    Examples
    --------
    >>> to_json_line({"b": 1, "a": [True, None]}, sorted_keys=True)
    '{"a": [true, null], "b": 1}'
    """
    return _text(values, sort_keys=sorted_keys, separators=(",", ":") if compact else None)


def read_json_object(path: Path) -> dict[str, Any] | None:
    """A JSON object that an earlier run may have left; None where there is none that can be read.

    Files that a user hands in are read where they are understood, and refused there in words.
    """
    try:
        found = json.loads(read_side_file(path))
    except (OSError, *OF_ANOTHER_SHAPE):
        return None
    return found if isinstance(found, dict) else None


def write_json(path: Path, values: object, *, durable: bool = False) -> Path:
    """Write a JSON file, whole or not at all.

    Raises
    ------
    OutputError
        As `to_json_text`.
    OSError
        If the file cannot be written; none is left then but an earlier one.
    """
    return write_whole(path, to_json_text(values), durable=durable)


def _text(
    values: object,
    indent: int | None = None,
    separators: tuple[str, str] | None = None,
    *,
    sort_keys: bool = False,
) -> str:
    try:
        return json.dumps(
            values, allow_nan=False, indent=indent, separators=separators, sort_keys=sort_keys
        )
    except (TypeError, ValueError) as error:
        raise OutputError(
            "is not plain enough for JSON",
            expected="finite numbers, text, truth values, null, and lists and objects of them",
            found=next(_faults(values, ""), str(error)),
            cause="a computation that has no result, or an array that was not converted",
        ) from error


def _faults(values: object, place: str) -> Iterator[str]:
    """Values that JSON does not have, each with its place."""
    where = f" at {place}" if place else ""
    if isinstance(values, Mapping):
        for name, value in values.items():
            if not isinstance(name, PLAIN):
                yield f"a key of type {type(name).__name__}{where}"
            yield from _faults(value, f"{place}.{name}" if place else str(name))
    elif isinstance(values, list | tuple):
        for number, value in enumerate(values):
            yield from _faults(value, f"{place}[{number}]")
    elif not isinstance(values, PLAIN):
        yield f"{type(values).__name__}{where}"
    elif isinstance(values, float) and not abs(values) < float("inf"):
        yield f"{values}{where}"
