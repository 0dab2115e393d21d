"""Stored pixel values to counts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset
from pydicom.uid import UID

from shortaxis.dicom.elements.attributes import (
    integer_of,
    label,
    numbers_of,
    required_integer,
    required_numbers,
)
from shortaxis.dicom.elements.transfer_syntaxes import (
    is_encapsulated,
    load_decoders,
    transfer_syntax_of,
    why_not_decoded,
)
from shortaxis.dicom.reading.pixels.padding import is_padding
from shortaxis.errors import CountsError, GeometryError, UnreadableFileError, UnsupportedObjectError
from shortaxis.files.inputs.input_size import require_counts_fit
from shortaxis.geometry.arrays import CountsArray
from shortaxis.spect.reading_notes import ReadingNote

__all__ = ["excess_note", "frame_counts"]

BITS_ALLOCATED = (8, 16, 32)


@dataclass(frozen=True)
class _PixelFormat:
    """How one pixel is stored (PS3.3 C.7.6.3, PS3.5 8.1)."""

    bits_allocated: int
    bits_stored: int
    high_bit: int
    is_signed: bool

    def dtype(self, *, is_little_endian: bool) -> np.dtype[np.signedinteger | np.unsignedinteger]:
        """Integer type of a pixel cell."""
        order = "<" if is_little_endian else ">"
        return np.dtype(f"{order}{'i' if self.is_signed else 'u'}{self.bits_allocated // 8}")

    def stored(self, cells: NDArray[np.integer]) -> NDArray[np.integer]:
        """Value in the stored bits of every cell; the others may hold anything."""
        above = self.bits_allocated - 1 - self.high_bit
        unused = self.bits_allocated - self.bits_stored
        return cells if unused == 0 else (cells << above) >> unused


def frame_counts(
    dataset: Dataset, n_frames: int, plane: tuple[int, int], into: CountsArray | None = None
) -> CountsArray:
    """Counts of shape (frame, row, column): stored values after Rescale Slope and Intercept.

    They are written `into` an array of that shape, if there is one. Cells of Pixel Padding (PS3.3
    C.7.5.1.1.2) hold no counts, so theirs are zero. Real World Value Mapping, which scales to other
    units, is ignored.

    Raises
    ------
    UnsupportedObjectError
        If the transfer syntax is none that can be read.
    UnreadableFileError
        If pixels are missing, cut short, or compressed in a way that cannot be decoded.
    GeometryError
        If there are more or fewer pixels than the header announces.
    CountsError
        If rescaling leaves the range of numbers.
    """
    syntax = transfer_syntax_of(dataset)
    shape = (n_frames, *plane)
    require_counts_fit(shape)
    if is_encapsulated(syntax):
        stored = _decoded(dataset, syntax, shape)
    else:
        stored = _native(dataset, shape)
    return _rescaled(dataset, stored, is_padding(dataset, stored), into)


def _native(dataset: Dataset, shape: tuple[int, ...]) -> NDArray[np.integer]:
    _refuse_floats(dataset)
    pixel_format = _pixel_format(dataset)
    expected = int(np.prod(shape)) * pixel_format.bits_allocated // 8
    pixels = _pixel_bytes(dataset, expected)
    dtype = pixel_format.dtype(is_little_endian=dataset.original_encoding[1] is not False)
    cells = np.frombuffer(pixels, dtype=dtype, count=int(np.prod(shape)))
    return pixel_format.stored(cells).reshape(shape)


FLOATS = ("FloatPixelData", "DoubleFloatPixelData")


def _refuse_floats(dataset: Dataset) -> None:
    """Whole numbers are what NM and PET images hold (PS3.3 C.8.4.8, C.8.9.4)."""
    held = [keyword for keyword in FLOATS if keyword in dataset]
    if "PixelData" not in dataset and held:
        raise UnsupportedObjectError(
            "holds its counts as floating-point numbers",
            expected=f"whole numbers in {label('PixelData')}, with {label('RescaleSlope')}",
            found=label(held[0]),
            cause="a converter or script that wrote an object which NM and PET images cannot be",
            way_on="store the counts as whole numbers with a rescale slope, or as NIfTI",
        )


def _pixel_format(dataset: Dataset) -> _PixelFormat:
    allocated = required_integer(dataset, "BitsAllocated")
    stored = required_integer(dataset, "BitsStored")
    high_bit = integer_of(dataset, "HighBit")
    representation = required_integer(dataset, "PixelRepresentation")
    high_bit = stored - 1 if high_bit is None else high_bit
    is_possible = 1 <= stored <= high_bit + 1 <= allocated and representation in (0, 1)
    if allocated not in BITS_ALLOCATED or not is_possible:
        raise UnsupportedObjectError(
            "stores its pixels in an unknown way",
            expected=f"{label('BitsAllocated')} 8, 16 or 32",
            found=f"{allocated} bits allocated, {stored} stored, high bit {high_bit}",
            cause="a damaged header",
            way_on="export the study again with 16 bits a pixel",
        )
    return _PixelFormat(allocated, stored, high_bit, representation == 1)


def _pixel_bytes(dataset: Dataset, expected: int) -> bytes:
    element = dataset.get_item("PixelData")
    pixels = None if element is None else element.value
    if not isinstance(pixels, bytes):
        raise UnreadableFileError(
            f"{label('PixelData')} is missing", expected=f"{expected} bytes", found="none",
            cause="the file is truncated, or its pixels were stripped",
        )  # fmt: skip
    announced = getattr(element, "length", len(pixels))
    if len(pixels) < expected and len(pixels) < announced:
        raise UnreadableFileError(
            "is truncated", expected=f"{announced} bytes of pixels", found=f"{len(pixels)} bytes",
            cause="an interrupted copy",
        )  # fmt: skip
    if len(pixels) < expected:
        raise GeometryError(
            f"{label('NumberOfFrames')}, {label('Rows')} and {label('Columns')} contradict "
            f"{label('PixelData')}",
            expected=f"{expected} bytes", found=f"{len(pixels)} bytes",
            cause="frames are missing, or the header was edited",
        )  # fmt: skip
    return pixels


def excess_note(dataset: Dataset, n_frames: int, plane: tuple[int, int]) -> ReadingNote | None:
    """What is said of bytes after the last pixel, which are no part of the image (PS3.5 8.1.1).

    One frame or more of them is a doubt: the header may count too few frames. The data set holds
    its pixels.
    """
    if is_encapsulated(transfer_syntax_of(dataset)):
        return None
    frame = int(np.prod(plane)) * required_integer(dataset, "BitsAllocated") // 8
    element = dataset.get_item("PixelData")
    pixels = b"" if element is None or not isinstance(element.value, bytes) else element.value
    # An odd number of bytes is padded by one.
    excess = len(pixels) - n_frames * frame
    if excess <= (n_frames * frame) % 2:
        return None
    return ReadingNote(f"{excess} bytes after the last pixel are left out", excess >= frame)


def _decoded(dataset: Dataset, syntax: str, shape: tuple[int, ...]) -> NDArray[np.integer]:
    load_decoders(syntax)
    try:
        decoded = np.asarray(dataset.pixel_array)
    except Exception as error:  # decoders raise anything, from RuntimeError to struct.error
        raise UnreadableFileError(
            f"is compressed as {UID(syntax).name}, which cannot be decoded here",
            expected="pixels for which a decoder is installed", found=type(error).__name__,
            cause=why_not_decoded(syntax),
        ) from error  # fmt: skip
    if decoded.size != int(np.prod(shape)) or decoded.dtype.kind not in "iu":
        raise GeometryError(
            f"{label('NumberOfFrames')} contradicts {label('PixelData')}",
            expected=f"shape {shape}", found=f"shape {decoded.shape}",
            cause="frames are missing, or the header was edited",
        )  # fmt: skip
    return decoded.reshape(shape)


def _rescaled(
    dataset: Dataset,
    stored: NDArray[np.integer],
    padding: NDArray[np.bool_] | None,
    into: CountsArray | None,
) -> CountsArray:
    has_slope = numbers_of(dataset, "RescaleSlope") is not None
    slope = float(required_numbers(dataset, "RescaleSlope", 1)[0]) if has_slope else 1.0
    has_intercept = numbers_of(dataset, "RescaleIntercept") is not None
    intercept = float(required_numbers(dataset, "RescaleIntercept", 1)[0]) if has_intercept else 0.0
    if slope == 0:
        raise CountsError(
            f"{label('RescaleSlope')} is zero", expected="a factor other than zero", found="0",
            cause="a damaged or wrongly edited header",
        )  # fmt: skip
    counts = np.empty(stored.shape, dtype=np.float32) if into is None else into
    counts[...] = stored
    if padding is not None:
        counts[padding] = 0
    if not has_slope and not has_intercept:
        return counts
    largest = abs(slope) * max(abs(float(counts.min())), abs(float(counts.max()))) + abs(intercept)
    if not largest < np.finfo(np.float32).max / counts.size:
        raise CountsError(
            f"{label('RescaleSlope')} takes counts out of range",
            expected="counts that can be summed", found=f"values up to {largest:.4g}",
            cause="a damaged or wrongly edited header",
        )  # fmt: skip
    counts *= np.float32(slope)
    counts += np.float32(intercept)
    if padding is not None:
        counts[padding] = 0
    return counts
