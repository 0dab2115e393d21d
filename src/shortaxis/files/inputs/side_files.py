"""Small text files that a user names: poses, settings, limits, tables of pairs."""

from __future__ import annotations

from pathlib import Path

from shortaxis.errors import UnreadableFileError
from shortaxis.files.inputs.special_files import require_no_special_file

__all__ = ["LARGEST_BYTES", "read_side_bytes", "read_side_file"]

LARGEST_BYTES = 1 << 24
"""Normal limits have 0.3 MB, and nothing else that is written by hand or here has more."""


def read_side_file(path: Path, *, encoding: str = "utf-8", most: int = LARGEST_BYTES) -> str:
    """Text of a file of at most so many bytes; nothing that is no file is opened.

    Raises
    ------
    InputNotFoundError
        For a pipe, a socket or a device.
    UnreadableFileError
        If it is too large.
    OSError, UnicodeDecodeError
        If it cannot be read, or is no text.
    """
    return read_side_bytes(path, most).decode(encoding)


def read_side_bytes(path: Path, most: int = LARGEST_BYTES) -> bytes:
    """The same, not decoded."""
    require_no_special_file(path)
    size = path.stat().st_size
    if size <= most:
        with path.open("rb") as file:
            # Some files of the system say no size, and one may grow. Asking for all that is allowed
            # takes that much memory first.
            content = file.read(size + 1)
            if len(content) != size:
                content += file.read(most + 1 - len(content))
        if len(content) <= most:
            return content
        size = len(content)
    raise UnreadableFileError(
        "is too large for its kind",
        path=path,
        expected=f"at most {most / 1e6:.3g} MB",
        found=f"{size / 1e6:.3g} MB",
        cause="another kind of file, or one that was made to do harm",
        way_on="give the small file that is asked for here",
    )
