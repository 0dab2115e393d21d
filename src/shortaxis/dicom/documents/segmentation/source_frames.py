"""Which frames of the source lie where a frame of the segmentation does.

Viewers that work on stacks, such as OHIF, lay a mask over the frame that it names. Where none is
named, some count from the first one, and show masks on other slices.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from pydicom import Dataset

from shortaxis.dicom.carried.modules.carrying import first_item
from shortaxis.dicom.carried.source_header import SourceHeader
from shortaxis.dicom.carried.source_references import source_images
from shortaxis.dicom.elements.attributes import integer_of, numbers_of, texts_of
from shortaxis.dicom.elements.code_items import code_item
from shortaxis.errors import GeometryError
from shortaxis.geometry.arrays import FloatArray

__all__ = ["derivations_at"]

SAME_PLACE_MM = 0.05

OTHER_VECTORS = ("EnergyWindowVector", "DetectorVector", "RotationVector")
"""What else frames may differ by than slice and time; then a place does not name them."""


def derivations_at(header: SourceHeader, positions_mm: FloatArray) -> list[list[Dataset]]:
    """Items of Derivation Image Sequence for each position (position, 3) of a frame, LPS mm.

    They name every frame of the source at that place: of a gated one all its time slots, one item
    each, since readers take the first alone. No items where frames cannot be told.
    """
    places_mm = _frame_places(header.dataset)
    if places_mm is None:
        return [[] for _ in positions_mm]
    return [_derivation(header, _same(places_mm, each)) for each in positions_mm]


def _same(places_mm: FloatArray, position_mm: FloatArray) -> list[int]:
    """Numbers of the frames, from 1."""
    away = np.linalg.norm(places_mm - position_mm, axis=-1)
    return [int(number) for number in np.flatnonzero(away < SAME_PLACE_MM) + 1]


def _derivation(header: SourceHeader, frames: Sequence[int]) -> list[Dataset]:
    images = list(_images(header, frames))
    if not images:
        return []
    item = Dataset()
    # CID 7203 Image Derivation.
    item.DerivationCodeSequence = [code_item("113076", "DCM", "Segmentation")]
    item.SourceImageSequence = images
    return [item]


def _images(header: SourceHeader, frames: Sequence[int]) -> Iterator[Dataset]:
    for frame in frames:
        for image in source_images([header]):
            image.ReferencedFrameNumber = frame
            image.SpatialLocationsPreserved = "YES"
            yield image


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
