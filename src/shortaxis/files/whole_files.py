"""Files that are there as a whole or not at all."""

from __future__ import annotations

from pathlib import Path

__all__ = ["PARTIAL_PREFIX", "write_whole"]

PARTIAL_PREFIX = ".partial-"
"""Of names of what is being written."""


def write_whole(path: Path, content: bytes) -> Path:
    """Write a file that appears by one rename, and leave nothing if that fails."""
    partial = path.with_name(PARTIAL_PREFIX + path.name)
    try:
        partial.write_bytes(content)
        return partial.replace(path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
