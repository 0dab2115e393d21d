"""Who may read what is written: its owner alone, unless the operator lets the group in.

Results name patients, and so do databases: other users of the machine have no business there.
Without effect on Windows.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

__all__ = ["GROUP_READS", "file_mode", "keep_private", "private_file", "private_folder"]

GROUP_READS = "SHORTAXIS_GROUP_READS"
"""A variable of the environment; with the value 1, the owner's group may read."""

OWNER_FILE, OWNER_FOLDER = 0o600, 0o700

GROUP_FILE, GROUP_FOLDER = 0o640, 0o750


def file_mode(*, owner_alone: bool = False) -> int:
    """Mode of a file; `owner_alone` keeps the group out in any case."""
    return GROUP_FILE if _group_reads() and not owner_alone else OWNER_FILE


def private_folder(folder: Path) -> Path:
    """Make a folder, and those above it that are missing; one that is there stays as it is."""
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    for each in reversed(missing):
        each.mkdir(mode=_folder_mode(), exist_ok=True)
    return folder


def private_file(path: Path, *, owner_alone: bool = False) -> None:
    """Make an empty file where there is none: what is written into it later nobody else reads.

    Raises
    ------
    OSError
        If it cannot be made.
    """
    mode = file_mode(owner_alone=owner_alone)
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode))
    keep_private(path, owner_alone=owner_alone)


def keep_private(path: Path, *, owner_alone: bool = False) -> None:
    """Set the modes of a file, or of a folder with all that is in it; links are left alone.

    What belongs to somebody else stays as it is.
    """
    mode = file_mode(owner_alone=owner_alone)
    if path.is_dir() and not path.is_symlink():
        _set(path, _folder_mode())
        for folder, folders, files in os.walk(path):
            for name in folders:
                _set(Path(folder) / name, _folder_mode())
            for name in files:
                _set(Path(folder) / name, mode)
    else:
        _set(path, mode)


def _set(path: Path, mode: int) -> None:
    if not path.is_symlink():
        with suppress(OSError):
            path.chmod(mode)


def _folder_mode() -> int:
    return GROUP_FOLDER if _group_reads() else OWNER_FOLDER


def _group_reads() -> bool:
    return os.environ.get(GROUP_READS) == "1"
