"""Where the voxels of a reconstruction lie and which frame holds which slice."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset

from shortaxis.dicom.elements.attributes import (
    label,
    numbers_of,
    required_integer,
    required_numbers,
)
from shortaxis.errors import GeometryError, UnsupportedObjectError
from shortaxis.geometry.affines import affine_from_axes
from shortaxis.geometry.arrays import FloatArray
from shortaxis.geometry.grids import Grid
from shortaxis.spect.reading_notes import ReadingNote
from shortaxis.spect.stated_geometry import StatedGeometry

__all__ = [
    "STATE_DIRECTIONS",
    "PlaneOrientation",
    "VolumeLayout",
    "orientation_of",
    "pixel_spacing_of",
    "plane_shape_of",
    "stated_affine",
    "volume_layout",
]

UNIT_TOLERANCE = 1e-2
"""Cosines written with two decimals still have unit length within this."""

RIGHT_ANGLE_TOLERANCE = 2e-3
"""Cosine of the angle between rows and columns, which three decimals can reach: 0.8 mm in 400."""

STATE_DIRECTIONS = (
    "state with --orientation where rows, columns and slices run, for example --orientation LPI"
)
"""The way on where a header holds no directions of use."""


@dataclass(frozen=True, eq=False)
class PlaneOrientation:
    """Unit vectors in LPS: along a row, along a column, and their cross product."""

    row: FloatArray
    column: FloatArray

    @property
    def normal(self) -> FloatArray:
        """Row x column: the direction in which a positive spacing stacks (PS3.3 C.8.4.15)."""
        normal = np.cross(self.row, self.column)
        unit: FloatArray = normal / np.linalg.norm(normal)
        return unit

    def affine(
        self, slice_step_mm: float, pixel_spacing_mm: FloatArray, origin_mm: FloatArray
    ) -> FloatArray:
        """``patient_from_index``; a negative step stacks against the normal.

        `pixel_spacing_mm` is the distance between rows, then between columns (PS3.3 10.7.1.3).
        """
        axes = np.stack([self.normal * np.sign(slice_step_mm), self.column, self.row]) + 0.0
        return affine_from_axes(axes, (abs(slice_step_mm), *pixel_spacing_mm), origin_mm)


@dataclass(frozen=True, eq=False)
class VolumeLayout:
    """Grid of the volume, and the frames that fill it.

    `frame_at` of shape (addend, time_slot, slice) holds the frame's number from 0; addends
    (R-R intervals) are summed. An ungated study has one time slot. `notes` say what was
    concluded.
    """

    grid: Grid
    frame_at: NDArray[np.intp]
    notes: tuple[ReadingNote, ...] = ()

    @property
    def n_time_slots(self) -> int:
        """Number of time slots, 1 for an ungated study."""
        return int(self.frame_at.shape[1])


def volume_layout(
    frame_at: NDArray[np.intp],
    plane: tuple[int, int],
    affine: FloatArray,
    notes: tuple[ReadingNote, ...] = (),
) -> VolumeLayout:
    """A layout on the grid of its slices and planes."""
    return VolumeLayout(Grid((frame_at.shape[2], *plane), affine), frame_at, notes)


def stated_affine(
    stated: StatedGeometry,
    orientation: PlaneOrientation | None,
    spacing_mm: tuple[float, float, float],
    shape: tuple[int, int, int],
) -> FloatArray:
    """``patient_from_index`` of a volume whose place is not known: its middle is the origin.

    Parameters
    ----------
    stated : StatedGeometry
        What the user said; its directions go before those of the header.
    orientation : PlaneOrientation or None
        Of the header; needed where no directions were stated.
    spacing_mm : (slice, row, column)
        Of header or statement; the sign of the first is that of Spacing Between Slices.
    shape : (slice, row, column)
        Number of voxels.
    """
    if orientation is None:
        affine = affine_from_axes(stated.axes, np.abs(spacing_mm), (0, 0, 0))
    else:
        affine = orientation.affine(spacing_mm[0], np.array(spacing_mm[1:]), np.zeros(3))
    middle = (np.array(shape) - 1) / 2
    affine[:3, 3] = -affine[:3, :3] @ middle
    return stated.applied(affine, shape)


def orientation_of(dataset: Dataset) -> PlaneOrientation:
    """Image Orientation (Patient), checked (PS3.3 C.7.6.2.1.1).

    Raises
    ------
    GeometryError
        If it is missing or its two directions are not orthogonal unit vectors.
    """
    keyword = "ImageOrientationPatient"
    try:
        cosines = required_numbers(dataset, keyword, 6).reshape(2, 3)
    except GeometryError as error:
        error.way_on = STATE_DIRECTIONS
        raise
    with np.errstate(over="ignore", invalid="ignore"):
        lengths = np.linalg.norm(cosines, axis=1)
        slant = abs(float(cosines[0] @ cosines[1]))
    if not (np.abs(lengths - 1) <= UNIT_TOLERANCE).all() or not slant <= RIGHT_ANGLE_TOLERANCE:
        raise GeometryError(
            f"{label(keyword)} is no pair of orthogonal directions",
            expected="two unit vectors at right angles",
            found=f"lengths {lengths[0]:.4g} and {lengths[1]:.4g}, cosine between them {slant:.4g}",
            cause="a damaged or wrongly edited header",
            way_on=STATE_DIRECTIONS,
        )
    row, column = cosines / lengths[:, np.newaxis]
    return PlaneOrientation(row, column)


def pixel_spacing_of(dataset: Dataset) -> FloatArray:
    """Pixel Spacing, mm: between rows, then columns; a `GeometryError` unless positive."""
    numbers = numbers_of(dataset, "PixelSpacing")
    if numbers is not None and len(numbers) == 2 and numbers.min() > 0:
        return numbers
    thickness = numbers_of(dataset, "SliceThickness")
    size = None if thickness is None else float(thickness[0])
    at_hand = "" if size is None else f"; {label('SliceThickness')} is {size:g} mm"
    found = "no value" if numbers is None else " and ".join(f"{each:g}" for each in numbers)
    raise GeometryError(
        f"{label('PixelSpacing')} is {_why_no_spacing(numbers)}",
        expected="two distances in mm",
        found=found + at_hand,
        cause="an export that dropped the geometry; it is never guessed",
        way_on=f"state it: --pixel-spacing {size or 6.4:g}, if that is the size of a pixel in mm",
    )


def _why_no_spacing(numbers: FloatArray | None) -> str:
    if numbers is None:
        return "missing"
    return "incomplete" if len(numbers) != 2 else "not positive"


def plane_shape_of(dataset: Dataset) -> tuple[int, int]:
    """Rows and Columns of a monochrome plane.

    Raises
    ------
    GeometryError
        If one is missing or not positive.
    UnsupportedObjectError
        If the pixels are colours.
    """
    rows, columns = required_integer(dataset, "Rows"), required_integer(dataset, "Columns")
    if min(rows, columns) < 1:
        raise GeometryError(
            f"{label('Rows')} or {label('Columns')} is not positive",
            expected="at least 1", found=f"{rows} and {columns}",
        )  # fmt: skip
    if required_integer(dataset, "SamplesPerPixel") != 1:
        raise UnsupportedObjectError(
            "is a colour image", expected="one sample per pixel", found="several",
            cause="a screen capture of a reading station",
        )  # fmt: skip
    return rows, columns
