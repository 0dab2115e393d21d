"""The folder of a cohort: one run at a time, one cohort, nothing half-written."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path

from shortaxis._version import __version__
from shortaxis.errors import ExistingOutputError, OutputError
from shortaxis.simulation.cohort_request import CohortRequest
from shortaxis.simulation.whole_files import PARTIAL_PREFIX, write_whole

__all__ = ["COHORT_FILE", "COHORT_SCHEMA", "claimed_folder"]

COHORT_SCHEMA = "shortaxis/cohort/1"
COHORT_FILE, LOCK_FILE = "cohort.json", ".cohort.lock"


@contextmanager
def claimed_folder(folder: Path, request: CohortRequest) -> Iterator[None]:
    """Keep the folder for one run of this cohort, made if it is not there.

    Raises
    ------
    ExistingOutputError
        If the folder holds another cohort, or other things.
    OutputError
        If another run uses it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with _locked(folder):
        _claim(folder, request)
        _sweep(folder)
        try:
            yield
        finally:
            _sweep(folder)


def _claim(folder: Path, request: CohortRequest) -> None:
    """Note what the folder holds, or check that it holds the same."""
    path = folder / COHORT_FILE
    wanted = {"schema": COHORT_SCHEMA, **asdict(request), "software_version": __version__}
    if path.exists():
        _refuse_another_cohort(path, wanted)
    elif any(folder.glob("[!.]*")):
        raise ExistingOutputError(
            "is not empty and holds no cohort",
            path=folder,
            expected="an empty folder, or one of an earlier run",
            found="other files",
        )
    write_whole(path, (json.dumps(wanted, indent=2) + "\n").encode())


def _refuse_another_cohort(path: Path, wanted: dict[str, object]) -> None:
    try:
        there = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        there = None
    if not isinstance(there, dict):
        there = {}
    differing = [name for name in wanted if name != "count" and there.get(name) != wanted[name]]
    if differing:
        name = differing[0]
        raise ExistingOutputError(
            "holds another cohort",
            path=path.parent,
            expected=f"{name} {wanted[name]}",
            found=f"{name} {there.get(name)}",
            cause="a folder of another run; choose another one",
        )


def _sweep(folder: Path) -> None:
    """Remove what killed workers left half-written; nobody else works here while we do."""
    for path in [*folder.glob(f"{PARTIAL_PREFIX}*"), *folder.glob(f"exams/{PARTIAL_PREFIX}*")]:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Keep a second run out; the system frees the lock of a process that dies."""
    try:
        import fcntl
    except ImportError:  # Windows
        yield
        return
    path = folder / LOCK_FILE
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise _in_use(folder) from error
        if not _lies_at(handle, path):
            raise _in_use(folder)
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


def _in_use(folder: Path) -> OutputError:
    return OutputError(
        "is in use by another run",
        path=folder,
        expected="one run at a time in a folder",
        found="a lock",
        cause="another process simulates this cohort",
    )
