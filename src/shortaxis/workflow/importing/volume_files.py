"""Find volumes by what files hold, whatever they are called: DICOM, NIfTI, MATLAB, NumPy."""

from __future__ import annotations

import gzip
import io
import math
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from scipy import io as matlab

from shortaxis.dicom.elements.part10 import is_dicom_file
from shortaxis.dicom.reading.stored import is_multi_frame, read_stored_dicom
from shortaxis.errors import ShortAxisError, UnreadableFileError
from shortaxis.files.inputs.input_size import largest_input_bytes, require_archive_fits, too_large
from shortaxis.nifti.stored import read_stored_nifti
from shortaxis.spect.stored_slices import StoredSlices

__all__ = ["FoundVolume", "NoVolume", "find_volumes"]

NIFTI_SIZE, NIFTI_MAGIC_AT = (348).to_bytes(4, "little"), 344
"""sizeof_hdr comes first, the magic at byte 344 (nifti1.h)."""

HEAD_BYTES = 352


ASSUMED_SPACING_MM = 6.4
"""Voxel size of the authors' exams (arXiv 2208.03752), where an array has none."""

ARRAY_NOTE = (
    "an array without a header: voxels of 6.4 mm, and the shortest axis as slices, are assumed"
)


@dataclass(frozen=True, eq=False)
class FoundVolume:
    """A volume by its path, and how to read it; one of several arrays in a file has its name."""

    path: Path
    kind: str
    read: Callable[[], StoredSlices]
    member: str = ""


@dataclass(frozen=True)
class NoVolume:
    """A file that holds no volume, and why."""

    path: Path
    reason: str


def find_volumes(
    folder: Path, ignored: Collection[Path] = ()
) -> tuple[list[FoundVolume], list[NoVolume]]:
    """Every volume below a folder, and every file that holds none, apart from `ignored` ones.

    DICOM files with one frame each are the slices of their folder's volume.
    """
    found: list[FoundVolume] = []
    others: list[NoVolume] = []
    slices: dict[Path, list[Path]] = {}
    for path in sorted(each for each in folder.rglob("*") if each.is_file()):
        if path in ignored:
            continue
        if path.is_symlink():
            others.append(NoVolume(path, "is a link"))
        elif is_dicom_file(path) and not is_multi_frame(path):
            slices.setdefault(path.parent, []).append(path)
        else:
            volumes = list(_volumes_of(path))
            found += volumes
            if not volumes:
                others.append(NoVolume(path, "holds no volume that is known here"))
    for parent in slices:
        found.append(FoundVolume(parent, "DICOM", partial(read_stored_dicom, parent)))
    return sorted(found, key=lambda each: (each.path, each.member)), others


def _volumes_of(path: Path) -> Iterator[FoundVolume]:
    head = _head(path)
    if is_dicom_file(path):
        yield FoundVolume(path, "DICOM", partial(read_stored_dicom, path))
    elif _is_nifti(head):
        yield FoundVolume(path, "NIfTI", partial(_read_nifti, path))
    elif head.startswith(b"\x93NUMPY"):
        yield FoundVolume(path, "NumPy", lambda: _from_array(_numpy_array(path)))
    elif head.startswith((b"PK", b"MATLAB 5.0")):
        yield from _members(path, "MATLAB" if head.startswith(b"M") else "NumPy")


def _head(path: Path) -> bytes:
    """First bytes of a file, unpacked if it is a gzip file."""
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
        if head.startswith(b"\x1f\x8b"):
            with gzip.open(path) as unpacked:
                head = unpacked.read(HEAD_BYTES)
    except (OSError, EOFError, zlib.error):
        return b""
    return head


def _is_nifti(head: bytes) -> bool:
    size = head[:4]
    return size in (NIFTI_SIZE, NIFTI_SIZE[::-1]) and head[NIFTI_MAGIC_AT:].startswith(b"n+1")


def _read_nifti(path: Path) -> StoredSlices:
    """Read by content: nibabel wants a name that says NIfTI."""
    name = path.name.lower()
    with path.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
    suffix = ".nii.gz" if packed else ".nii"
    if name.endswith(suffix):
        return read_stored_nifti(path)
    with tempfile.TemporaryDirectory() as folder:
        return read_stored_nifti(Path(shutil.copyfile(path, Path(folder) / f"volume{suffix}")))


def _members(path: Path, kind: str) -> Iterator[FoundVolume]:
    """Three-dimensional arrays of a ``.npz`` or ``.mat`` file."""
    try:
        arrays = _matlab_arrays(path) if kind == "MATLAB" else _zipped_arrays(path)
    except ShortAxisError:
        return
    for name, array in arrays.items():
        member = name if len(arrays) > 1 else ""
        yield FoundVolume(path, kind, partial(_from_array, array), member)


def _numpy_array(path: Path) -> np.ndarray:
    if path.stat().st_size > largest_input_bytes():
        raise too_large(path.stat().st_size, path)
    try:
        return np.asarray(np.load(path, allow_pickle=False))
    except (ValueError, OSError, EOFError) as error:
        raise UnreadableFileError(
            "cannot be read as a NumPy array", path=path, found=str(error).splitlines()[0]
        ) from error


def _zipped_arrays(path: Path) -> dict[str, np.ndarray]:
    require_archive_fits(path)
    try:
        with zipfile.ZipFile(path) as opened:
            entries = opened.infolist()
            if not all(each.filename.endswith(".npy") for each in entries):
                raise UnreadableFileError("is an archive of other files", path=path)
            arrays = {
                each.filename[:-4]: np.load(io.BytesIO(opened.read(each)), allow_pickle=False)
                for each in entries
            }
    except (ValueError, OSError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise UnreadableFileError("cannot be read as NumPy arrays", path=path) from error
    return _volumes_among(arrays)


def _matlab_arrays(path: Path) -> dict[str, np.ndarray]:
    try:
        shapes = {name: shape for name, shape, _ in matlab.whosmat(path)}
        wanted = [
            name
            for name, shape in shapes.items()
            if len(shape) == 3 and 8 * math.prod(map(float, shape)) < largest_input_bytes()
        ]
        arrays = matlab.loadmat(path, variable_names=wanted) if wanted else {}
    except Exception as error:  # damaged bytes raise anything
        raise UnreadableFileError("cannot be read as a MATLAB file", path=path) from error
    return _volumes_among({name: arrays[name] for name in wanted if name in arrays})


def _volumes_among(arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {
        name: array
        for name, array in arrays.items()
        if array.ndim == 3 and array.dtype.kind in "iuf" and min(array.shape) > 1
    }


def _from_array(array: np.ndarray) -> StoredSlices:
    """An array with its shortest axis first; the order of the other two is kept."""
    if array.ndim != 3:
        raise UnreadableFileError(
            "is no volume", expected="three dimensions", found=f"shape {array.shape}"
        )
    shortest = int(np.argmin(array.shape))
    # Of three equal axes the last one counts slices, as in MATLAB.
    if len(set(array.shape)) == 1:
        shortest = 2
    stacked = np.moveaxis(array, shortest, 0)
    return StoredSlices(stacked, np.full(3, ASSUMED_SPACING_MM), None, (ARRAY_NOTE,))
