"""Whether single slices belong together, and whether all of them are there."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset

from shortaxis.dicom.elements.attributes import (
    integer_of,
    label,
    numbers_of,
    text_of,
    texts_of,
)
from shortaxis.dicom.elements.vocabulary import PET_STORAGE
from shortaxis.errors import CountsError, GeometryError
from shortaxis.geometry.arrays import FloatArray
from shortaxis.spect.reading_notes import ReadingNote

__all__ = [
    "EXPORT_WHOLE",
    "check_all_slices_are_there",
    "check_slices_belong_together",
    "differs",
    "places_against_numbers",
]

EXPORT_WHOLE = "export the whole series again: a heart with a gap is not cut"

SHARED_BY_SLICES = (
    "PatientID",
    "IssuerOfPatientID",
    "StudyInstanceUID",
    "FrameOfReferenceUID",
    "Units",
    "SeriesType",
)
"""Attributes of patient, study, frame of reference and PET Series (C.8.9.1): one value each."""

RESCALING = ("RescaleSlope",)
"""Type 1 in PET Image (C.8.9.4): every slice has a factor of its own, and an intercept of zero."""

WHOLE_MULTIPLE = 0.05
"""A gap this near to a multiple of Slice Thickness is that multiple, as `UNEVEN_SHARE` has it."""

WHOLE_SCAN = 1.5
"""A series that counts so many times its slices was cut out of a longer one; a few missing files
make less."""

IntArray = NDArray[np.intp]


def check_slices_belong_together(datasets: Sequence[Dataset]) -> None:
    """Refuse slices of two patients, studies, frames of reference or units.

    Raises
    ------
    GeometryError
        If an attribute that one series shares differs; it is named, its values are not.
    CountsError
        If a slice of PET has no Rescale Slope.
    """
    for keyword in SHARED_BY_SLICES:
        if len({tuple(texts_of(each, keyword)) for each in datasets}) > 1:
            raise differs(keyword, "two patients, studies or reconstructions")
    is_pet = text_of(datasets[0], "SOPClassUID") == PET_STORAGE
    for keyword in RESCALING if is_pet else ():
        missing = sum(numbers_of(each, keyword) is None for each in datasets)
        if missing:
            raise CountsError(
                f"{label(keyword)} is missing", expected="a value in every slice of a PET series",
                found=f"{missing} of {len(datasets)} slices without one",
                cause="an export that dropped it; slices have different factors",
                way_on="export the series again: without it slices cannot be compared",
            )  # fmt: skip


def differs(keyword: str, sharers: str = "two reconstructions") -> GeometryError:
    """Error of an attribute that must be the same in every slice."""
    return GeometryError(
        f"{label(keyword)} differs between slices of one series",
        expected="the same value in every slice", found="different values",
        cause=f"{sharers} share one Series Instance UID",
        way_on="put the files of each into a folder of their own, or export the series again",
    )  # fmt: skip


def check_all_slices_are_there(
    datasets: Sequence[Dataset], slice_of: IntArray, depths: FloatArray, *, is_gated: bool
) -> tuple[ReadingNote, ...]:
    """Refuse a series of which files are missing or doubled; returns what was concluded.

    Parameters
    ----------
    datasets : sequence of Dataset
        One object an image, in any order.
    slice_of : int array
        Number of the place of every image, from 0.
    depths : float array
        Places along the normal, mm, ascending.
    is_gated : bool
        Whether several images may lie at one place.

    Raises
    ------
    GeometryError
        If so; it names the attribute that tells.
    """
    stated = integer_of(datasets[0], "NumberOfSlices")
    # An NM object that holds one frame counts one slice; PET counts those of the series.
    if stated == 1 and integer_of(datasets[0], "NumberOfFrames") == 1:
        stated = None
    notes: tuple[ReadingNote, ...] = ()
    if stated is not None and stated == len(datasets) != len(depths):
        notes = (ReadingNote(f"{label('NumberOfSlices')} counts all {stated} images, not slices"),)
        stated = None
    if stated is not None and stated >= WHOLE_SCAN * len(depths):
        counted = f"{label('NumberOfSlices')} counts {stated}, and there are {len(depths)}"
        notes = (ReadingNote(f"{counted}: a part of a longer scan", True),)
        stated = None
    if stated is not None and stated != len(depths):
        raise GeometryError(
            f"{label('NumberOfSlices')} contradicts the files",
            expected=f"{stated} slices",
            found=f"{len(depths)} slices",
            cause="files of the series are missing",
            way_on=EXPORT_WHOLE,
        )
    if not is_gated and len(slice_of) != len(depths):
        raise GeometryError(
            f"{label('ImagePositionPatient')} is the same in several slices",
            expected="one image at each place",
            found=f"{len(slice_of)} images at {len(depths)} places",
            cause="a gated or dynamic series that does not say so, or doubled files",
            way_on="put the files of one reconstruction into a folder of their own",
        )
    if stated is None and len(depths) > 1:
        _refuse_gaps_in_index(datasets, is_gated=is_gated)
        _refuse_gaps_of_whole_slices(datasets[0], depths)
    return notes


def _refuse_gaps_in_index(datasets: Sequence[Dataset], *, is_gated: bool) -> None:
    """Image Index counts the slices of a static series (C.8.9.4.1.9), so it has no gaps."""
    indices = {integer_of(each, "ImageIndex") for each in datasets}
    numbers = sorted(index for index in indices if index is not None)
    if is_gated or None in indices or len(numbers) != len(datasets):
        return
    spanned = numbers[-1] - numbers[0] + 1
    if spanned != len(numbers):
        raise GeometryError(
            f"{label('ImageIndex')} has gaps",
            expected=f"{spanned} slices",
            found=f"{len(numbers)} slices",
            cause="files of the series are missing",
            way_on=EXPORT_WHOLE,
        )


def _refuse_gaps_of_whole_slices(first: Dataset, depths: FloatArray) -> None:
    thickness = numbers_of(first, "SliceThickness")
    if thickness is None or thickness[0] <= 0:
        return
    step_mm = float(np.median(np.diff(depths)))
    parts = step_mm / float(thickness[0])
    if round(parts) >= 2 and abs(parts - round(parts)) <= WHOLE_MULTIPLE * parts:
        raise GeometryError(
            f"{label('SliceThickness')} contradicts {label('ImagePositionPatient')}",
            expected=f"slices {thickness[0]:g} mm apart, as thick as they are",
            found=f"slices {step_mm:.4g} mm apart, and no {label('NumberOfSlices')}",
            cause="files of the series are missing at even distances",
            way_on=EXPORT_WHOLE,
        )


MOST_OUT_OF_ORDER = 0.25
"""Part of the steps from slice to slice: with more, numbers follow no order of places."""


def places_against_numbers(
    datasets: Sequence[Dataset], slice_of: IntArray
) -> tuple[ReadingNote, ...]:
    """A doubtful note where slices are numbered along the stack, but for a few.

    Parameters
    ----------
    datasets : sequence of Dataset
        One object a slice.
    slice_of : int array
        Number of the place of every slice, from 0.
    """
    for keyword in ("ImageIndex", "InstanceNumber"):
        found = [_whole_number(dataset, keyword) for dataset in datasets]
        numbers = [number for number in found if number is not None]
        if len(set(numbers)) == len(datasets):
            steps = np.diff(np.array(numbers)[np.argsort(slice_of)])
            return (_out_of_order(keyword),) if _is_nearly_in_order(steps) else ()
    return ()


def _is_nearly_in_order(steps: IntArray) -> bool:
    """Whether few steps go against the others, and not because a bed was numbered later."""
    against = steps > 0 if (steps < 0).sum() > (steps > 0).sum() else steps < 0
    is_even = np.unique(steps[~against]).size == 1
    return bool(against.any() and against.sum() <= MOST_OUT_OF_ORDER * steps.size and not is_even)


def _out_of_order(keyword: str) -> ReadingNote:
    return ReadingNote(
        f"{label(keyword)} counts along the slices, but for a few: were positions of slices "
        "exchanged?",
        True,
    )


def _whole_number(dataset: Dataset, keyword: str) -> int | None:
    try:
        return integer_of(dataset, keyword)
    except GeometryError:
        return None
