"""Files that appear together or not at all.

Results are written into a hidden folder on the same disk and renamed when all of them are
complete, so that a full disk or a crash leaves nothing that looks like a result.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

from shortaxis.errors import ExistingOutputError, OutputError, ShortAxisError
from shortaxis.files.inputs.side_files import read_side_file
from shortaxis.files.plain_json import OF_ANOTHER_SHAPE
from shortaxis.files.privacy import keep_private, private_folder
from shortaxis.files.whole_files import PARTIAL_PREFIX, remove_partial

__all__ = [
    "earlier_results",
    "refuse_existing",
    "remove_results",
    "remove_unfinished",
    "staged_folder",
]

STAGING_PREFIX, EARLIER_PREFIX = ".shortaxis-partial-", ".shortaxis-earlier-"

WITHOUT_WORDS = "the system refused to write"
"""What is said of an error that brings no words of its own, as those of image libraries do."""


def refuse_existing(folder: Path, names: Collection[str]) -> None:
    """Raise if `folder` holds any of the `names`, or is no folder.

    Raises
    ------
    ExistingOutputError
        Naming the first file that would be overwritten.
    OutputError
        If the path is a file.
    """
    for parent in (folder, *folder.parents):
        if os.path.lexists(parent) and not parent.is_dir():
            raise OutputError(
                "is not a folder",
                path=parent,
                expected="a folder to write into",
                found="a file",
                cause="a mistyped path, or a file of the name that the folder should have",
            )
    for name in sorted(names):
        if os.path.lexists(folder / name):
            raise ExistingOutputError(
                "exists already",
                path=folder / name,
                expected="a folder without earlier results",
                found="a file of this name",
                cause="an earlier run; choose another folder or overwrite with --force",
            )


def earlier_results(folder: Path, record: str, known: Collection[str]) -> frozenset[str]:
    """Which of the `known` names an earlier run says it wrote, in the ``files`` of its record.

    Files of the same names that no record lists are not ours.
    """
    try:
        listed = json.loads(read_side_file(folder / record))["files"]
        return frozenset(known) & {str(name) for name in listed}
    except (OSError, *OF_ANOTHER_SHAPE):
        return frozenset()


def remove_results(folder: Path, record: str, known: Collection[str], companion: str) -> None:
    """Remove the results that a record lists, the record, and at last a companion.

    Who is interrupted can begin again: while anything is left, so is the companion.
    """
    listed = earlier_results(folder, record, known) - {record}
    for name in (*sorted(listed), record, companion):
        (folder / name).unlink(missing_ok=True)
    with suppress(OSError):
        folder.rmdir()


def remove_unfinished(folder: Path) -> None:
    """Remove what a process that was killed was writing; for folders that nobody else writes."""
    for prefix in (PARTIAL_PREFIX, STAGING_PREFIX, EARLIER_PREFIX):
        for path in folder.glob(f"{prefix}*"):
            remove_partial(path)


@contextmanager
def staged_folder(folder: Path, replaceable: Collection[str] = ()) -> Iterator[Path]:
    """Yield an empty folder whose files are moved into `folder` if the block succeeds.

    Other users of the machine cannot read them: see `shortaxis.files.privacy`.

    Parameters
    ----------
    folder : Path
        Where the files shall be; made if it is missing.
    replaceable : collection of str
        Names of results of an earlier run, with slashes for those in subfolders. Those that this
        one does not write are removed, so that results of two runs never stand side by side.

    Raises
    ------
    OutputError
        If anything cannot be written; nothing is left behind then, and earlier results stay
        as they were.
    """
    made = _missing_ancestors(folder)
    staging: Path | None = None
    try:
        # Inside an existing folder, since that may be a mount point of its own.
        beside = folder if folder.is_dir() else folder.parent
        beside.mkdir(parents=True, exist_ok=True)
        staging = private_folder(beside / f"{STAGING_PREFIX}{uuid4().hex}")
        yield staging
        keep_private(staging)
        _publish(staging, folder, replaceable)
    except BaseException as error:
        if staging is not None:
            shutil.rmtree(staging, ignore_errors=True)
        _remove_empty(made)
        if isinstance(error, OSError) and not isinstance(error, ShortAxisError):
            raise OutputError(
                "cannot be written",
                path=folder,
                expected="a folder that can be written to, with free space",
                found=error.strerror or WITHOUT_WORDS,
                cause="missing permission, a full disk or a quota",
            ) from error
        raise


def _publish(staging: Path, folder: Path, replaceable: Collection[str]) -> None:
    """Move everything at once where the folder is new, else file by file with a way back."""
    if not folder.exists():
        staging.rename(folder)
        return
    names = {
        path.relative_to(staging).as_posix() for path in staging.rglob("*") if not path.is_dir()
    }
    moved: list[tuple[Path, Path]] = []
    made = [part for name in names for part in _missing_ancestors((folder / name).parent)]
    with tempfile.TemporaryDirectory(prefix=EARLIER_PREFIX, dir=folder) as earlier:
        try:
            for name in sorted(names | set(replaceable)):
                if os.path.lexists(folder / name):
                    _move(folder / name, Path(earlier) / name, moved)
            for name in sorted(names):
                _move(staging / name, folder / name, moved)
        except BaseException:
            for source, target in reversed(moved):
                target.replace(source)
            _remove_empty(sorted(set(made), reverse=True))
            raise
    shutil.rmtree(staging)


def _move(source: Path, target: Path, moved: list[tuple[Path, Path]]) -> None:
    if source.is_dir() and not source.is_symlink():
        raise OutputError(
            "is in the way", path=source, expected="no folder of this name", found="a folder"
        )
    private_folder(target.parent)
    source.replace(target)
    moved.append((source, target))


def _missing_ancestors(folder: Path) -> list[Path]:
    """Folders that do not exist yet, innermost first."""
    return [path for path in (folder, *folder.parents) if not path.exists()]


def _remove_empty(folders: list[Path]) -> None:
    for path in folders:
        with suppress(OSError):
            path.rmdir()
