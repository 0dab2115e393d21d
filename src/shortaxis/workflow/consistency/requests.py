"""Measure the consistency of everything that was found under a path, study by study."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from shortaxis.errors import ShortAxisError
from shortaxis.files.plain_json import write_json
from shortaxis.files.staged_folder import refuse_existing, staged_folder
from shortaxis.workflow.consistency.measuring import (
    Consistency,
    Progress,
    measure_study_consistency,
)
from shortaxis.workflow.consistency.options import ConsistencyOptions
from shortaxis.workflow.consistency.record import build_consistency_record
from shortaxis.workflow.consistency.sheet import write_consistency_sheet
from shortaxis.workflow.reorient.requests import free_folders
from shortaxis.workflow.studies.finding import FoundStudies, FoundStudy

__all__ = [
    "CONSISTENCY_NAMES",
    "ConsistencyOutcome",
    "consistency_of_found",
    "write_consistency",
]

CONSISTENCY_NAMES = ("consistency.json", "consistency.png")
"""Files of one study, always both."""


@dataclass(frozen=True, eq=False)
class ConsistencyOutcome:
    """What became of one study: files and a measurement, or an error."""

    found: FoundStudy
    folder: Path
    files: tuple[Path, ...] = ()
    consistency: Consistency | None = None
    error: ShortAxisError | None = None


def consistency_of_found(
    found: FoundStudies,
    out: Path,
    options: ConsistencyOptions,
    *,
    force: bool = False,
    progress: Progress | None = None,
) -> Iterator[ConsistencyOutcome]:
    """Measure and write every study; one that fails does not stop the others.

    A single study is written directly into `out`, several into one folder each. `progress` is
    called with the estimates done and their total, which starts again for every study.

    Raises
    ------
    ExistingOutputError
        Before any work, if results exist already and `force` is off.
    OutputError
        Before any work, if a result would overwrite a file that it is made from.
    """
    folders = free_folders(found, out, CONSISTENCY_NAMES, force=force)
    for study, folder in zip(found.studies, folders, strict=True):
        try:
            consistency = measure_study_consistency(study.load().study, options, progress)
            files = write_consistency(consistency, folder, force=force)
        except ShortAxisError as error:
            yield ConsistencyOutcome(study, folder, error=error.at_path(study.paths[0]))
        else:
            yield ConsistencyOutcome(study, folder, tuple(files), consistency)


def write_consistency(consistency: Consistency, folder: Path, *, force: bool = False) -> list[Path]:
    """Write ``consistency.json`` and ``consistency.png`` into `folder`, both or none.

    Raises
    ------
    ExistingOutputError
        If results are there already and `force` is off.
    OutputError
        If anything cannot be written.
    """
    if not force:
        refuse_existing(folder, CONSISTENCY_NAMES)
    record = build_consistency_record(consistency, CONSISTENCY_NAMES)
    with staged_folder(folder) as staging:
        write_json(staging / "consistency.json", record)
        write_consistency_sheet(staging / "consistency.png", consistency)
    return [folder / name for name in CONSISTENCY_NAMES]
