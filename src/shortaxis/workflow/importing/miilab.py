"""The release of Zhu et al. (arXiv 2208.03752) as pairs that ``shortaxis annotate`` reads.

The release (github.com/MIILab-MTU/SPECTMPILVReorientation) holds ``reorientation_Ori`` and
``reorientation_label`` in zip archives, whose layout is not described. So volumes are found by what
files hold, and paired by what their names share; what could not be used is listed.
"""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

import numpy as np

from shortaxis.errors import InputNotFoundError, ShortAxisError
from shortaxis.files.staged_folder import refuse_existing, staged_folder
from shortaxis.geometry.arrays import FloatArray
from shortaxis.nifti.writing import write_nifti
from shortaxis.spect.stored_slices import StoredSlices
from shortaxis.workflow.importing.archives import unpack_archive
from shortaxis.workflow.importing.name_pairing import pair_by_name, role_of
from shortaxis.workflow.importing.volume_files import FoundVolume, find_volumes

__all__ = ["INDEX_COLUMNS", "INDEX_FILE", "UNUSED_FILE", "ImportedPairs", "import_miilab"]

INDEX_FILE, UNUSED_FILE = "index.csv", "unused.csv"

INDEX_COLUMNS: dict[str, str] = {
    "name": "of the pair, and of its folder",
    "transaxial_source": "path in the release",
    "short_axis_source": "path in the release",
    "transaxial_kind": "`DICOM`, `NIfTI`, `MATLAB` or `NumPy`",
    "short_axis_kind": "likewise",
    "notes": "what was assumed; separated by `; `",
}
"""Columns of ``index.csv``, and what they hold."""

UNUSED_COLUMNS = ("path", "reason")

ASSUMED_TRANSAXIAL = (
    "the transaxial volume does not say where it lies: columns to the left, rows to the back and "
    "slices to the head are assumed"
)

LPS_FROM_SLICE_ROW_COLUMN: FloatArray = np.array([(0, 0, 1), (0, 1, 0), (1, 0, 0)], np.float64)


@dataclass(frozen=True)
class ImportedPairs:
    """Names of the pairs that were written, and what was not used: path and reason."""

    names: tuple[str, ...]
    unused: tuple[tuple[str, str], ...]


@dataclass(frozen=True, eq=False)
class _Source:
    """A volume, its path as the release has it, and the part of it below what was given."""

    volume: FoundVolume
    path: PurePath
    inner: PurePath


def import_miilab(sources: Sequence[Path], out: Path, *, force: bool = False) -> ImportedPairs:
    """Unpack archives (or take folders), pair their volumes, and write one folder a pair.

    Raises
    ------
    InputNotFoundError
        If a source does not exist, or no pair is found.
    UnreadableFileError
        If an archive is damaged, or looks as if it was made to do harm.
    OutputError
        If the results cannot be written.
    """
    if not force:
        refuse_existing(out, (INDEX_FILE, UNUSED_FILE))
    with tempfile.TemporaryDirectory(prefix="shortaxis-") as unpacked, staged_folder(out) as stage:
        found, unused = _volumes_of(sources, Path(unpacked))
        paths = [source.path for source in found]
        inner = [source.inner for source in found]
        paired = pair_by_name(inner, [role_of(path) for path in paths])
        unused += [(str(paths[index]), _why_alone(paths[index])) for index in paired.unpaired]
        rows = []
        for name, transaxial, short_axis in paired.pairs:
            both = found[transaxial], found[short_axis]
            try:
                rows.append(_write_pair(stage / name, *both))
            except ShortAxisError as error:
                words = f"{error.summary}{f' ({error.found})' if error.found else ''}"
                unused += [(str(source.path), words) for source in both]
        if not rows:
            raise _no_pair(sources, unused)
        _write_table(stage / INDEX_FILE, tuple(INDEX_COLUMNS), rows)
        _write_table(stage / UNUSED_FILE, UNUSED_COLUMNS, sorted(unused))
    return ImportedPairs(tuple(row[0] for row in rows), tuple(sorted(unused)))


def _volumes_of(
    sources: Sequence[Path], unpacked: Path
) -> tuple[list[_Source], list[tuple[str, str]]]:
    found: list[_Source] = []
    unused: list[tuple[str, str]] = []
    for number, (top, within, archive, inner) in enumerate(_archives_of(sources)):
        folder = inner
        if archive is not None:
            folder = unpacked / str(number)
            folder.mkdir()
            unpack_archive(archive, folder)
        volumes, others = find_volumes(folder, set() if archive else set(folder.rglob("*.zip")))
        for volume in volumes:
            below = volume.path.relative_to(folder) / volume.member
            found.append(_Source(volume, top / below, within / below))
        unused += [(str(top / each.path.relative_to(folder)), each.reason) for each in others]
    return found, unused


def _archives_of(sources: Sequence[Path]) -> list[tuple[PurePath, PurePath, Path | None, Path]]:
    """What each is called in the release and below what was given, the archive, and the folder."""
    listed: list[tuple[PurePath, PurePath, Path | None, Path]] = []
    for source in sources:
        if not source.exists():
            raise InputNotFoundError("does not exist", path=source, expected="an archive or folder")
        if source.is_file():
            # Archives of the two kinds may have the same name in two folders.
            named = PurePath(source.resolve().parent.name) / source.name
            listed.append((named, PurePath(), source, source))
            continue
        top = PurePath(source.resolve().name)
        listed.append((top, PurePath(), None, source))
        for archive in sorted(source.rglob("*.zip")):
            within = archive.relative_to(source)
            listed.append((top / within, within, archive, archive))
    return listed


def _write_pair(folder: Path, transaxial: _Source, short_axis: _Source) -> tuple[str, ...]:
    ours, theirs = transaxial.volume.read(), short_axis.volume.read()
    folder.mkdir()
    notes = [*(f"transaxial: {note}" for note in ours.notes)]
    if ours.patient_from_index is None:
        notes.append(ASSUMED_TRANSAXIAL)
    notes += [f"short axis: {note}" for note in theirs.notes]
    _write(folder / "transaxial.nii.gz", ours, is_placed=True)
    is_placed = theirs.patient_from_index is not None
    _write(folder / "short_axis.nii.gz", theirs, is_placed=is_placed)
    kinds = transaxial.volume.kind, short_axis.volume.kind
    return folder.name, str(transaxial.path), str(short_axis.path), *kinds, "; ".join(notes)


def _write(path: Path, stored: StoredSlices, *, is_placed: bool) -> None:
    affine = stored.patient_from_index
    if affine is None:
        affine = np.eye(4)
        affine[:3, :3] = LPS_FROM_SLICE_ROW_COLUMN * stored.spacing_mm
    write_nifti(path, stored.counts, affine, is_placed=is_placed)


def _why_alone(path: PurePath) -> str:
    role = role_of(path)
    if role is None:
        return "its path does not say whether it is transaxial (Ori) or short axis (label)"
    other = "transaxial" if role == "short_axis" else "short-axis"
    return f"is taken as {role.replace('_', '-')}, and no one {other} volume has the same name"


def _no_pair(sources: Sequence[Path], unused: list[tuple[str, str]]) -> InputNotFoundError:
    listed = "; ".join(f"{path} {reason}" for path, reason in sorted(unused)[:5])
    return InputNotFoundError(
        "hold no pair",
        path=sources[0],
        expected="volumes of reorientation_Ori and reorientation_label with names in common",
        found=listed or "no file",
        cause="only one kind of archive was given, or names that share nothing",
    )


def _write_table(path: Path, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)
