"""A missing attribute is blamed on what drops such attributes."""

from __future__ import annotations

import pytest
from pydicom import Dataset

from shortaxis.dicom.elements.attributes import required_integer, required_numbers
from shortaxis.errors import GeometryError


@pytest.mark.parametrize(
    "keyword",
    ["BitsStored", "NumberOfFrames", "Rows", "Columns", "SamplesPerPixel", "PixelRepresentation"],
)
def test_what_is_no_geometry_was_not_dropped_with_the_geometry(keyword: str) -> None:
    with pytest.raises(GeometryError, match="is missing") as refused:
        required_integer(Dataset(), keyword)

    assert refused.value.cause == "a damaged header, or an export that dropped attributes"


@pytest.mark.parametrize(
    ("keyword", "count"),
    [("ImagePositionPatient", 3), ("ImageOrientationPatient", 6), ("SpacingBetweenSlices", 1)],
)
def test_geometry_was(keyword: str, count: int) -> None:
    with pytest.raises(GeometryError, match="is missing") as refused:
        required_numbers(Dataset(), keyword, count)

    assert refused.value.cause == "an export that dropped the geometry; it is never guessed"
