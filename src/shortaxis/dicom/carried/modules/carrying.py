"""Copy valid attributes from the source header into a new data set."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable
from datetime import datetime

from pydicom import DataElement, Dataset
from pydicom.config import RAISE
from pydicom.datadict import dictionary_VR, tag_for_keyword
from pydicom.sequence import Sequence
from pydicom.valuerep import validate_value

from shortaxis.dicom.carried.modules.carried_attributes import (
    CODE_ITEM,
    EMPTY_IF_UNKNOWN,
    ITEM_ATTRIBUTES,
    KEPT_EMPTY,
    UNCHECKED,
)

__all__ = ["carry", "carry_item", "first_item", "items_in"]

ACR_NEMA = {
    "DA": (re.compile(r"\d{4}\.\d\d\.\d\d"), ".", "%Y%m%d"),
    "TM": (re.compile(r"\d\d:\d\d:\d\d(\.\d{1,6})?"), ":", "%H%M%S"),
}
"""Dates and times with separators, which PS3.5 6.2 asks readers to know from before 1993."""


def carry(source: Dataset, target: Dataset, keywords: Iterable[str]) -> None:
    """Copy what is valid; leave type 2 attributes empty, others out, where nothing is."""
    for keyword in keywords:
        element = _valid_element(source, keyword)
        if element is not None:
            target.add(element)
        elif keyword in EMPTY_IF_UNKNOWN:
            setattr(target, keyword, [] if dictionary_VR(keyword) == "SQ" else None)


def carry_item(source: Dataset, keywords: Iterable[str]) -> Dataset:
    """Build a new item with what is valid of these attributes."""
    item = Dataset()
    for keyword in keywords:
        element = _valid_element(source, keyword)
        if element is not None:
            item.add(element)
        elif keyword in KEPT_EMPTY:
            setattr(item, keyword, [])
    return item


def first_item(source: Dataset, keyword: str) -> Dataset:
    """First item of a sequence; an empty one where there is none."""
    return next(iter(items_in(source, keyword)), Dataset())


def items_in(source: Dataset, keyword: str) -> list[Dataset]:
    """Every item of a sequence; none where it is absent, damaged or no sequence."""
    element = _element(source, keyword)
    return list(element.value or []) if element is not None and element.VR == "SQ" else []


def _valid_element(source: Dataset, keyword: str) -> DataElement | None:
    element = _element(source, keyword)
    if element is None or element.is_empty:
        return None
    if element.VR == "SQ":
        return _valid_sequence(element, keyword)
    if keyword in UNCHECKED:
        return copy.deepcopy(element)
    element = _without_separators(element)
    return copy.deepcopy(element) if _is_valid(element) else None


def _without_separators(element: DataElement) -> DataElement:
    pattern, separator, form = ACR_NEMA.get(element.VR, (None, "", ""))
    text = str(element.value)
    if pattern is None or not pattern.fullmatch(text):
        return element
    plain = text.replace(separator, "")
    try:
        datetime.strptime(plain.partition(".")[0], form)
    except ValueError:
        return element
    return DataElement(element.tag, element.VR, plain)


def _element(source: Dataset, keyword: str) -> DataElement | None:
    tag = tag_for_keyword(keyword)
    if tag is None or tag not in source:
        return None
    try:
        return source[tag]
    except Exception:  # decoding damaged bytes raises anything
        return None


def _valid_sequence(element: DataElement, keyword: str) -> DataElement | None:
    kept = ITEM_ATTRIBUTES.get(keyword, CODE_ITEM)
    items = [carry_item(item, kept) for item in element.value]
    items = [item for item in items if len(item)]
    return DataElement(element.tag, "SQ", Sequence(items)) if items else None


def _is_valid(element: DataElement) -> bool:
    values = element.value if element.VM > 1 else [element.value]
    # Decimal and integer strings are decoded to numbers, which validate only as text.
    is_number_string = element.VR in ("DS", "IS")
    try:
        for value in values:
            validate_value(element.VR, str(value) if is_number_string else value, RAISE)
    except (ValueError, TypeError):
        return False
    return True
