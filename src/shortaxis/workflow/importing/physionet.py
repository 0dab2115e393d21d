"""An index of the Myocardial Perfusion Scintigraphy Image Database of PhysioNet.

Calixto et al. 2025 (doi:10.13026/ce2z-dw74): NM reconstructions as DICOM, masks of the left
ventricular wall as NIfTI whose names carry the UID of the object, and the same as pairs of NIfTI
files, ``NAME_0000.nii.gz`` and ``NAME.nii.gz``. Nothing is copied: the index names the files, and
holds what a pose can be compared with.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from shortaxis.errors import InputNotFoundError, OutputError, ShortAxisError
from shortaxis.files.plain_json import write_json
from shortaxis.files.privacy import private_folder
from shortaxis.files.staged_folder import earlier_results, refuse_existing, staged_folder
from shortaxis.geometry.affines import apply_affine
from shortaxis.geometry.arrays import FloatArray
from shortaxis.nifti.file_names import is_nifti_file
from shortaxis.nifti.wall_masks import read_wall_mask
from shortaxis.spect.reading_options import RawProjections, ReadingOptions
from shortaxis.workflow.importing.mask_parts import refusal_in_a_line, write_largest_part
from shortaxis.workflow.studies.finding import FoundStudy, find_studies
from shortaxis.workflow.studies.formats import StudyFormat

__all__ = [
    "INDEX_COLUMNS",
    "INDEX_FILE",
    "INDEX_SCHEMA",
    "SUMMARY_FILE",
    "ImportedStudies",
    "import_physionet",
]

INDEX_FILE, SUMMARY_FILE = "index.csv", "index.json"

MASKS_FOLDER = "masks"

INDEX_SCHEMA = "shortaxis/wall-masks/1"

INDEX_COLUMNS: dict[str, str] = {
    "id": "SOP Instance UID of the object, or the name of the NIfTI file",
    "study": "path below the data folder",
    "mask": "path of its wall mask, empty if it has none; a whole path where the largest part "
    "alone was written beside the index",
    "condition": "`stress`, `rest` or `unknown`",
    "slices": "voxels along the patient",
    "rows": "voxels",
    "columns": "voxels",
    "spacing_mm": "along slice, row and column",
    "wall_ml": "volume of the mask",
    "wall_x_mm": "centroid of the mask, LPS",
    "wall_y_mm": "as above",
    "wall_z_mm": "as above",
    "axis_x": "direction in which the mask is longest, towards the patient's left and front, LPS",
    "axis_y": "as above",
    "axis_z": "as above",
    "note": "why a mask was not used, or what was left out of it",
}
"""Columns of ``index.csv``, and what they hold."""

IMAGE_NAME = re.compile(r"(.+)_0000", re.ASCII)
"""How nnU-Net, for which the pairs of NIfTI files are laid out, calls the image of a mask."""


@dataclass(frozen=True)
class ImportedStudies:
    """Rows of the index, masks of no study, and files that are no study (path and reason)."""

    rows: tuple[Mapping[str, str], ...]
    masks_alone: tuple[str, ...]
    skipped: tuple[tuple[str, str], ...]


def import_physionet(
    data: Path, out: Path, *, force: bool = False, largest_part: bool = False
) -> ImportedStudies:
    """Pair the studies of a folder with their masks, and write an index.

    With `largest_part`, of masks of several parts the largest alone is written beside the index.

    Raises
    ------
    InputNotFoundError
        If the folder does not exist, or holds no study.
    OutputError
        If the index cannot be written, or would lie in the data folder.
    """
    if not data.is_dir():
        raise InputNotFoundError("is no folder", path=data, expected="the folder of the database")
    if out.resolve().is_relative_to(data.resolve()):
        raise OutputError("lies in the data folder", path=out, expected="another folder")
    if not force:
        refuse_existing(out, (INDEX_FILE, SUMMARY_FILE))
    # The database has slices; projections of others may lie beside them.
    found = find_studies(data, options=ReadingOptions(raw=RawProjections.NONE))
    masks = _masks_below(data, {path for study in found.studies for path in study.paths})
    earlier = {path.relative_to(out).as_posix() for path in out.glob(f"{MASKS_FOLDER}/*")}
    replaced = {INDEX_FILE, SUMMARY_FILE, *earlier_results(out, SUMMARY_FILE, earlier)}
    with staged_folder(out, replaced) as staging:
        rows, used = [], set()
        for study in found.studies:
            mask = next((masks[name] for name in _names_of(study) if name in masks), None)
            used.add(mask)
            parts = _Parts(staging / MASKS_FOLDER, out / MASKS_FOLDER, wanted=largest_part)
            rows.append(_row(study, mask, data, parts))
        alone = [_below(data, path) for path in masks.values() if path not in used]
        skipped = [
            (_below(data, item.path), item.reason)
            for item in found.skipped
            if item.path not in masks.values()
        ]
        imported = ImportedStudies(tuple(rows), tuple(sorted(alone)), tuple(sorted(skipped)))
        _write(imported, data, staging)
    return imported


@dataclass(frozen=True)
class _Parts:
    """Where largest parts are written, where they will be found, and whether they are wanted."""

    staging: Path
    out: Path
    wanted: bool


def _masks_below(data: Path, studies: set[Path]) -> dict[str, Path]:
    """Masks by the name of what they are of."""
    paths = [path for path in sorted(data.rglob("*")) if path.is_file() and is_nifti_file(path)]
    return {_stem(path).removesuffix("_mask"): path for path in paths if path not in studies}


def _names_of(study: FoundStudy) -> list[str]:
    stem = _stem(study.paths[0])
    image = IMAGE_NAME.fullmatch(stem)
    names = [*study.facts.sop_instance_uids, stem, *([image[1]] if image else [])]
    return list(dict.fromkeys(names))


def _stem(path: Path) -> str:
    name = path.name
    for suffix in (".nii.gz", ".nii", ".dcm"):
        if name.lower().endswith(suffix):
            return name[: -len(suffix)]
    return name


def _row(study: FoundStudy, mask: Path | None, data: Path, parts: _Parts) -> dict[str, str]:
    names = _names_of(study)
    slices, rows, columns = study.shape
    row = dict.fromkeys(INDEX_COLUMNS, "") | {
        "id": names[0] if study.native_format is StudyFormat.DICOM else names[-1],
        "study": _below(data, study.paths[0]),
        "condition": study.facts.condition.value,
        "slices": str(slices),
        "rows": str(rows),
        "columns": str(columns),
        "spacing_mm": " ".join(f"{size:.4g}" for size in study.spacing_mm),
    }
    if mask is None:
        return row
    row["mask"] = _below(data, mask)
    try:
        return row | _wall(study, mask)
    except ShortAxisError as error:
        note, of_part = refusal_in_a_line(error), _largest_part(study, mask, parts)
        if of_part is None:
            return row | {"note": note}
        if not parts.wanted:
            return row | {"note": f"{note}, or take the largest part alone with --largest-part"}
        return row | of_part


def _largest_part(study: FoundStudy, mask: Path, parts: _Parts) -> dict[str, str] | None:
    """Cells of a mask without its smaller parts; None where that does not make it right."""
    # A mask keeps its name: it may carry the UID of its study.
    written = private_folder(parts.staging) / mask.name
    try:
        part = write_largest_part(mask, written, study.load().study.volume.patient_from_index)
        cells = _wall(study, written)
    except ShortAxisError:
        cells, part = {}, None
    if part is None or part.parts < 2 or not parts.wanted:
        written.unlink(missing_ok=True)
    if part is None or part.parts < 2:
        return None
    return cells | {"mask": str((parts.out / mask.name).resolve()), "note": part.words}


def _wall(study: FoundStudy, path: Path) -> dict[str, str]:
    """Volume, centroid and longest direction of a mask that lies where its study does."""
    volume = study.load().study.volume
    voxels = np.argwhere(read_wall_mask(path, volume, study.facts.sop_instance_uids))
    points = apply_affine(volume.patient_from_index, voxels)
    values = dict(zip(("wall_x_mm", "wall_y_mm", "wall_z_mm"), points.mean(axis=0), strict=True))
    values |= dict(zip(("axis_x", "axis_y", "axis_z"), _longest_direction(points), strict=True))
    volume_ml = len(voxels) * float(np.prod(volume.spacing_mm)) / 1000
    return {
        "wall_ml": f"{volume_ml:.1f}",
        **{name: f"{value:.4f}" for name, value in values.items()},
    }


def _longest_direction(points: FloatArray) -> FloatArray:
    _, _, rows = np.linalg.svd(points - points.mean(axis=0), full_matrices=False)
    # Most apices point to the left and to the front.
    direction: FloatArray = rows[0] * (1 if rows[0] @ np.array([1.0, -1.0, 0.0]) >= 0 else -1)
    return direction


def _below(data: Path, path: Path) -> str:
    return path.relative_to(data).as_posix()


def _write(imported: ImportedStudies, data: Path, staging: Path) -> None:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(INDEX_COLUMNS), lineterminator="\n")
    writer.writeheader()
    writer.writerows(imported.rows)
    summary = {
        "schema": INDEX_SCHEMA,
        "data_folder": str(data.resolve()),
        "studies": len(imported.rows),
        "with_mask": sum(bool(row["wall_ml"]) for row in imported.rows),
        "masks_of_no_study": list(imported.masks_alone),
        "skipped": _listed(imported.skipped),
        "files": [INDEX_FILE, SUMMARY_FILE, *_written_masks(staging)],
    }
    (staging / INDEX_FILE).write_text(text.getvalue(), encoding="utf-8", newline="\n")
    write_json(staging / SUMMARY_FILE, summary)


def _written_masks(staging: Path) -> list[str]:
    """Names of masks that were written; a folder without any is no result."""
    found = sorted(path.name for path in (staging / MASKS_FOLDER).glob("*"))
    if not found and (staging / MASKS_FOLDER).is_dir():
        (staging / MASKS_FOLDER).rmdir()
    return [f"{MASKS_FOLDER}/{name}" for name in found]


def _listed(skipped: Sequence[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"path": path, "reason": reason} for path, reason in skipped]
