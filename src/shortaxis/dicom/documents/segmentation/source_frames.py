"""Which frames or slices of the source lie where a frame of the segmentation does.

Viewers that work on stacks, such as OHIF, lay a mask over the frame that it names. Where none is
named, some count from the first one, and show masks on other slices.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from pydicom import Dataset

from shortaxis.dicom.carried.modules.carrying import first_item
from shortaxis.dicom.carried.source_header import SourceHeader
from shortaxis.dicom.carried.source_references import referenced_studies, source_images
from shortaxis.dicom.elements.attributes import integer_of, numbers_of, text_of, texts_of
from shortaxis.dicom.elements.code_items import code_item
from shortaxis.dicom.reading.headers.read_headers import read_header
from shortaxis.errors import GeometryError
from shortaxis.geometry.arrays import FloatArray

__all__ = ["derivations_at", "slice_places"]

SAME_PLACE_MM = 0.2
"""A grid has one spacing, and positions are rounded; slices are never so near."""

OTHER_VECTORS = ("EnergyWindowVector", "DetectorVector", "RotationVector")
"""What else frames may differ by than slice and time; then a place does not name them."""


def slice_places(paths: Sequence[Path]) -> dict[str, FloatArray]:
    """Position of each object that holds one slice, LPS mm, by its SOP Instance UID.

    PET says it of the image, NM of its detector.

    Raises
    ------
    InputNotFoundError, UnreadableFileError
        If a file has gone or changed since it was found.
    """
    found: dict[str, FloatArray] = {}
    for dataset in (read_header(path).dataset for path in paths):
        detector = first_item(dataset, "DetectorInformationSequence")
        position = _numbers(dataset, "ImagePositionPatient", 3)
        if position is None:
            position = _numbers(detector, "ImagePositionPatient", 3)
        is_one_slice = (integer_of(dataset, "NumberOfFrames") or 1) == 1
        if position is not None and is_one_slice:
            found[text_of(dataset, "SOPInstanceUID")] = position
    return found


def derivations_at(
    header: SourceHeader, positions_mm: FloatArray, slices: Mapping[str, FloatArray] | None
) -> list[list[Dataset]]:
    """Items of Derivation Image Sequence for each position (position, 3) of a frame, LPS mm.

    They name every frame of the source at that place, or every object of `slices`: of a gated
    source all time slots, one item each, since readers take the first alone. No items where that
    cannot be told, as None for `slices` says, or where the source is in no study that could be
    named (C.12.2).
    """
    frames_mm = _frame_places(header.dataset)
    if slices is None or not referenced_studies([header], "ReferencedInstanceSequence"):
        named: list[list[Dataset]] = [[] for _ in positions_mm]
    elif slices:
        named = [_objects_at(header, slices, each) for each in positions_mm]
    elif frames_mm is not None:
        named = [_frames_at(header, frames_mm, each) for each in positions_mm]
    else:
        named = [[] for _ in positions_mm]
    return [_derivation(images) for images in named]


def _derivation(images: list[Dataset]) -> list[Dataset]:
    if not images:
        return []
    for image in images:
        image.SpatialLocationsPreserved = "YES"
    item = Dataset()
    # CID 7203 Image Derivation.
    item.DerivationCodeSequence = [code_item("113076", "DCM", "Segmentation")]
    item.SourceImageSequence = images
    return [item]


def _objects_at(
    header: SourceHeader, slices: Mapping[str, FloatArray], position_mm: FloatArray
) -> list[Dataset]:
    away_mm = np.linalg.norm(np.array(list(slices.values())) - position_mm, axis=1)
    here = {uid for uid, each_mm in zip(slices, away_mm, strict=True) if each_mm < SAME_PLACE_MM}
    # A gated series has thousands of objects, and an item takes long to make.
    objects = tuple(each for each in header.instances if each[1] in here)
    return source_images([replace(header, instances=objects)])


def _frames_at(
    header: SourceHeader, frames_mm: FloatArray, position_mm: FloatArray
) -> list[Dataset]:
    images = []
    for frame, place_mm in enumerate(frames_mm, start=1):
        if _is_same(place_mm, position_mm):
            for image in source_images([header]):
                image.ReferencedFrameNumber = frame
                images.append(image)
    return images


def _is_same(place_mm: FloatArray, other_mm: FloatArray) -> bool:
    return float(np.linalg.norm(place_mm - other_mm)) < SAME_PLACE_MM


def _frame_places(source: Dataset) -> FloatArray | None:
    """Position of every frame of an NM reconstruction (C.8.4.15), None if it cannot be told."""
    detector = first_item(source, "DetectorInformationSequence")
    position = _numbers(detector, "ImagePositionPatient", 3)
    directions = _numbers(detector, "ImageOrientationPatient", 6)
    spacing = _numbers(source, "SpacingBetweenSlices", 1)
    slices = _numbers(source, "SliceVector", integer_of(source, "NumberOfFrames") or 0)
    is_one_kind = all(len(set(texts_of(source, each))) < 2 for each in OTHER_VECTORS)
    if not is_one_kind or position is None or directions is None:
        return None
    if spacing is None or slices is None:
        return None
    row, column = np.reshape(directions, (2, 3))
    places: FloatArray = position + np.outer((slices - 1) * spacing, np.cross(row, column))
    return places


def _numbers(dataset: Dataset, keyword: str, count: int) -> FloatArray | None:
    """What is no such numbers was stated by the user when the source was read."""
    try:
        numbers = numbers_of(dataset, keyword)
    except GeometryError:
        return None
    return numbers if numbers is not None and len(numbers) == count else None
