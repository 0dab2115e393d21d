"""Which ways round a volume can lie: what a reviewer chooses from by pictures."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from shortaxis.errors import GeometryError
from shortaxis.geometry.arrays import FloatArray
from shortaxis.spect.stated_geometry import StatedGeometry, StoredAxis
from shortaxis.spect.stored_directions import (
    LETTERS_OF_AXIS,
    SIDES,
    axes_along,
    direction_letters,
)
from shortaxis.spect.study import PerfusionStudy

__all__ = ["Choice", "ChoiceGroup", "GeometryChoices", "TypedSizes", "choices_of", "choices_record"]

ANY_LETTERS = "LPS"
"""Directions with which a file without any is read for its pictures."""

ASSUMED_MM = 6.4
"""Size with which a file without any is read for its pictures: a 64 x 64 matrix of 410 mm."""

ORIENTATION, SLICE_SPACING, PIXEL_SPACING = "orientation", "slice_spacing_mm", "pixel_spacing_mm"

LACKING: tuple[tuple[str, ...], ...] = (
    (),
    (ORIENTATION,),
    (SLICE_SPACING,),
    (PIXEL_SPACING,),
    (ORIENTATION, SLICE_SPACING),
    (ORIENTATION, PIXEL_SPACING),
    (SLICE_SPACING, PIXEL_SPACING),
    (ORIENTATION, SLICE_SPACING, PIXEL_SPACING),
)
"""What a file may lack, the least first."""

PLANES = {2: "transaxial", 1: "coronal", 0: "sagittal"}
"""What slices are called that follow each other along an axis of LPS."""

USUAL_AXES = {2: (0, 1), 1: (0, 2), 0: (1, 2)}
"""Axes of LPS along (a row, a column) of such slices in the usual views."""

WAY_WORDS = "Rows to {}, columns to {}, slices to {}"

SAME = 1e-6


@dataclass(frozen=True)
class TypedSizes:
    """Distances that the reviewer typed, mm; None leaves the file's word."""

    slice_spacing_mm: float | None = None
    pixel_spacing_mm: float | None = None

    def applied(self, stated: StatedGeometry) -> StatedGeometry:
        """A statement with these distances."""
        if self.slice_spacing_mm is not None:
            sign = _handedness(stated.orientation) if stated.orientation else 1.0
            stated = replace(stated, slice_spacing_mm=sign * self.slice_spacing_mm)
        if self.pixel_spacing_mm is not None:
            in_plane = (self.pixel_spacing_mm, self.pixel_spacing_mm)
            stated = replace(stated, pixel_spacing_mm=in_plane)
        return stated


@dataclass(frozen=True, eq=False)
class Choice:
    """One way round.

    Parameters
    ----------
    stated : StatedGeometry
        What the reviewer states by choosing it; what had to be assumed is missing in it.
    words : str
        What it does, in words.
    patient_from_index : (4, 4)
        LPS mm of ``(slice, row, column)``.
    is_mirror : bool
        Whether it is a mirror image of what the file says, which no turn gives.
    """

    stated: StatedGeometry
    words: str
    patient_from_index: FloatArray
    is_mirror: bool = False


@dataclass(frozen=True, eq=False)
class ChoiceGroup:
    """The eight ways round of one order of the axes."""

    words: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, eq=False)
class GeometryChoices:
    """All ways round of a study, and the study as it was read for its pictures.

    `assumed` names what the file lacks and the pictures take for granted.
    """

    study: PerfusionStudy
    assumed: tuple[str, ...]
    groups: tuple[ChoiceGroup, ...]


def choices_of(
    read: Callable[[StatedGeometry], PerfusionStudy], base: StatedGeometry, typed: TypedSizes
) -> GeometryChoices:
    """Ways round of a study that may lack its geometry.

    Parameters
    ----------
    read : callable
        Reads it with a statement.
    base : StatedGeometry
        What was stated for all studies.
    typed : TypedSizes
        What the reviewer typed.

    Raises
    ------
    ShortAxisError
        What is wrong with the file, if no statement lets it be read.
    """
    study, stated, assumed = _read_at_all(read, base, typed)
    volume = study.volume
    own = StatedGeometry(flips=stated.flips).applied(volume.patient_from_index, volume.shape)
    kept = replace(
        stated,
        orientation=None if ORIENTATION in assumed else stated.orientation,
        slice_spacing_mm=None if SLICE_SPACING in assumed else stated.slice_spacing_mm,
        pixel_spacing_mm=None if PIXEL_SPACING in assumed else stated.pixel_spacing_mm,
        flips=frozenset(),
    )
    groups = list(_permuted_groups(kept, own, volume.shape))
    if stated.orientation is None:
        says_way = stated.slice_spacing_mm is None
        as_stored = _flipped_group(kept, own, volume.shape, says_way=says_way)
        axes = axes_along(own)
        groups = [as_stored, *(each for each in groups if _axes_of(each) != axes)]
    return GeometryChoices(study, assumed, tuple(groups))


def _read_at_all(
    read: Callable[[StatedGeometry], PerfusionStudy], base: StatedGeometry, typed: TypedSizes
) -> tuple[PerfusionStudy, StatedGeometry, tuple[str, ...]]:
    """Read with as few assumptions as can be."""
    given = [name for name in (SLICE_SPACING, PIXEL_SPACING) if getattr(typed, name)]
    for lacking in LACKING:
        stated = typed.applied(_assuming(base, lacking))
        with suppress(GeometryError):
            return read(stated), stated, tuple(name for name in lacking if name not in given)
    return read(base), base, ()


def _assuming(base: StatedGeometry, lacking: tuple[str, ...]) -> StatedGeometry:
    if ORIENTATION in lacking:
        base = replace(base, orientation=ANY_LETTERS, slice_spacing_mm=None)
    sizes = (ASSUMED_MM if name in lacking else None for name in (SLICE_SPACING, PIXEL_SPACING))
    return TypedSizes(*sizes).applied(base)


def _flipped_group(
    kept: StatedGeometry, own: FloatArray, shape: tuple[int, int, int], *, says_way: bool
) -> ChoiceGroup:
    """The axes in the file's order, each one way or the other.

    `says_way` tells whether the file says which one; a distance between slices that is stated
    says so by its sign alone.
    """
    choices = []
    for flips in _subsets():
        affine = StatedGeometry(flips=flips).applied(own, shape)
        words = (
            _exchange_words(own, flips)
            if says_way
            else WAY_WORDS.format(*direction_letters(affine))
        )
        is_mirror = says_way and len(flips) % 2 == 1
        choices.append(Choice(_folded(kept, flips), words, affine, is_mirror))
    return ChoiceGroup("Axes in the order of the file", tuple(choices))


def _exchange_words(own: FloatArray, flips: frozenset[StoredAxis]) -> str:
    sides = zip(StoredAxis, axes_along(own), strict=True)
    ends = [SIDES[along] for axis, along in sides if axis in flips]
    return f"{', '.join(ends)} exchanged".capitalize() if ends else "As stored"


def _folded(kept: StatedGeometry, flips: frozenset[StoredAxis]) -> StatedGeometry:
    """A stated slice spacing says by its sign which way slices stack: from the first one on."""
    if kept.slice_spacing_mm is None or StoredAxis.SLICES not in flips:
        return replace(kept, flips=flips)
    spacing = -kept.slice_spacing_mm
    return replace(kept, slice_spacing_mm=spacing, flips=flips - {StoredAxis.SLICES})


def _permuted_groups(
    kept: StatedGeometry, own: FloatArray, shape: tuple[int, int, int]
) -> Iterator[ChoiceGroup]:
    """Every order of the axes, those of the usual views first, each with its eight ways round."""
    for along_slice, usual in USUAL_AXES.items():
        for along_row, along_column in (usual, usual[::-1]):
            turned = "" if (along_row, along_column) == usual else ", rows and columns exchanged"
            axes = (along_row, along_column, along_slice)
            yield ChoiceGroup(
                f"{PLANES[along_slice].capitalize()} slices{turned}",
                tuple(_lettered(kept, own, shape, axes)),
            )


def _lettered(
    kept: StatedGeometry,
    own: FloatArray,
    shape: tuple[int, int, int],
    axes: tuple[int, int, int],
) -> Iterator[Choice]:
    for ends in itertools.product((0, 1), repeat=3):
        pairs = zip(axes, ends, strict=True)
        letters = "".join(LETTERS_OF_AXIS[axis][end] for axis, end in pairs)
        affine = StatedGeometry(orientation=letters).applied(own, shape)
        spacing = kept.slice_spacing_mm
        signed = None if spacing is None else math.copysign(spacing, _handedness(letters))
        stated = replace(kept, orientation=letters, slice_spacing_mm=signed)
        yield Choice(stated, WAY_WORDS.format(*letters), affine)


def _handedness(letters: str) -> float:
    """1 where slices follow each other along row x column, else -1."""
    along_slice, along_column, along_row = StatedGeometry(orientation=letters).axes
    return float(np.sign(np.cross(along_row, along_column) @ along_slice))


def _subsets() -> Iterator[frozenset[StoredAxis]]:
    for size in range(len(StoredAxis) + 1):
        for axes in itertools.combinations(StoredAxis, size):
            yield frozenset(axes)


def _axes_of(group: ChoiceGroup) -> tuple[int, ...]:
    return axes_along(group.choices[0].patient_from_index)


def choices_record(
    choices: GeometryChoices, present: FloatArray | None, proposed: FloatArray | None = None
) -> dict[str, Any]:
    """Plain values for the page.

    Parameters
    ----------
    choices : GeometryChoices
        All ways round.
    present, proposed : (4, 4) array, optional
        The affine that the study is read with, and the one that it should rather be read with.
    """
    return {
        "shape": list(choices.study.volume.shape),
        "assumed": list(choices.assumed),
        "groups": [
            {
                "words": group.words,
                "choices": [_choice_record(choice, present, proposed) for choice in group.choices],
            }
            for group in choices.groups
        ],
    }


def _choice_record(
    choice: Choice, present: FloatArray | None, proposed: FloatArray | None
) -> dict[str, Any]:
    affine = choice.patient_from_index
    return {
        "stated": choice.stated.to_dict(),
        "words": choice.words,
        "patient_from_index": affine.tolist(),
        "is_mirror": choice.is_mirror,
        "is_present": _runs_as(affine, present),
        "is_proposed": _runs_as(affine, proposed),
    }


def _runs_as(affine: FloatArray, other: FloatArray | None) -> bool:
    """Whether axes and distances are the same."""
    return other is not None and bool(np.allclose(affine[:3, :3], other[:3, :3], atol=SAME))
