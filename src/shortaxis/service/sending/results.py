"""Results that are to be sent: which files they are, and whether they are all there and whole."""

from __future__ import annotations

from pathlib import Path

from shortaxis.dicom.elements.part10 import read_dataset
from shortaxis.dicom.reading.pixels.completeness import refuse_short_files
from shortaxis.errors import ShortAxisError
from shortaxis.files.staged_folder import earlier_results
from shortaxis.service.reorienting import OUTCOME_FILE
from shortaxis.workflow.reorient.outputs import ALL_OUTPUT_NAMES

__all__ = ["UnsendableError", "forget_outcome", "has_results", "whole_results"]


class UnsendableError(Exception):
    """Results that cannot be sent as they are; the message says why."""


def whole_results(folder: Path) -> list[Path]:
    """Paths of all DICOM objects that a report lists.

    Raises
    ------
    UnsendableError
        If one is gone, damaged or cut short: a part of the views is no result.
    """
    listed = earlier_results(folder, "report.json", ALL_OUTPUT_NAMES)
    paths = sorted(folder / name for name in listed if name.endswith(".dcm"))
    if not paths or not all(path.is_file() for path in paths):
        raise UnsendableError("results are gone")
    try:
        refuse_short_files(paths, [read_dataset(path, with_pixels=False) for path in paths])
    except (ShortAxisError, OSError) as error:
        raise UnsendableError("results are damaged") from error
    return paths


def has_results(folder: Path) -> bool:
    """Whether anything is left of results that could be sent."""
    return any(folder.glob("*.dcm"))


def forget_outcome(folder: Path) -> None:
    """Let results be made again: to a worker, their record is the proof that they are there."""
    (folder / OUTCOME_FILE).unlink(missing_ok=True)
