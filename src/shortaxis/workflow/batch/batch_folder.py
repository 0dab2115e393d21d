"""The folder of a batch: one batch, one secret, nothing half-written."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from shortaxis.errors import ExistingOutputError, OutputError, ShortAxisError
from shortaxis.files.plain_json import read_json_object, write_json
from shortaxis.files.privacy import private_folder
from shortaxis.files.staged_folder import remove_unfinished
from shortaxis.files.whole_files import write_whole
from shortaxis.workflow.batch.study_record import FAILED_FOLDER, STAGING_FOLDER, STUDIES_FOLDER

__all__ = [
    "FETCHED_FOLDER",
    "claim",
    "claimed",
    "is_result",
    "made_folder",
    "remove_staging",
    "secret_of",
    "sweep",
]

BATCH_FILE, SECRET_FILE = "batch.json", ".secret"

FETCHED_FOLDER = ".dicomweb"
"""What was brought from a server: in the folder of the batch, and yet no result of it."""

BATCH_SCHEMA = "shortaxis/batch/1"


def claim(out: Path, digest: str, *, force: bool) -> None:
    """Note what the folder is for, or find out that it is for the same.

    Raises
    ------
    ExistingOutputError
        If it holds other things, or a batch that was asked for otherwise, without `force`.
    """
    private_folder(out)
    path = out / BATCH_FILE
    others = [each for each in out.iterdir() if not each.name.startswith(".")]
    there = (read_json_object(path) or {}).get("asked")
    if there is None and others:
        raise ExistingOutputError(
            "is not empty and holds no batch",
            path=out,
            expected="a new folder, or one of an earlier run",
            found=f"{len(others)} other files or folders",
        )
    if there not in (None, digest) and not force:
        raise ExistingOutputError(
            "holds a batch that was asked for otherwise",
            path=out,
            expected="the same options and version, or --force to make everything anew",
            found="other options, or another version",
        )
    write_json(path, {"schema": BATCH_SCHEMA, "asked": digest})
    for name in (STUDIES_FOLDER, FAILED_FOLDER, STAGING_FOLDER):
        private_folder(out / name)


@contextmanager
def made_folder(out: Path) -> Iterator[Path]:
    """The folder, made where there is none; one that an error leaves empty is removed again.

    Raises
    ------
    OutputError
        If it cannot be made, or nothing be written into it.
    """
    was_there = out.exists()
    try:
        yield private_folder(out)
    except (ShortAxisError, BrokenPipeError):
        _remove_new(out, was_there=was_there)
        raise
    except OSError as error:
        _remove_new(out, was_there=was_there)
        raise OutputError(
            "cannot be written",
            path=error.filename or out,
            expected="a folder that can be written to, with free space",
            found=error.strerror or "the system refused to write",
            cause="missing permission, a full disk or a quota",
            way_on="run again into the same folder: what is finished is kept",
        ) from error


def _remove_new(out: Path, *, was_there: bool) -> None:
    if not was_there:
        with suppress(OSError):
            out.rmdir()


@contextmanager
def claimed(out: Path, digest: str, *, force: bool) -> Iterator[None]:
    """`claim` a folder; an error before anything was made in a new one gives it back.

    A mistyped input or a wrong option would else leave a folder that says what it is for, and that
    other options may not have.
    """
    is_new = not (out / BATCH_FILE).exists()
    claim(out, digest, force=force)
    try:
        yield
    except (ShortAxisError, OSError):
        if is_new:
            _give_back(out)
        raise


def _give_back(out: Path) -> None:
    """Remove what a claim made, unless something came into it."""
    for name in (STUDIES_FOLDER, FAILED_FOLDER, STAGING_FOLDER, FETCHED_FOLDER):
        with suppress(OSError):
            (out / name).rmdir()
    ours = {BATCH_FILE, SECRET_FILE}
    others = [each for each in out.iterdir() if each.name not in ours and each.suffix != ".lock"]
    if not others:
        for name in ours:
            (out / name).unlink(missing_ok=True)


def is_result(path: Path, out: Path) -> bool:
    """Whether a file in the folder of a batch was written by it, and is no input."""
    return path.is_relative_to(out) and not path.is_relative_to(out / FETCHED_FOLDER)


def secret_of(out: Path) -> bytes:
    """What new UIDs are made with: the same in every run into the folder, and nowhere else."""
    path = out / SECRET_FILE
    if not path.exists():
        write_whole(path, secrets.token_hex(32), owner_alone=True)
    return bytes.fromhex(path.read_text(encoding="utf-8"))


def remove_staging(out: Path) -> None:
    """Remove studies that nobody finished."""
    shutil.rmtree(out / STAGING_FOLDER, ignore_errors=True)


def sweep(out: Path) -> None:
    """Remove whatever killed processes of this machine were writing; none of them is left."""
    remove_staging(out)
    for folder in (out, out / STUDIES_FOLDER, out / FAILED_FOLDER):
        remove_unfinished(folder)
