"""Quantify everything that was found under a path, study by study."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shortaxis.errors import ShortAxisError
from shortaxis.files.plain_json import write_json
from shortaxis.files.staged_folder import refuse_existing, staged_folder
from shortaxis.workflow.quantify.quantifying import QuantifiedStudy, QuantifyOptions, quantify_study
from shortaxis.workflow.quantify.record import build_quantification, segments_csv
from shortaxis.workflow.quantify.sheet import draw_quantification_sheet, png_of
from shortaxis.workflow.reorient.requests import free_folders
from shortaxis.workflow.studies.finding import FoundStudies, FoundStudy

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = [
    "QUANTIFICATION_NAMES",
    "QuantificationOutcome",
    "quantify_found",
    "write_quantification",
    "write_quantification_files",
]

QUANTIFICATION_NAMES = ("quantification.json", "segments.csv", "quantification.png")
"""Files of one study, always all."""


@dataclass(frozen=True, eq=False)
class QuantificationOutcome:
    """What became of one study: files and a polar map, or an error."""

    found: FoundStudy
    folder: Path
    files: tuple[Path, ...] = ()
    quantified: QuantifiedStudy | None = None
    error: ShortAxisError | None = None


def quantify_found(
    found: FoundStudies, out: Path, options: QuantifyOptions, *, force: bool = False
) -> Iterator[QuantificationOutcome]:
    """Quantify every study; one that fails does not stop the others.

    A single study is written directly into `out`, several into one folder each.

    Raises
    ------
    ExistingOutputError
        Before any work, if results exist already and `force` is off.
    OutputError
        Before any work, if a result would overwrite a file that it is made from.
    """
    folders = free_folders(found, out, QUANTIFICATION_NAMES, force=force)
    for study, folder in zip(found.studies, folders, strict=True):
        try:
            quantified = quantify_study(study.load().study, options)
            files = write_quantification(quantified, folder, force=force)
        except ShortAxisError as error:
            yield QuantificationOutcome(study, folder, error=error.at_path(study.paths[0]))
        else:
            yield QuantificationOutcome(study, folder, tuple(files), quantified)


def write_quantification(
    quantified: QuantifiedStudy, folder: Path, *, force: bool = False
) -> list[Path]:
    """Write record, table and picture into `folder`, all or none.

    Raises
    ------
    ExistingOutputError
        If results are there already and `force` is off.
    OutputError
        If anything cannot be written.
    """
    return write_quantification_files(
        folder,
        build_quantification(quantified, QUANTIFICATION_NAMES),
        segments_csv(quantified),
        lambda: draw_quantification_sheet(quantified),
        force=force,
    )


def write_quantification_files(
    folder: Path,
    record: dict[str, Any],
    table: str,
    draw: Callable[[], Figure],
    *,
    force: bool = False,
) -> list[Path]:
    """Write a record, a table and a picture by the names of a quantification, all or none.

    Raises
    ------
    ExistingOutputError
        If results are there already and `force` is off.
    OutputError
        If anything cannot be written.
    """
    if not force:
        refuse_existing(folder, QUANTIFICATION_NAMES)
    with staged_folder(folder) as staging:
        write_json(staging / "quantification.json", record)
        (staging / "segments.csv").write_text(table, encoding="utf-8")
        (staging / "quantification.png").write_bytes(png_of(draw()))
    return [folder / name for name in QUANTIFICATION_NAMES]
