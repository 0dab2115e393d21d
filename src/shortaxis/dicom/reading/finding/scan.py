"""Find the series in a file or folder that can be reoriented, without reading pixels."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from shortaxis.dicom.elements.attributes import text_of
from shortaxis.dicom.elements.part10 import is_dicom_file, quiet_pydicom
from shortaxis.dicom.reading.finding.entries import joined_slots, object_entries, stack_entries
from shortaxis.dicom.reading.finding.reconstructed_already import without_reconstructed
from shortaxis.dicom.reading.finding.seen_objects import SeenObjects
from shortaxis.dicom.reading.finding.series import SeriesEntry, numbered_in_series
from shortaxis.dicom.reading.finding.skipped import (
    SkippedItem,
    StackKey,
    in_stacks,
    is_one_slice,
    may_hold_an_exam,
)
from shortaxis.dicom.reading.headers.kinds import ObjectKind, classify_object
from shortaxis.dicom.reading.headers.read_headers import ReadHeader, read_header
from shortaxis.errors import InputNotFoundError, ShortAxisError, UnsupportedObjectError
from shortaxis.spect.reading_options import AS_STORED, RawProjections, ReadingOptions
from shortaxis.spect.study import Modality

__all__ = [
    "DicomInventory",
    "PartOfScan",
    "SeriesEntry",
    "files_below",
    "is_dicom_file",
    "scan_dicom",
    "scan_part",
    "scan_stack",
]

MAX_REASONS = 8
"""Reasons listed in one error; a folder of mixed files can have hundreds."""


@dataclass(frozen=True)
class DicomInventory:
    """What a path holds: series that can be reoriented, and everything else."""

    entries: tuple[SeriesEntry, ...]
    skipped: tuple[SkippedItem, ...]


def scan_dicom(
    path: Path,
    *,
    series_uid: str | None = None,
    options: ReadingOptions = AS_STORED,
    progress: Callable[[int, int], None] | None = None,
) -> DicomInventory:
    """Find transaxial reconstructions in a file or, recursively, in a folder.

    Folders that are links are followed, each once.

    Parameters
    ----------
    path : Path
        One NM file, or a folder.
    series_uid : str, optional
        Take only this Series Instance UID.
    options : ReadingOptions
        What the user allows and states.
    progress : callable, optional
        Called with the number of files seen and their total.

    Returns
    -------
    DicomInventory
        Entries in the order of their paths, and what was skipped.

    Raises
    ------
    InputNotFoundError
        If there is no such path, nothing in it is usable, or the series is not in it.
    ShortAxisError
        Another child that says why a single file, the series asked for, or the only series in
        a folder cannot be used.
    """
    if not path.exists():
        raise InputNotFoundError(
            "does not exist", path=path, expected="a file or a folder", found="nothing"
        )
    findings = _Findings(options)
    refuse = partial(findings.skip, is_exam=True)
    files = files_below(path, refuse) if path.is_dir() else [path]
    with quiet_pydicom():
        for number, file in enumerate(files, start=1):
            findings.add_file(file)
            if progress is not None:
                progress(number, len(files))
        if not path.is_dir():
            findings.raise_what_is_wrong_with_the_file()
        findings.add_stacks()
    return _select(findings, path, series_uid)


@dataclass(frozen=True)
class PartOfScan:
    """What some of the files hold: whole objects, and single slices by their series' UID."""

    entries: tuple[SeriesEntry, ...]
    skipped: tuple[SkippedItem, ...]
    slice_files: dict[str, tuple[Path, ...]]


def scan_part(files: Sequence[Path], options: ReadingOptions = AS_STORED) -> PartOfScan:
    """Read some files of a scan that is shared out; stacks are to be put together after."""
    findings = _Findings(options)
    with quiet_pydicom():
        for file in files:
            findings.add_file(file)
    slices = {uid: tuple(each.path for each in found) for uid, found in findings.slices.items()}
    return PartOfScan(tuple(findings.entries), tuple(findings.skipped), slices)


def scan_stack(files: Sequence[Path], options: ReadingOptions = AS_STORED) -> PartOfScan:
    """Put one series of single slices together from its files."""
    findings = _Findings(options)
    with quiet_pydicom():
        for file in files:
            findings.add_file(file)
        findings.add_stacks()
    return PartOfScan(tuple(findings.entries), tuple(findings.skipped), {})


@dataclass
class _Findings:
    """What a scan has seen so far; `skipped_series` are the UIDs of what was skipped."""

    options: ReadingOptions
    entries: list[SeriesEntry] = field(default_factory=list)
    skipped: list[SkippedItem] = field(default_factory=list)
    skipped_series: set[str] = field(default_factory=set)
    errors: list[tuple[str, ShortAxisError]] = field(default_factory=list)
    slices: dict[str, list[ReadHeader]] = field(default_factory=dict)
    seen: SeenObjects = field(default_factory=SeenObjects)

    def add_file(self, path: Path) -> None:
        series_uid, is_slice = "", False
        try:
            header = read_header(path)
            series_uid = text_of(header.dataset, "SeriesInstanceUID")
            is_slice = is_one_slice(header.dataset)
            kind = classify_object(header.dataset, self.options)
            self._add_object(header, kind)
        except ShortAxisError as error:
            self.seen.forget(path)
            self._refuse([path], series_uid, error, are_slices=is_slice)

    def _add_object(self, header: ReadHeader, kind: ObjectKind) -> None:
        series_uid = text_of(header.dataset, "SeriesInstanceUID")
        why_doubled = self.seen.why_doubled(header.path, header.dataset)
        if why_doubled:
            key = (series_uid, why_doubled) if is_one_slice(header.dataset) else None
            self.skip(header.path, why_doubled, series_uid, stack_key=key)
        elif kind.modality is Modality.PET or (
            is_one_slice(header.dataset) and not kind.holds_projections
        ):
            self.slices.setdefault(series_uid, []).append(header)
        else:
            self.entries += object_entries(header, kind, self.options)

    def add_stacks(self) -> None:
        """Put single slices together, once all files were seen."""
        for series_uid, headers in self.slices.items():
            try:
                kind = classify_object(headers[0].dataset, self.options)
                self.entries += stack_entries(headers, kind, self.options)
            except ShortAxisError as error:
                paths = [header.path for header in headers]
                self._refuse(paths, series_uid, error, are_slices=True)

    def raise_what_is_wrong_with_the_file(self) -> None:
        for _, error in self.errors:
            raise error
        for headers in self.slices.values():
            is_pet = text_of(headers[0].dataset, "Modality") == Modality.PET.value
            raise UnsupportedObjectError(
                "is one slice of a PET series" if is_pet else "is one slice of an NM series",
                path=headers[0].path,
                expected="the folder with all slices of the series",
                found="one file",
                way_on="give the folder that holds all files of the series",
            )

    def raise_what_is_wrong_with_the_only_series(self) -> None:
        """Raise its error, with cause and all, where nothing else is there."""
        is_one_reason = len({error.summary for _, error in self.errors}) == 1
        if is_one_reason and len(self.skipped_series) == 1 and "" not in self.skipped_series:
            raise self.errors[0][1]

    def skip(
        self,
        path: Path,
        reason: str,
        series_uid: str = "",
        way_on: str = "",
        *,
        is_exam: bool = False,
        stack_key: StackKey | None = None,
    ) -> None:
        self.skipped.append(SkippedItem(path, reason, way_on, is_exam, stack_key=stack_key))
        self.skipped_series.add(series_uid)

    def _refuse(
        self, paths: Sequence[Path], series_uid: str, error: ShortAxisError, *, are_slices: bool
    ) -> None:
        """One error of one or many files; each of them is named."""
        error.at_path(paths[0])
        self.errors.append((series_uid, error))
        detail = f" ({error.found})" if error.found else ""
        for path in paths:
            self.skip(
                path,
                f"{error.summary}{detail}",
                series_uid,
                error.way_on or "",
                is_exam=may_hold_an_exam(error),
                stack_key=(series_uid, error.summary) if are_slices and series_uid else None,
            )


def files_below(folder: Path, skip: Callable[[Path, str], None]) -> list[Path]:
    """Files in a folder and the folders in it, sorted; folders that cannot be read are skipped."""

    def refuse_folder(error: OSError) -> None:
        skip(Path(error.filename or folder), "is a folder that cannot be read")

    return list(_walk(folder, refuse_folder))


def _walk(folder: Path, onerror: Callable[[OSError], None]) -> Iterator[Path]:
    visited: set[str] = set()
    for here, folders, files in os.walk(folder, onerror=onerror, followlinks=True):
        folders.sort()
        real = os.path.realpath(here)
        # A link to a folder above would otherwise be walked for ever.
        if real in visited:
            folders.clear()
            continue
        visited.add(real)
        yield from (Path(here, name) for name in sorted(files))


def _select(findings: _Findings, path: Path, series_uid: str | None) -> DicomInventory:
    joined = joined_slots(sorted(findings.entries, key=_place))
    # Whoever names a series means it.
    choice = findings.options.raw if series_uid is None else RawProjections.ALL
    kept, left_out = without_reconstructed(joined, choice)
    entries = numbered_in_series(kept)
    skipped = tuple(in_stacks(sorted([*findings.skipped, *left_out], key=lambda item: item.path)))
    chosen = [entry for entry in entries if series_uid in (None, entry.facts.series_instance_uid)]
    if chosen:
        return DicomInventory(tuple(chosen), skipped)
    for refused_uid, error in findings.errors:
        if series_uid is not None and refused_uid == series_uid:
            raise error
    if entries:
        available = sorted({entry.facts.series_instance_uid for entry in entries})
        raise InputNotFoundError(
            "does not hold the series asked for", path=path,
            expected=f"Series Instance UID {series_uid}", found=", ".join(available),
        )  # fmt: skip
    if series_uid is None:
        findings.raise_what_is_wrong_with_the_only_series()
    raise InputNotFoundError(
        "holds no series that can be reoriented", path=path,
        expected="a transaxial reconstruction (NM RECON TOMO, RECON GATED TOMO, PET, or NIfTI), or "
        "projections (NM TOMO, GATED TOMO)",
        found=_summary_of(skipped) or "an empty folder",
        cause="a folder of other series, or of files in other formats",
    )  # fmt: skip


def _place(entry: SeriesEntry) -> tuple[tuple[Path, ...], int]:
    return entry.paths, entry.energy_window


def _summary_of(skipped: tuple[SkippedItem, ...]) -> str:
    reasons = Counter(item.reason for item in skipped).most_common()
    listed = [f"{count} x {reason}" for reason, count in reasons[:MAX_REASONS]]
    more = len(reasons) - MAX_REASONS
    return "; ".join(listed + ([f"{more} other reasons"] if more > 0 else []))
