"""What a carried attribute must be like to stay: type, number of values, complete items.

Values are checked one by one where they are copied; here the whole is checked against the
modules of PS3.3, since an attribute can be valid by itself and still break its object.
"""

from __future__ import annotations

from pydicom import DataElement, Dataset
from pydicom.datadict import dictionary_VM, dictionary_VR

from shortaxis.dicom.carried.modules.carried_attributes import (
    CARRIED,
    EMPTY_IF_UNKNOWN,
    IDENTITY,
    KEPT_EMPTY,
    ROTATION_ITEM_REQUIRED,
)
from shortaxis.dicom.elements.attributes import text_of

__all__ = ["CONTENT_ITEM_VALUES", "ENUMERATED_VALUES", "drop_invalid"]

CHECKED = (
    *(keyword for keywords in CARRIED.values() for keyword in keywords if keyword not in IDENTITY),
    "DetectorInformationSequence",
    "RotationInformationSequence",
    "GatedInformationSequence",
    "ContributingEquipmentSequence",
)
"""Whatever holds values of the source, but for the patient's identity."""

ENUMERATED_VALUES = {
    "PatientIdentityRemoved": ("YES", "NO"),
    "LongitudinalTemporalInformationModified": ("UNMODIFIED", "MODIFIED", "REMOVED"),
    "RotationDirection": ("CW", "CC"),
}
"""Carried attributes for which PS3.3 enumerates every value (C.7.1.1, C.8.4.12, C.12.1)."""

CODE_ITEM_REQUIRED = ("CodeValue", "CodingSchemeDesignator", "CodeMeaning")
"""Code Sequence Macro (PS3.3 8.8)."""

ITEMS_REQUIRED = {
    "RotationInformationSequence": ROTATION_ITEM_REQUIRED,
    "ContributingEquipmentSequence": ("Manufacturer", "PurposeOfReferenceCodeSequence"),
}
"""Type 1 attributes of other items (C.8.4.12, C.12.1)."""

CONTENT_ITEM_VALUES = {
    "CODE": ("ConceptCodeSequence",),
    "NUMERIC": ("NumericValue", "MeasurementUnitsCodeSequence"),
    "TEXT": ("TextValue",),
    "DATE": ("Date",),
    "TIME": ("Time",),
    "PNAME": ("PersonName",),
}
"""What an item of Acquisition Context needs by its Value Type (PS3.3 10.2)."""


def drop_invalid(dataset: Dataset) -> None:
    """Drop what breaks a rule of its module, in items too; type 2 attributes become empty.

    Identity attributes are left as they are, and so is what was not carried over.
    """
    for keyword in CHECKED:
        if keyword in dataset:
            _drop_if_invalid(dataset, dataset[keyword])


def _drop_if_invalid(dataset: Dataset, element: DataElement) -> None:
    if element.is_empty:
        return
    if not _is_as_the_dictionary_has_it(element) or not _is_enumerated(element):
        _empty_or_drop(dataset, element)
    elif element.VR == "SQ":
        _drop_incomplete_items(dataset, element)


def _drop_incomplete_items(dataset: Dataset, element: DataElement) -> None:
    for item in element.value:
        for inner in list(item):
            _drop_if_invalid(item, inner)
    complete = [item for item in element.value if _is_complete(element.keyword, item)]
    if complete:
        element.value = complete
    else:
        _empty_or_drop(dataset, element)


def _empty_or_drop(dataset: Dataset, element: DataElement) -> None:
    keyword = element.keyword
    if keyword in (*EMPTY_IF_UNKNOWN, *KEPT_EMPTY, "RotationInformationSequence"):
        vr = dictionary_VR(element.tag)
        dataset[element.tag] = DataElement(element.tag, vr, [] if vr == "SQ" else None)
    else:
        del dataset[element.tag]


def _is_as_the_dictionary_has_it(element: DataElement) -> bool:
    if element.VR not in dictionary_VR(element.tag):
        return False
    return element.VR == "SQ" or _fits_multiplicity(element.VM, dictionary_VM(element.tag))


def _fits_multiplicity(count: int, allowed: str) -> bool:
    """Whether so many values may stand where PS3.6 says ``1``, ``1-3``, ``1-n`` or ``2-2n``.

    Examples
    --------
    >>> [_fits_multiplicity(3, allowed) for allowed in ("1", "1-3", "1-n", "2-2n")]
    [False, True, True, False]
    """
    low, _, high = allowed.partition("-")
    if not high:
        return count == int(low)
    if high.endswith("n"):
        step = int(high.removesuffix("n") or 1)
        return count >= int(low) and count % step == 0
    return int(low) <= count <= int(high)


def _is_enumerated(element: DataElement) -> bool:
    allowed = ENUMERATED_VALUES.get(element.keyword)
    return allowed is None or element.value in allowed


def _is_complete(sequence: str, item: Dataset) -> bool:
    return len(item) > 0 and all(text_of(item, keyword) for keyword in _required_in(sequence, item))


def _required_in(sequence: str, item: Dataset) -> tuple[str, ...]:
    if sequence == "AcquisitionContextSequence":
        kind = text_of(item, "ValueType")
        return ("ConceptNameCodeSequence", *CONTENT_ITEM_VALUES.get(kind, ("ValueType",)))
    if sequence in ITEMS_REQUIRED:
        return ITEMS_REQUIRED[sequence]
    return CODE_ITEM_REQUIRED if sequence.endswith("CodeSequence") else ()
