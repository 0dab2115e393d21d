"""Files that appear together or not at all.

Results are written into a hidden folder on the same disk and renamed when all of them are
complete, so that a full disk or a crash leaves nothing that looks like a result.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from shortaxis.errors import ExistingOutputError, OutputError, ShortAxisError

__all__ = ["refuse_existing", "staged_folder"]


def refuse_existing(folder: Path, names: Collection[str]) -> None:
    """Raise if `folder` holds any of the `names`, or is no folder.

    Raises
    ------
    ExistingOutputError
        Naming the first file that would be overwritten.
    OutputError
        If the path is a file.
    """
    if folder.exists() and not folder.is_dir():
        raise OutputError("is not a folder", path=folder, expected="a folder", found="a file")
    for name in sorted(names):
        if (folder / name).exists():
            raise ExistingOutputError(
                "exists already",
                path=folder / name,
                expected="a folder without earlier results",
                found="a file of this name",
                cause="an earlier run; choose another folder or overwrite with --force",
            )


@contextmanager
def staged_folder(folder: Path, replaceable: Collection[str] = ()) -> Iterator[Path]:
    """Yield an empty folder whose files are moved into `folder` if the block succeeds.

    Parameters
    ----------
    folder : Path
        Where the files shall be; made if it is missing.
    replaceable : collection of str
        Names of results. Those that an earlier run left in `folder` and this one does not
        write are removed, so that results of two runs never stand side by side.

    Raises
    ------
    OutputError
        If anything cannot be written; nothing is left behind then.
    """
    made = _missing_ancestors(folder)
    staging: Path | None = None
    try:
        # Inside an existing folder, since that may be a mount point of its own.
        beside = folder if folder.is_dir() else folder.parent
        beside.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(prefix=".shortaxis-partial-", dir=beside))
        yield staging
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
                found=error.strerror or type(error).__name__,
                cause="missing permission, a full disk or a quota",
            ) from error
        raise


def _publish(staging: Path, folder: Path, replaceable: Collection[str]) -> None:
    if not folder.exists():
        # mkdtemp makes private folders; results get the permissions of any new folder.
        folder.mkdir()
    names = {path.name for path in staging.iterdir()}
    for name in sorted(names):
        (staging / name).replace(folder / name)
    for name in set(replaceable) - names:
        (folder / name).unlink(missing_ok=True)
    staging.rmdir()


def _missing_ancestors(folder: Path) -> list[Path]:
    """Folders that do not exist yet, innermost first."""
    return [path for path in (folder, *folder.parents) if not path.exists()]


def _remove_empty(folders: list[Path]) -> None:
    for path in folders:
        with suppress(OSError):
            path.rmdir()
