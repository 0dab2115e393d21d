"""Files and folders that are there as a whole or not at all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from shortaxis.files.privacy import keep_private, private_file

__all__ = [
    "PARTIAL_PREFIX",
    "publish",
    "remove_partial",
    "sync_file",
    "sync_folder",
    "write_whole",
    "written_whole",
]

PARTIAL_PREFIX = ".partial-"
"""Of names of what is being written."""


@contextmanager
def written_whole(
    path: Path, *, durable: bool = False, owner_alone: bool = False
) -> Iterator[Path]:
    """Yield a hidden path beside `path`; what the block writes there appears by one rename.

    Other users of the machine cannot read it: see `shortaxis.files.privacy`.

    Parameters
    ----------
    path : Path
        Of the file or folder; what is there already is replaced.
    durable : bool
        Whether the file survives a power cut once this returns. It takes some milliseconds.
    owner_alone : bool
        Whether the owner's group may not read it in any case.

    Raises
    ------
    OSError
        If it cannot be written; nothing is left then but what was there before.
    """
    # Without the name and its suffix: it may be too long with a prefix, and no scan of a folder
    # takes it for a finished file.
    partial = path.with_name(f"{PARTIAL_PREFIX}{uuid4().hex}")
    try:
        yield partial
        if durable:
            sync_file(partial)
        publish(partial, path, owner_alone=owner_alone)
    except BaseException:
        remove_partial(partial)
        raise
    if durable:
        sync_folder(path.parent)


def write_whole(
    path: Path, content: bytes | str, *, durable: bool = False, owner_alone: bool = False
) -> Path:
    """Write a file that appears by one rename, and leave nothing if that fails.

    Parameters
    ----------
    path : Path
        Of the file; an earlier one is replaced.
    content : bytes or str
        Text is written as UTF-8 with the line ends that it has.
    durable, owner_alone : bool
        As of `written_whole`.

    Returns
    -------
    Path
        The same path.
    """
    with written_whole(path, durable=durable, owner_alone=owner_alone) as partial:
        private_file(partial, owner_alone=owner_alone)
        partial.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def publish(partial: Path, path: Path, *, owner_alone: bool = False) -> None:
    """Rename what is complete to where it shall be; a folder that is there makes room first.

    Other users cannot read it from then on, whatever wrote it.

    Raises
    ------
    OSError
        If that is not possible, or if somebody else has put a folder there meanwhile.
    """
    keep_private(partial, owner_alone=owner_alone)
    if not path.is_dir() or path.is_symlink():
        partial.replace(path)
        return
    earlier = partial.with_name(f"{PARTIAL_PREFIX}{uuid4().hex}")
    path.rename(earlier)
    try:
        partial.replace(path)
    except OSError:
        if not path.exists():
            earlier.rename(path)
        raise
    finally:
        shutil.rmtree(earlier, ignore_errors=True)


def remove_partial(partial: Path) -> None:
    """Remove a file or a folder that was not finished, if it is there."""
    if partial.is_dir():
        shutil.rmtree(partial, ignore_errors=True)
    else:
        partial.unlink(missing_ok=True)


def sync_file(path: Path) -> None:
    """Wait until the bytes of a file are on disk, before it is published."""
    _sync(path, os.O_RDWR)


def sync_folder(folder: Path) -> None:
    """Wait until the names in a folder are on disk: a rename is there when its folder is."""
    _sync(folder, os.O_RDONLY)


def _sync(path: Path, flags: int) -> None:
    handle = os.open(path, flags)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
