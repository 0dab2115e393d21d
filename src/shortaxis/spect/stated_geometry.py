"""Geometry that the user states because a file does not, or says it wrong.

Directions are spelled as anatomical letters, one for each index of a voxel: L or R for the
patient's left or right, P or A for posterior or anterior, S or I for superior or inferior (H and F,
head and feet, are taken too). A letter names the side towards which the index grows.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

import numpy as np

from shortaxis.errors import OptionError
from shortaxis.geometry.arrays import FloatArray
from shortaxis.spect.reading_notes import ReadingNote

__all__ = [
    "NOTHING_STATED",
    "StatedGeometry",
    "StoredAxis",
    "flipped",
    "permuted",
    "stated_from_record",
]

DIRECTIONS = {
    "L": (1.0, 0.0, 0.0),
    "R": (-1.0, 0.0, 0.0),
    "P": (0.0, 1.0, 0.0),
    "A": (0.0, -1.0, 0.0),
    "S": (0.0, 0.0, 1.0),
    "H": (0.0, 0.0, 1.0),
    "I": (0.0, 0.0, -1.0),
    "F": (0.0, 0.0, -1.0),
}
"""Unit vectors in LPS by the letter of the side they point to (PS3.3 C.7.6.1.1.1)."""

SPACING_LIMITS_MM = (0.5, 25.0)
"""Voxels of nuclear studies and of small-animal cameras lie within."""


class StoredAxis(Enum):
    """An index of a stored voxel, in the order ``(slice, row, column)``."""

    SLICES = "slices"
    ROWS = "rows"
    COLUMNS = "columns"


@dataclass(frozen=True)
class StatedGeometry:
    """What the user says of the voxels of a study; None and empty leave the file's word.

    Parameters
    ----------
    orientation : str or None
        Three letters: where a row runs (its columns from the first to the last), where a column
        runs (its rows), and where slices follow each other, as stored. ``LPI`` is a transaxial
        study seen from the feet, its first slice nearest to the head.
    slice_spacing_mm : float or None
        Distance from slice to slice, mm; negative where slices stack against row x column
        (PS3.3 C.8.4.15).
    pixel_spacing_mm : (float, float) or None
        Distance between rows, then between columns, mm.
    flips : frozenset of StoredAxis
        Stored axes that run the other way than the file says. The volume stays where it is.

    Raises
    ------
    OptionError
        For letters that name no three directions, a slice spacing whose sign contradicts them, or
        spacings of no nuclear study.
    """

    orientation: str | None = None
    slice_spacing_mm: float | None = None
    pixel_spacing_mm: tuple[float, float] | None = None
    flips: frozenset[StoredAxis] = frozenset()

    def __post_init__(self) -> None:
        if self.orientation is not None:
            object.__setattr__(self, "orientation", _checked_letters(self.orientation))
        object.__setattr__(self, "flips", frozenset(_stored_axis(axis) for axis in self.flips))
        for value in (self.slice_spacing_mm, *(self.pixel_spacing_mm or ())):
            _check_spacing(value)
        self._refuse_contradicting_sign()

    @property
    def is_empty(self) -> bool:
        """Whether nothing was stated."""
        return self == NOTHING_STATED

    @property
    def axes(self) -> FloatArray:
        """Unit vectors in LPS along (slice, row, column) index, one a row.

        Raises
        ------
        OptionError
            If no orientation was stated.
        """
        if self.orientation is None:
            raise OptionError("no orientation was stated", expected="three letters, such as LPI")
        along_row, along_column, along_slice = (DIRECTIONS[each] for each in self.orientation)
        return np.array([along_slice, along_column, along_row])

    @property
    def notes(self) -> tuple[ReadingNote, ...]:
        """What was stated, for records; it is always a reason to look."""
        said = []
        if self.orientation is not None:
            said.append(f"rows, columns and slices run {self.orientation}")
        if self.slice_spacing_mm is not None:
            said.append(f"slice spacing {self.slice_spacing_mm:g} mm")
        if self.pixel_spacing_mm is not None:
            said.append("pixel spacing {:g} x {:g} mm".format(*self.pixel_spacing_mm))
        if self.flips:
            said.append("flipped " + " and ".join(sorted(axis.value for axis in self.flips)))
        if not said:
            return ()
        return (ReadingNote(f"orientation as stated by the user: {', '.join(said)}", True),)

    def to_dict(self) -> dict[str, object]:
        """As plain values, for records; only what was stated."""
        values: dict[str, object] = {
            "orientation": self.orientation,
            "slice_spacing_mm": self.slice_spacing_mm,
            "pixel_spacing_mm": self.pixel_spacing_mm and list(self.pixel_spacing_mm),
            "flips": sorted(axis.value for axis in self.flips) or None,
        }
        return {name: value for name, value in values.items() if value is not None}

    def applied(self, patient_from_index: FloatArray, shape: tuple[int, ...]) -> FloatArray:
        """Another affine for a grid of ``(slice, row, column)`` voxels, LPS mm.

        Spacings and directions are replaced by what was stated, and the middle of the volume
        stays where it is.
        """
        matrix = np.array(patient_from_index, dtype=np.float64)
        lengths = np.linalg.norm(matrix[:3, :3], axis=0)
        axes = matrix[:3, :3] / lengths if self.orientation is None else self.axes.T
        if self.slice_spacing_mm is not None:
            lengths[0] = abs(self.slice_spacing_mm)
            if self.orientation is None:
                normal = np.cross(axes[:, 2], axes[:, 1])
                axes = axes.copy()
                axes[:, 0] = normal * math.copysign(1.0, self.slice_spacing_mm)
        if self.pixel_spacing_mm is not None:
            lengths[1:] = self.pixel_spacing_mm
        signs = [-1.0 if axis in self.flips else 1.0 for axis in StoredAxis]
        return _around_the_same_middle(matrix, axes * lengths * signs, shape)

    def _refuse_contradicting_sign(self) -> None:
        if self.orientation is None or self.slice_spacing_mm is None:
            return
        along_slice, along_column, along_row = self.axes
        sign = float(np.cross(along_row, along_column) @ along_slice)
        if sign * self.slice_spacing_mm < 0:
            raise OptionError(
                "orientation and slice spacing contradict each other",
                expected=f"a {'positive' if sign > 0 else 'negative'} slice spacing with "
                f"{self.orientation}: the sign tells whether slices stack along row x column",
                found=f"{self.slice_spacing_mm:g} mm",
                cause="one of them has the wrong sign; either alone is enough",
            )


def _around_the_same_middle(
    matrix: FloatArray, columns: FloatArray, shape: tuple[int, ...]
) -> FloatArray:
    middle = (np.array(shape, dtype=np.float64) - 1) / 2
    origin = matrix[:3, :3] @ middle + matrix[:3, 3] - columns @ middle
    stated = np.eye(4)
    stated[:3, :3] = columns + 0.0
    stated[:3, 3] = origin
    return stated


def _checked_letters(letters: str) -> str:
    named = letters.upper().replace("H", "S").replace("F", "I")
    pairs = {frozenset("LR"), frozenset("PA"), frozenset("SI")}
    used = [pair for letter in named for pair in pairs if letter in pair]
    if len(named) != 3 or len(set(used)) != 3:
        raise OptionError(
            "orientation names no three directions",
            expected="three letters, one of L or R, one of P or A, one of S or I: where rows, "
            "columns and slices run, such as LPI",
            found=letters,
        )
    return named


def _stored_axis(axis: StoredAxis | str) -> StoredAxis:
    try:
        return StoredAxis(axis)
    except ValueError:
        raise OptionError(
            "unknown axis to flip", expected="slices, rows or columns", found=str(axis)
        ) from None


def _check_spacing(value: float | None) -> None:
    low, high = SPACING_LIMITS_MM
    if value is not None and not low <= abs(value) <= high:
        raise OptionError(
            "stated spacing is out of range", expected=f"{low:g} to {high:g} mm",
            found=f"{value:g} mm", cause="another unit than mm",
        )  # fmt: skip


NOTHING_STATED = StatedGeometry()


def stated_from_record(values: Mapping[str, Any]) -> StatedGeometry:
    """What `StatedGeometry.to_dict` gives, as a statement again.

    Raises
    ------
    OptionError
        For letters, distances or axes that mean nothing.
    """
    in_plane = values.get("pixel_spacing_mm")
    return StatedGeometry(
        values.get("orientation"),
        values.get("slice_spacing_mm"),
        None if in_plane is None else (float(in_plane[0]), float(in_plane[1])),
        frozenset(values.get("flips") or ()),
    )


def flipped(axis: StoredAxis) -> StatedGeometry:
    """The statement that one stored axis runs the other way."""
    return replace(NOTHING_STATED, flips=frozenset({axis}))


def permuted(letters: str) -> StatedGeometry:
    """The statement of directions alone."""
    return replace(NOTHING_STATED, orientation=letters)
