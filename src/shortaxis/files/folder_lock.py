"""One run at a time in a folder."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from shortaxis.errors import OutputError
from shortaxis.files.privacy import file_mode

__all__ = ["locked_folder"]


@contextmanager
def locked_folder(folder: Path, name: str, cause: str) -> Iterator[None]:
    """Keep a second run out of a folder; the system frees the lock of a process that dies.

    Parameters
    ----------
    folder : Path
        Is there.
    name : str
        Of the file that is locked; it is removed at the end.
    cause : str
        What the other run does, for the error.

    Raises
    ------
    OutputError
        If another run holds the lock.
    """
    try:
        import fcntl
    except ImportError:  # Windows
        yield
        return
    path = folder / name
    handle = os.open(path, os.O_RDWR | os.O_CREAT, file_mode())
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise _in_use(folder, cause) from error
        if not _lies_at(handle, path):
            raise _in_use(folder, cause)
        try:
            yield
        finally:
            with suppress(OSError):
                path.unlink()
    finally:
        os.close(handle)


def _lies_at(handle: int, path: Path) -> bool:
    """Whether an open file is still the one of that name: a run that ends removes its lock."""
    try:
        return os.path.samestat(os.fstat(handle), path.stat())
    except FileNotFoundError:
        return False


def _in_use(folder: Path, cause: str) -> OutputError:
    return OutputError(
        "is in use by another run",
        path=folder,
        expected="one run at a time in a folder",
        found="a lock",
        cause=cause,
    )
