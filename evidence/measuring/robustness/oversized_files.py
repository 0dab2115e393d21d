"""Files that are small on disk and large in memory, of every kind that is read."""

from __future__ import annotations

import gzip
import struct
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

import nibabel as nib
import numpy as np
import pydicom
from pydicom.uid import DeflatedExplicitVRLittleEndian, RLELossless

from evidence.registry.places import DEMO

__all__ = ["OVERSIZED_FILES"]

BLOCK = bytes(1_000_000)


def _nifti(folder: Path, name: str, shape: tuple[int, ...], megabytes: int, offset: int) -> Path:
    """A NIfTI header that claims a shape and where its counts begin, and zeros behind it."""
    header = nib.Nifti1Header()
    header.set_data_dtype(np.uint8)
    header.set_data_shape(shape)
    header.set_sform(np.diag([4.0, 4.0, 4.0, 1.0]), code=1)
    header["magic"], header["vox_offset"] = b"n+1", offset
    path = folder / name
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.write(header.binaryblock + bytes(4))
        for _ in range(megabytes):
            file.write(BLOCK)
    return path


def counts_claimed(folder: Path, megabytes: int) -> Path:
    """A shape of so many voxels, and next to no bytes."""
    return _nifti(folder, "claimed.nii.gz", (1000, 1000, megabytes), 1, 352)


def counts_that_are_there(folder: Path, megabytes: int) -> Path:
    """As many voxels, one byte each, all of them there."""
    return _nifti(folder, "zeros.nii.gz", (1000, 1000, megabytes), megabytes, 352)


def far_counts(folder: Path, megabytes: int) -> Path:
    """A small volume behind so many bytes of nothing."""
    offset = 1_000_000 * megabytes
    return _nifti(folder, "far.nii.gz", (20, 20, 20), megabytes + 1, offset)


def sparse_nifti(folder: Path, megabytes: int) -> Path:
    """A file with a hole of that size."""
    path = folder / "sparse.nii"
    packed = counts_claimed(folder, megabytes)
    path.write_bytes(gzip.decompress(packed.read_bytes())[:352])
    packed.unlink()
    with path.open("r+b") as file:
        file.truncate(1_000_000 * megabytes + 352)
    return path


def _saved(dataset: pydicom.Dataset, path: Path, tail: bytes = b"") -> Path:
    dataset.save_as(path, enforce_file_format=True)
    with path.open("ab") as file:
        file.write(tail)
    return path


def sparse_dicom(folder: Path, megabytes: int) -> Path:
    """An element in the header with a hole of that size for its value."""
    length = 1_000_000 * megabytes
    path = folder / "sparse.dcm"
    dataset = pydicom.dcmread(DEMO / "study.dcm")
    keep = pydicom.Dataset()
    keep.file_meta = dataset.file_meta
    keep.SOPClassUID, keep.SOPInstanceUID = dataset.SOPClassUID, dataset.SOPInstanceUID
    tail = struct.pack("<HH2s2xI", 0x0009, 0x1001, b"OB", length)
    size = _saved(keep, path, tail).stat().st_size
    with path.open("r+b") as file:
        file.truncate(size + length)
    return path


def sparse_pixels(folder: Path, megabytes: int) -> Path:
    """A study of that many bytes of pixels, which are a hole."""
    dataset = pydicom.dcmread(DEMO / "study.dcm")
    length = 1_000_000 * megabytes
    # Small frames where they are few enough for Number of Slices, an unsigned short.
    if length // (2 * int(dataset.Rows) ** 2) > 1000:
        dataset.Rows = dataset.Columns = 1024
    frame = 2 * int(dataset.Rows) * int(dataset.Columns)
    frames = length // frame
    dataset.NumberOfFrames = dataset.NumberOfSlices = frames
    dataset.SliceVector = list(range(1, frames + 1))
    del dataset.PixelData
    tail = struct.pack("<HH2s2xI", 0x7FE0, 0x0010, b"OW", frames * frame)
    path = folder / "pixels.dcm"
    size = _saved(dataset, path, tail).stat().st_size
    with path.open("r+b") as file:
        file.truncate(size + frames * frame)
    return path


def _deflated(folder: Path, name: str, block: bytes, megabytes: int) -> Path:
    """A deflated data set with one block again and again."""
    dataset = pydicom.dcmread(DEMO / "study.dcm")
    meta = dataset.file_meta
    meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    start = pydicom.Dataset()
    start.file_meta = meta
    path = _saved(start, folder / name)
    whole = path.read_bytes()
    meta_end = 144 + int.from_bytes(whole[140:144], "little")
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    # After a full flush a block refers to nothing before it, and may be repeated.
    first = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)
    packed = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)
    count = megabytes * 1_000_000 // len(block)
    path.write_bytes(whole[:meta_end] + first + packed * count + packer.flush())
    return path


def deflated_value(folder: Path, megabytes: int) -> Path:
    """Deflated elements of a million bytes each."""
    element = struct.pack("<HH2s2xI", 0x0009, 0x1001, b"OB", len(BLOCK)) + BLOCK
    return _deflated(folder, "value.dcm", element, megabytes)


def deflated_elements(folder: Path, megabytes: int) -> Path:
    """Deflated elements without a value, eight bytes each."""
    return _deflated(
        folder, "elements.dcm", struct.pack("<HH2sH", 9, 0x1001, b"LO", 0) * 10_000, megabytes
    )


def compressed_frames(folder: Path, megabytes: int) -> Path:
    """Frames of RLE that are a few bytes, and claim to be very large."""
    dataset = pydicom.dcmread(DEMO / "study.dcm")
    dataset.compress(RLELossless)
    side = int((500_000 * megabytes / int(dataset.NumberOfFrames)) ** 0.5)
    dataset.Rows = dataset.Columns = side
    return _saved(dataset, folder / "frames.dcm")


OVERSIZED_FILES: Mapping[str, Callable[[Path, int], Path]] = MappingProxyType(
    {
        each.__name__: each
        for each in (
            counts_claimed,
            counts_that_are_there,
            far_counts,
            sparse_nifti,
            sparse_dicom,
            sparse_pixels,
            deflated_value,
            deflated_elements,
            compressed_frames,
        )
    }
)
"""By name: makes a file in a folder that takes so many megabytes (10^6) when it is read."""
