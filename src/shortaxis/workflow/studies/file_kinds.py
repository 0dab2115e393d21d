"""What a file that cannot be used seems to be, without a word of its content."""

from __future__ import annotations

import json
from pathlib import Path

__all__ = ["kind_of_bytes"]

MAX_BYTES = 1 << 20
"""Of a file are read: texts given by mistake are shorter."""


def kind_of_bytes(path: Path) -> str | None:
    """Size of a file and whether it is text; None where it cannot be read."""
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES)
        size = path.stat().st_size
    except OSError:
        return None
    return f"{size} bytes {_kind(content)}"


def _kind(content: bytes) -> str:
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return "that are no text"
    if "\0" in text:
        return "that are no text"
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return "of text"
    return "of JSON text"
