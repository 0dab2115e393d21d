"""What changed since an earlier exam as items of the measurement report."""

from __future__ import annotations

from pydicom import Dataset

from shortaxis.dicom.documents.measurements import measurement_codes as codes
from shortaxis.dicom.documents.measurements.content_items import (
    code_content,
    number_content,
    text_content,
)
from shortaxis.dicom.documents.measurements.ventricle_measurements import ChangeMeasurements
from shortaxis.dicom.elements.wording import printable_ascii

__all__ = ["change_content", "segment_change_content"]


def change_content(found: ChangeMeasurements | None) -> list[Dataset]:
    """Deficits of what is less and more than before, days in between, and the sentence on them."""
    if found is None:
        return []
    told = [
        number_content(code, round(value, 2), codes.PERCENT, [_by_limits()])
        for code, value in (
            (codes.LESS_THAN_BEFORE, found.less_percent),
            (codes.MORE_THAN_BEFORE, found.more_percent),
        )
    ]
    if found.days_before is not None:
        told.append(number_content(codes.DAYS_BEFORE, found.days_before, codes.DAY))
    # A figure below what is called a change must not leave without the word on it.
    comment = printable_ascii(found.comment)
    return told + [text_content("CONTAINS", codes.COMMENT, comment)] * bool(comment)


def segment_change_content(found: ChangeMeasurements | None, number: int) -> list[Dataset]:
    """Mean change of a segment, in per cent of the normal uptake."""
    if found is None or number not in found.segment_percent:
        return []
    how = [_by_limits(), code_content("HAS CONCEPT MOD", codes.DERIVATION, codes.MEAN)]
    value = round(found.segment_percent[number], 1)
    return [number_content(codes.CHANGE_OF_UPTAKE, value, codes.PERCENT, how)]


def _by_limits() -> Dataset:
    return code_content("HAS CONCEPT MOD", codes.METHOD, codes.NORMAL_LIMITS)
