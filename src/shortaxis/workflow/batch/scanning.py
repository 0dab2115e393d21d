"""Find the studies below many folders, shared out: some files to each task, put together after."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from shortaxis.dicom.reading.finding.entries import joined_slots
from shortaxis.dicom.reading.finding.reconstructed_already import without_reconstructed
from shortaxis.dicom.reading.finding.scan import PartOfScan, files_below, scan_part, scan_stack
from shortaxis.dicom.reading.finding.series import SeriesEntry, numbered_in_series
from shortaxis.dicom.reading.finding.skipped import SkippedItem, in_stacks, skipped_together
from shortaxis.errors import ShortAxisError
from shortaxis.nifti.file_names import is_counts_of_pair, is_nifti_file
from shortaxis.spect.reading_options import ReadingOptions
from shortaxis.workflow.studies.finding import (
    FoundStudies,
    FoundStudy,
    StudyChoice,
    dicom_study,
    explained,
    narrowed,
    nifti_skipped,
    nifti_study,
    nothing_at,
)

__all__ = ["BatchStudy", "FoundPart", "files_of", "join_parts", "put_together", "scan_files"]

KEY_LENGTH = 20

DOUBLED = "has the SOP Instance UID of another file, which is used"


@dataclass(frozen=True, eq=False)
class BatchStudy:
    """A study of a batch; `key` names its results and says nothing of the patient."""

    key: str
    found: FoundStudy


@dataclass(frozen=True, eq=False)
class FoundPart:
    """What some files hold."""

    dicom: tuple[SeriesEntry, ...] = ()
    nifti: tuple[FoundStudy, ...] = ()
    skipped: tuple[SkippedItem, ...] = ()
    pet_files: tuple[tuple[str, tuple[Path, ...]], ...] = ()


def files_of(inputs: Sequence[Path]) -> tuple[list[Path], list[SkippedItem]]:
    """All files below the inputs, each once.

    Raises
    ------
    InputNotFoundError
        If an input does not exist.
    """
    skipped: list[SkippedItem] = []
    files: dict[Path, None] = {}
    for path in inputs:
        if not path.exists():
            raise nothing_at(path)
        below = (
            files_below(
                path, lambda at, reason: skipped.append(SkippedItem(at, reason, is_exam=True))
            )
            if path.is_dir()
            else [path]
        )
        files.update(dict.fromkeys(below))
    return list(files), skipped


def scan_files(files: Sequence[Path], options: ReadingOptions) -> FoundPart:
    """Read the headers of some files; what is wrong with one does not stop the others."""
    others, studies, skipped = [], [], []
    for path in files:
        if not is_nifti_file(path):
            # Counts beside their header belong to its study.
            others += [] if is_counts_of_pair(path) else [path]
            continue
        try:
            studies.append(nifti_study(path, options))
        except ShortAxisError as error:
            skipped.append(nifti_skipped(path, error))
        except OSError as error:
            reason = error.strerror or type(error).__name__
            skipped.append(SkippedItem(path, reason, is_exam=True))
    part = scan_part(others, options)
    return FoundPart(
        part.entries,
        tuple(studies),
        (*map(explained, part.skipped), *skipped),
        tuple(part.slice_files.items()),
    )


def join_parts(parts: Iterable[FoundPart]) -> FoundPart:
    """All parts as one; the files of a PET series come together."""
    parts = list(parts)
    pet: dict[str, list[Path]] = {}
    for part in parts:
        for uid, files in part.pet_files:
            pet.setdefault(uid, []).extend(files)
    return FoundPart(
        tuple(entry for part in parts for entry in part.dicom),
        tuple(study for part in parts for study in part.nifti),
        tuple(item for part in parts for item in part.skipped),
        tuple((uid, tuple(sorted(files))) for uid, files in sorted(pet.items())),
    )


def pet_part(files: Sequence[Path], options: ReadingOptions) -> FoundPart:
    """One PET series as a part."""
    part: PartOfScan = scan_stack(files, options)
    return FoundPart(part.entries, (), part.skipped)


def put_together(
    parts: Iterable[FoundPart], options: ReadingOptions, corrected: bool | None = None
) -> tuple[list[BatchStudy], list[SkippedItem]]:
    """Studies with their keys, in the order of their paths, and what was skipped.

    `corrected` leaves those with, or without, attenuation correction.
    """
    whole = join_parts(parts)
    entries, skipped = [], list(whole.skipped)
    seen: set[tuple[str, ...]] = set()
    for entry in sorted(whole.dicom, key=lambda each: (each.paths, each.energy_window)):
        uids = (*entry.facts.sop_instance_uids, str(entry.energy_window))
        if any(uids[:-1]) and uids in seen:
            skipped += skipped_together(entry.paths, DOUBLED)
            continue
        seen.add(uids)
        entries.append(entry)
    kept, left_out = without_reconstructed(joined_slots(entries), options.raw)
    skipped += left_out
    studies = [dicom_study(entry, options) for entry in numbered_in_series(kept)]
    studies += sorted(whole.nifti, key=lambda each: each.paths)
    keyed: dict[str, BatchStudy] = {}
    chosen = narrowed(FoundStudies(tuple(studies)), StudyChoice(corrected))
    skipped += chosen.skipped
    for found in chosen.studies:
        key = _key(found)
        if key in keyed:
            skipped += skipped_together(found.paths, "is a copy of another file")
        else:
            keyed[key] = BatchStudy(key, replace(found, reading=options))
    return list(keyed.values()), in_stacks(sorted(skipped, key=lambda item: item.path))


def _key(found: FoundStudy) -> str:
    """Follows from what the study is made of: the same wherever it lies, if it has UIDs."""
    uids = sorted(uid for uid in found.facts.sop_instance_uids if uid)
    # By number: two windows of one object may have one name.
    window = found.series.energy_window if found.series else 0
    if uids:
        parts = [found.facts.series_instance_uid, *uids]
    else:
        (path,) = found.paths[:1]
        parts = [str(path.resolve()), str(path.stat().st_size), str(path.stat().st_mtime_ns)]
    words = "\n".join([*parts, *([f"window {window}"] if window else [])])
    return hashlib.sha256(words.encode()).hexdigest()[:KEY_LENGTH]
