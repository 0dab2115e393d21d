"""Find the series in a file or folder that can be reoriented, without reading pixels."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pydicom import Dataset

from shortaxis.dicom.elements.attributes import text_of
from shortaxis.dicom.elements.part10 import is_dicom_file, quiet_pydicom, read_dataset
from shortaxis.dicom.reading.kinds import ObjectKind, classify_object
from shortaxis.dicom.reading.seen_objects import SeenObjects
from shortaxis.dicom.reading.series import SeriesEntry, numbered_in_series, series_entry
from shortaxis.errors import InputNotFoundError, ShortAxisError, UnsupportedObjectError
from shortaxis.spect.study import Modality

__all__ = [
    "DicomInventory",
    "PartOfScan",
    "SeriesEntry",
    "SkippedItem",
    "files_below",
    "is_dicom_file",
    "scan_dicom",
    "scan_part",
    "scan_pet_series",
]

MAX_REASONS = 8
"""Reasons listed in one error; a folder of mixed files can have hundreds."""


@dataclass(frozen=True)
class SkippedItem:
    """A file that was not used, and why, in words without identifiers."""

    path: Path
    reason: str


@dataclass(frozen=True)
class DicomInventory:
    """What a path holds: series that can be reoriented, and everything else."""

    entries: tuple[SeriesEntry, ...]
    skipped: tuple[SkippedItem, ...]


def scan_dicom(
    path: Path,
    *,
    series_uid: str | None = None,
    force_input: bool = False,
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
    force_input : bool
        Take series that say they are reoriented already.
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
    findings = _Findings(force_input)
    files = files_below(path, findings.skip) if path.is_dir() else [path]
    with quiet_pydicom():
        for number, file in enumerate(files, start=1):
            findings.add_file(file)
            if progress is not None:
                progress(number, len(files))
        if not path.is_dir():
            findings.raise_what_is_wrong_with_the_file()
        findings.add_pet_series()
    return _select(findings, path, series_uid)


@dataclass(frozen=True)
class PartOfScan:
    """What some of the files hold: whole series, and slices of PET series by their UID."""

    entries: tuple[SeriesEntry, ...]
    skipped: tuple[SkippedItem, ...]
    pet_files: dict[str, tuple[Path, ...]]


def scan_part(files: Sequence[Path], *, force_input: bool = False) -> PartOfScan:
    """Read some files of a scan that is shared out; PET series are to be put together after."""
    findings = _Findings(force_input)
    with quiet_pydicom():
        for file in files:
            findings.add_file(file)
    pet = {uid: tuple(path for path, _ in found) for uid, found in findings.pet_slices.items()}
    return PartOfScan(tuple(findings.entries), tuple(findings.skipped), pet)


def scan_pet_series(files: Sequence[Path], *, force_input: bool = False) -> PartOfScan:
    """Put one PET series together from its files."""
    findings = _Findings(force_input)
    with quiet_pydicom():
        for file in files:
            findings.add_file(file)
        findings.add_pet_series()
    return PartOfScan(tuple(findings.entries), tuple(findings.skipped), {})


@dataclass
class _Findings:
    """What a scan has seen so far; `skipped_series` are the UIDs of what was skipped."""

    force_input: bool
    entries: list[SeriesEntry] = field(default_factory=list)
    skipped: list[SkippedItem] = field(default_factory=list)
    skipped_series: set[str] = field(default_factory=set)
    errors: list[tuple[str, ShortAxisError]] = field(default_factory=list)
    pet_slices: dict[str, list[tuple[Path, Dataset]]] = field(default_factory=dict)
    seen: SeenObjects = field(default_factory=SeenObjects)

    def add_file(self, path: Path) -> None:
        series_uid = ""
        try:
            dataset = read_dataset(path, with_pixels=False)
            series_uid = text_of(dataset, "SeriesInstanceUID")
            kind = classify_object(dataset, force_input=self.force_input)
            self._add_object(path, dataset, kind)
        except ShortAxisError as error:
            self.seen.forget(path)
            self._refuse(path, series_uid, error)

    def _add_object(self, path: Path, dataset: Dataset, kind: ObjectKind) -> None:
        series_uid = text_of(dataset, "SeriesInstanceUID")
        why_doubled = self.seen.why_doubled(path, dataset)
        if why_doubled:
            self.skip(path, why_doubled, series_uid)
        elif kind.modality is Modality.PET:
            self.pet_slices.setdefault(series_uid, []).append((path, dataset))
        else:
            self.entries.append(series_entry([path], [dataset], kind))

    def add_pet_series(self) -> None:
        for series_uid, slices in self.pet_slices.items():
            paths, datasets = zip(*slices, strict=True)
            try:
                kind = classify_object(datasets[0], force_input=self.force_input)
                self.entries.append(series_entry(paths, datasets, kind))
            except ShortAxisError as error:
                self._refuse(paths[0], series_uid, error)

    def raise_what_is_wrong_with_the_file(self) -> None:
        for _, error in self.errors:
            raise error
        for slices in self.pet_slices.values():
            raise UnsupportedObjectError(
                "is one slice of a PET series",
                path=slices[0][0],
                expected="the folder with all slices of the series",
                found="one file",
            )

    def raise_what_is_wrong_with_the_only_series(self) -> None:
        """Raise its error, with cause and all, where nothing else is there."""
        is_one_reason = len({error.summary for _, error in self.errors}) == 1
        if is_one_reason and len(self.skipped_series) == 1 and "" not in self.skipped_series:
            raise self.errors[0][1]

    def skip(self, path: Path, reason: str, series_uid: str = "") -> None:
        self.skipped.append(SkippedItem(path, reason))
        self.skipped_series.add(series_uid)

    def _refuse(self, path: Path, series_uid: str, error: ShortAxisError) -> None:
        error.at_path(path)
        self.errors.append((series_uid, error))
        detail = f" ({error.found})" if error.found else ""
        self.skip(path, f"{error.summary}{detail}", series_uid)


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
    entries = numbered_in_series(sorted(findings.entries, key=lambda entry: entry.paths))
    skipped = tuple(sorted(findings.skipped, key=lambda item: item.path))
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
        expected="a transaxial reconstruction (NM RECON TOMO, RECON GATED TOMO, PET, or NIfTI)",
        found=_summary_of(skipped) or "an empty folder",
        cause="a folder of other series, or of files in other formats",
    )  # fmt: skip


def _summary_of(skipped: tuple[SkippedItem, ...]) -> str:
    reasons = Counter(item.reason for item in skipped).most_common()
    listed = [f"{count} x {reason}" for reason, count in reasons[:MAX_REASONS]]
    more = len(reasons) - MAX_REASONS
    return "; ".join(listed + ([f"{more} other reasons"] if more > 0 else []))
