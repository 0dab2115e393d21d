"""The folder of a cohort: one run at a time, one cohort, nothing half-written."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from shortaxis._version import __version__
from shortaxis.errors import ExistingOutputError
from shortaxis.files.folder_lock import locked_folder
from shortaxis.files.plain_json import OF_ANOTHER_SHAPE, write_json
from shortaxis.files.staged_folder import remove_unfinished
from shortaxis.simulation.cohort_request import CohortRequest

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
    with locked_folder(folder, LOCK_FILE, "another process simulates this cohort"):
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
    write_json(path, wanted)


def _refuse_another_cohort(path: Path, wanted: dict[str, object]) -> None:
    try:
        there = json.loads(path.read_text(encoding="utf-8"))
    except OF_ANOTHER_SHAPE:
        there = None
    if not isinstance(there, dict):
        there = {}
    # Cohorts that were begun before presets had versions are of the first.
    there.setdefault("preset_version", 1)
    there.setdefault("projections", False)
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
    for each in (folder, folder / "exams"):
        remove_unfinished(each)
