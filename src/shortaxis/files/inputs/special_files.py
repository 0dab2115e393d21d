"""Entries of folders that are no files: a pipe would wait for ever, a device never ends."""

from __future__ import annotations

import stat
from pathlib import Path

from shortaxis.errors import InputNotFoundError

__all__ = ["require_no_special_file", "special_kind"]

KINDS = {
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


def special_kind(path: Path) -> str:
    """What an entry is, such as "a pipe"; empty for files, folders, and where nothing is."""
    try:
        return KINDS.get(stat.S_IFMT(path.stat().st_mode), "")
    except (OSError, ValueError):
        return ""


def require_no_special_file(path: Path) -> None:
    """Refuse what is no file before it is opened.

    Raises
    ------
    InputNotFoundError
        For a pipe, a socket or a device.
    """
    kind = special_kind(path)
    if kind:
        raise InputNotFoundError(
            f"is {kind}, which is not opened",
            path=path,
            expected="a file",
            found=kind,
            way_on="copy what it gives into a file",
        )
