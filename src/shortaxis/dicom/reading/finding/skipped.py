"""Files that a search did not use: each with its reason, slices of one stack together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pydicom import Dataset

from shortaxis.dicom.elements.attributes import integer_of, text_of
from shortaxis.dicom.elements.part10 import EMPTY, NOT_DICOM
from shortaxis.dicom.elements.vocabulary import NM_STORAGE
from shortaxis.dicom.reading.headers.kinds import PAST_NO_EXAM
from shortaxis.errors import (
    AlreadyReorientedError,
    CountsError,
    GeometryError,
    ShortAxisError,
    UnreadableFileError,
)

__all__ = [
    "SkippedItem",
    "SkippedStack",
    "StackKey",
    "in_stacks",
    "is_one_slice",
    "may_hold_an_exam",
    "skipped_together",
    "stacks_of",
]

StackKey = tuple[str, str]
"""Series Instance UID, and the kind of reason."""


@dataclass(frozen=True, slots=True)
class SkippedItem:
    """A file that was not used, why, and how to go on, in words without identifiers.

    `is_exam` tells files that may hold an exam which could not be read from those that hold none,
    or one that was taken from elsewhere. `stack` names the first of the slices that were left out
    together with it; it is None for a file that stands for itself. `stack_key` is the same for
    slices that belong together, and is never shown.
    """

    path: Path
    reason: str
    way_on: str = ""
    is_exam: bool = False
    stack: Path | None = None
    stack_key: StackKey | None = None


@dataclass(frozen=True)
class SkippedStack:
    """What stands in one row: a file, or all slices of a stack that were left out alike."""

    first: SkippedItem
    paths: tuple[Path, ...]

    @property
    def name(self) -> str:
        """The path, with the number of files beside it if there are more."""
        more = len(self.paths) - 1
        return f"{self.first.path} and {more} more" if more else str(self.first.path)

    @property
    def words(self) -> str:
        """The reason, and how to go on if that is known."""
        return "; ".join(filter(None, (self.first.reason, self.first.way_on)))


def may_hold_an_exam(error: ShortAxisError) -> bool:
    """Whether what was refused may be an exam: damaged, or in want of something the user can say.

    Projections, planar images, other modalities and slices that are cut already are none.
    """
    if isinstance(error, AlreadyReorientedError):
        return False
    if isinstance(error, UnreadableFileError):
        return error.summary not in (NOT_DICOM, EMPTY)
    can_be_said = error.way_on is not None and error.way_on not in PAST_NO_EXAM
    return isinstance(error, GeometryError | CountsError) or can_be_said


def is_one_slice(dataset: Dataset) -> bool:
    """Whether an object holds one slice of a stack.

    An NM object has many frames unless it says that it has one; images of other modalities have one
    unless they say otherwise.
    """
    try:
        n_frames = integer_of(dataset, "NumberOfFrames")
    except ShortAxisError:
        return False
    is_nm = text_of(dataset, "SOPClassUID") == NM_STORAGE
    return n_frames == 1 or (n_frames is None and not is_nm)


def skipped_together(
    paths: Sequence[Path], reason: str, *, is_exam: bool = False
) -> list[SkippedItem]:
    """Files of one study that were left out, as one stack if there are several."""
    stack = min(paths) if len(paths) > 1 else None
    return [SkippedItem(path, reason, is_exam=is_exam, stack=stack) for path in paths]


def in_stacks(items: Iterable[SkippedItem]) -> list[SkippedItem]:
    """The same items, in their order, each slice with the first one of its stack.

    Slices of a series that were left out for one kind of reason are a stack, wherever they lie.
    """
    items = list(items)
    groups: dict[StackKey, list[SkippedItem]] = {}
    for item in items:
        if item.stack_key is not None:
            groups.setdefault(item.stack_key, []).append(item)
    first_of = {
        key: min(item.path for item in group) for key, group in groups.items() if len(group) > 1
    }
    return [
        item if item.stack_key not in first_of else replace(item, stack=first_of[item.stack_key])
        for item in items
    ]


def stacks_of(items: Iterable[SkippedItem]) -> list[SkippedStack]:
    """Rows for people: one a file, and one a stack, in the order of their first files."""
    rows: dict[Path, list[SkippedItem]] = {}
    for number, item in enumerate(items):
        # A file may be left out for several reasons, and stands in as many rows.
        own = item.path / str(number)
        rows.setdefault(own if item.stack is None else item.stack, []).append(item)
    return [
        SkippedStack(min(row, key=lambda item: item.path), tuple(sorted(i.path for i in row)))
        for row in rows.values()
    ]
