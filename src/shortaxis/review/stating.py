"""Studies whose geometry a reviewer states, and files that cannot be read without it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from shortaxis.dicom.reading.finding.scan import files_below, scan_part, scan_stack
from shortaxis.dicom.reading.finding.skipped import SkippedItem, in_stacks
from shortaxis.errors import InputNotFoundError, ShortAxisError, UnsupportedObjectError
from shortaxis.nifti.file_names import is_nifti_file
from shortaxis.review.worklist import ID_LENGTH, Entry
from shortaxis.spect.reading_options import AS_STORED, ReadingOptions
from shortaxis.spect.stated_geometry import StatedGeometry, stated_from_record
from shortaxis.workflow.studies.finding import (
    FoundStudy,
    explained,
    find_studies,
    nifti_study,
)

__all__ = [
    "RefusedFile",
    "as_stated",
    "asks_for_geometry",
    "refused_below",
    "refused_files",
    "refused_row",
    "with_statements",
]

OPTIONS_OF_GEOMETRY = ("--orientation", "--slice-spacing", "--pixel-spacing")
"""A refusal whose way on names one of them ends once the geometry is stated."""

NOT_READ = "not read"
"""State of such a file on the worklist."""


def asks_for_geometry(way_on: str | None) -> bool:
    """Whether the way on from a refusal is to state the geometry."""
    return any(option in (way_on or "") for option in OPTIONS_OF_GEOMETRY)


@dataclass(frozen=True)
class RefusedFile:
    """A file that holds no study that can be read, as it is.

    Parameters
    ----------
    study : str
        Its identifier on the worklist: follows from the path.
    path : Path
        Of a series of single slices, the first one.
    reason : str
        Why it cannot be read.
    way_on : str
        What the user can do; empty if nothing is known.
    reading : ReadingOptions
        How it was tried.
    """

    study: str
    path: Path
    reason: str
    way_on: str = ""
    reading: ReadingOptions = AS_STORED

    @property
    def can_be_stated(self) -> bool:
        """Whether it may be read once its geometry is stated."""
        return asks_for_geometry(self.way_on)

    def found(self, stated: StatedGeometry) -> FoundStudy:
        """The study in it, read with a statement.

        Raises
        ------
        ShortAxisError
            One of its children, if it cannot be read with that either.
        """
        return _found_in(self.path, replace(self.reading, stated=stated))

    def entry(self, stated: StatedGeometry) -> Entry:
        """The same as an entry of the worklist, under the same identifier."""
        return Entry(self.study, "01-stated", self.found(stated))


def refused_files(
    skipped: Iterable[SkippedItem], reading: ReadingOptions = AS_STORED
) -> list[RefusedFile]:
    """Files that a search left out, each with its reason; slices of one stack are one row."""
    return [
        RefusedFile(_identifier(item.path), item.path, item.reason, item.way_on, reading)
        for item in skipped
        if item.stack in (None, item.path)
    ]


def _identifier(path: Path) -> str:
    return hashlib.sha256(f"refused\0{path.resolve()}".encode()).hexdigest()[:ID_LENGTH]


def refused_below(path: Path, options: ReadingOptions) -> tuple[SkippedItem, ...]:
    """Why each file cannot be read, where a search found no study at all."""
    if not path.exists():
        return ()
    skipped: list[SkippedItem] = []
    files = [path]
    if path.is_dir():
        files = files_below(path, lambda at, reason: skipped.append(SkippedItem(at, reason)))
    stored = scan_part([file for file in files if not is_nifti_file(file)], options)
    skipped += map(explained, stored.skipped)
    for slices in stored.slice_files.values():
        skipped += scan_stack(slices, options).skipped
    for file in filter(is_nifti_file, files):
        try:
            nifti_study(file, options)
        except ShortAxisError as error:
            skipped.append(SkippedItem(file, error.summary, error.way_on or ""))
    return tuple(in_stacks(skipped))


def _found_in(path: Path, options: ReadingOptions) -> FoundStudy:
    """The study that a file belongs to; of one slice of a series, with the others beside it."""
    try:
        found = find_studies(path, options=options)
    except UnsupportedObjectError as error:
        try:
            found = find_studies(path.parent, options=options)
        except InputNotFoundError:
            raise error from None
    holding = [study for study in found.studies if path in study.paths]
    if not holding:
        raise InputNotFoundError(
            "holds no study that can be reoriented", path=path,
            expected="a transaxial reconstruction", found="none",
        )  # fmt: skip
    return holding[0]


def as_stated(entry: Entry, stated: StatedGeometry) -> Entry:
    """The same study, read with a statement in place of what was stated for all."""
    found = entry.found
    before = found.reading.stated.notes
    notes = tuple(note for note in found.notes if note not in before)
    series = None if found.series is None else replace(found.series, notes=notes)
    reading = replace(found.reading, stated=stated)
    return replace(entry, found=replace(found, reading=reading, notes=notes, series=series))


def with_statements(
    entries: Sequence[Entry],
    refused: Sequence[RefusedFile],
    statements: Mapping[str, Mapping[str, Any]],
) -> tuple[list[Entry], list[RefusedFile]]:
    """Entries as reviewers have stated them, and files that are still refused.

    `statements` are those of the store, by study; an empty one was taken back.
    """
    read, left = [], []
    for entry in entries:
        values = statements.get(entry.study)
        read.append(as_stated(entry, stated_from_record(values)) if values else entry)
    for file in refused:
        try:
            read.append(file.entry(stated_from_record(statements[file.study])))
        except (KeyError, ShortAxisError):
            left.append(file)
    return read, left


def refused_row(file: RefusedFile, version: int, root: Path) -> dict[str, Any]:
    """A row of the worklist for a file that is not read."""
    path = file.path
    return {
        "study": file.study,
        "title": "Not read",
        "file": path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name,
        "condition": "unknown",
        "gates": 0,
        "partner": "",
        "state": NOT_READ,
        "version": version,
        "flag": "",
        "reasons": [file.reason],
        "way_on": file.way_on,
        "can_be_stated": file.can_be_stated,
    }
