"""Read single attributes: the value and its type, or an error that names the attribute."""

from __future__ import annotations

from collections.abc import Sequence
from typing import SupportsFloat, cast

import numpy as np
from pydicom import Dataset
from pydicom.datadict import tag_for_keyword

from shortaxis.errors import GeometryError, UnreadableFileError
from shortaxis.geometry.arrays import FloatArray

__all__ = [
    "code_values",
    "integer_of",
    "items_of",
    "label",
    "numbers_of",
    "required_integer",
    "required_numbers",
    "text_of",
    "texts_of",
]

MAX_INTEGER = (1 << 31) - 1
"""Of an IS value (PS3.5 6.2)."""


GEOMETRY = (
    "CenterOfRotationOffset",
    "GantryDetectorTilt",
    "ImageOrientationPatient",
    "ImagePositionPatient",
    "PixelSpacing",
    "RadialPosition",
    "ScanArc",
    "SliceThickness",
    "SpacingBetweenSlices",
    "StartAngle",
)
"""Where voxels and views lie; without one of these an export has dropped the geometry."""


def label(keyword: str) -> str:
    """Keyword and tag.

    Examples
    --------
    >>> label("SpacingBetweenSlices")
    'SpacingBetweenSlices (0018,0088)'
    """
    tag = tag_for_keyword(keyword) or 0
    return f"{keyword} ({tag >> 16:04X},{tag & 0xFFFF:04X})"


def _value_of(dataset: Dataset, keyword: str) -> object:
    """Decoded value, or None where the attribute is absent or empty."""
    tag = tag_for_keyword(keyword)
    if tag is None or tag not in dataset:
        return None
    try:
        element = dataset[tag]
        return None if element.is_empty else element.value
    except (
        Exception
    ) as error:  # decoding damaged bytes raises anything from KeyError to struct.error
        raise UnreadableFileError(
            f"{label(keyword)} cannot be decoded",
            expected="a value of its type",
            found=type(error).__name__,
            cause="a damaged file",
        ) from error


def _values_of(dataset: Dataset, keyword: str) -> list[object]:
    value = _value_of(dataset, keyword)
    if value is None:
        return []
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return list(value)
    return [value]


def texts_of(dataset: Dataset, keyword: str) -> list[str]:
    """Every value as stripped text; empty where the attribute is absent."""
    return [str(value).strip(" \0") for value in _values_of(dataset, keyword)]


def text_of(dataset: Dataset, keyword: str) -> str:
    """The value as stripped text, several values joined by a space; may be empty."""
    return " ".join(texts_of(dataset, keyword)).strip()


def numbers_of(dataset: Dataset, keyword: str) -> FloatArray | None:
    """Every value as float64, or None where the attribute is absent.

    Raises
    ------
    GeometryError
        If a value is no finite number.
    """
    values = _values_of(dataset, keyword)
    if not values:
        return None
    try:
        numbers = np.array([float(cast("SupportsFloat", value)) for value in values])
    except (TypeError, ValueError, OverflowError):
        numbers = np.array([np.nan])
    if not np.isfinite(numbers).all():
        raise GeometryError(
            f"{label(keyword)} holds no numbers", expected="finite numbers", found="something else"
        )
    return numbers


def required_numbers(dataset: Dataset, keyword: str, count: int) -> FloatArray:
    """Exactly `count` numbers.

    Raises
    ------
    GeometryError
        If the attribute is missing or holds another number of values.
    """
    numbers = numbers_of(dataset, keyword)
    if numbers is None or len(numbers) != count:
        raise GeometryError(
            f"{label(keyword)} is missing"
            if numbers is None
            else f"{label(keyword)} is incomplete",
            expected="a value" if count == 1 else f"{count} values",
            found="no value" if numbers is None else f"{len(numbers)} values",
            cause="an export that dropped the geometry; it is never guessed"
            if keyword in GEOMETRY
            else "a damaged header, or an export that dropped attributes",
        )
    return numbers


def integer_of(dataset: Dataset, keyword: str) -> int | None:
    """The value as a whole number, or None where the attribute is absent.

    Raises
    ------
    GeometryError
        If it is not one whole number.
    """
    if not _values_of(dataset, keyword):
        return None
    number = float(required_numbers(dataset, keyword, 1)[0])
    if not number.is_integer() or abs(number) > MAX_INTEGER:
        raise GeometryError(
            f"{label(keyword)} is no count", expected="a whole number", found=f"{number:g}"
        )
    return int(number)


def required_integer(dataset: Dataset, keyword: str) -> int:
    """The value as a whole number; a missing one is a `GeometryError`."""
    number = integer_of(dataset, keyword)
    return int(required_numbers(dataset, keyword, 1)[0]) if number is None else number


def items_of(dataset: Dataset, keyword: str) -> list[Dataset]:
    """Items of a sequence; empty where it is absent."""
    items = [item for item in _values_of(dataset, keyword) if isinstance(item, Dataset)]
    if len(items) != len(_values_of(dataset, keyword)):
        raise UnreadableFileError(
            f"{label(keyword)} is no sequence", expected="items", found="another type",
            cause="a damaged file",
        )  # fmt: skip
    return items


def code_values(dataset: Dataset, keyword: str) -> list[tuple[str, str]]:
    """(Code Value, Code Meaning) of every item of a code sequence (PS3.3 8.8)."""
    return [
        (text_of(item, "CodeValue"), text_of(item, "CodeMeaning"))
        for item in items_of(dataset, keyword)
    ]
