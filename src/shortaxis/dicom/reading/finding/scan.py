"""Find the series in a file or folder that can be reoriented, without reading pixels."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from shortaxis.dicom.elements.part10 import is_dicom_file, quiet_pydicom
from shortaxis.dicom.elements.uids import told_uid
from shortaxis.dicom.reading.finding.entries import joined_slots
from shortaxis.dicom.reading.finding.findings import Findings
from shortaxis.dicom.reading.finding.reconstructed_already import without_reconstructed
from shortaxis.dicom.reading.finding.series import SeriesEntry, numbered_in_series
from shortaxis.dicom.reading.finding.skipped import (
    SkippedItem,
    in_stacks,
)
from shortaxis.dicom.reading.layouts.stack_layout import SINGLE_SLICE
from shortaxis.errors import InputNotFoundError
from shortaxis.spect.reading_options import AS_STORED, RawProjections, ReadingOptions

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
    findings = Findings(options, series_uid)
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
    findings = Findings(options)
    with quiet_pydicom():
        for file in files:
            findings.add_file(file)
    slices = {uid: tuple(each.path for each in found) for uid, found in findings.slices.items()}
    return PartOfScan(tuple(findings.entries), tuple(findings.skipped), slices)


def scan_stack(files: Sequence[Path], options: ReadingOptions = AS_STORED) -> PartOfScan:
    """Put one series of single slices together from its files."""
    findings = Findings(options)
    with quiet_pydicom():
        for file in files:
            findings.add_file(file)
        findings.add_stacks()
    return PartOfScan(tuple(findings.entries), tuple(findings.skipped), {})


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


def _select(findings: Findings, path: Path, series_uid: str | None) -> DicomInventory:
    joined = joined_slots(sorted(findings.entries, key=_place))
    # Whoever names a series means it.
    choice = findings.options.raw if series_uid is None else RawProjections.ALL
    kept, left_out = without_reconstructed(joined, choice)
    entries = numbered_in_series(kept)
    skipped = tuple(in_stacks(sorted([*findings.skipped, *left_out], key=lambda item: item.path)))
    chosen = [entry for entry in entries if series_uid in (None, entry.facts.series_instance_uid)]
    if chosen:
        return DicomInventory(tuple(chosen), skipped)
    if findings.error_of_wanted is not None:
        raise findings.error_of_wanted
    if entries:
        available = sorted({told_uid(entry.facts.series_instance_uid) for entry in entries})
        raise InputNotFoundError(
            "does not hold the series asked for", path=path,
            expected=f"Series Instance UID {series_uid}", found=", ".join(available),
            way_on="name one of those, or leave --series out to take all",
        )  # fmt: skip
    if series_uid is None:
        findings.raise_what_is_wrong_with_the_only_series()
    cause, way_on = _why_nothing(skipped)
    raise InputNotFoundError(
        "holds no series that can be reoriented", path=path,
        expected="a transaxial reconstruction (NM RECON TOMO, RECON GATED TOMO, PET, or NIfTI), or "
        "projections (NM TOMO, GATED TOMO)",
        found=_summary_of(skipped) or "an empty folder", cause=cause, way_on=way_on,
    )  # fmt: skip


def _why_nothing(skipped: Sequence[SkippedItem]) -> tuple[str, str | None]:
    """The likely cause, and how to go on where that is known."""
    alone = [item for item in skipped if item.reason.startswith(SINGLE_SLICE)]
    if len(alone) > 1 and len(alone) == len(skipped):
        return (
            "slices of one series that got a Series Instance UID each when they were de-identified",
            "de-identify again, so that the slices of a series keep one Series Instance UID",
        )
    return "a folder of other series, or of files in other formats", None


def _place(entry: SeriesEntry) -> tuple[tuple[Path, ...], int]:
    return entry.paths, entry.energy_window


def _summary_of(skipped: tuple[SkippedItem, ...]) -> str:
    reasons = Counter(item.reason for item in skipped).most_common()
    listed = [f"{count} x {reason}" for reason, count in reasons[:MAX_REASONS]]
    more = len(reasons) - MAX_REASONS
    return "; ".join(listed + ([f"{more} other reasons"] if more > 0 else []))
