"""De-identify a DICOM file in place: PS3.15 Annex E, Basic Application Confidentiality Profile.

What is done to which attribute is the table of the standard, as ``dicom-anonymizer`` has it. UIDs
are replaced everywhere, in nested items too, by a function that is given.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from pydicom import Dataset, dcmread
from pydicom.dataelem import DataElement
from pydicom.uid import UID

from shortaxis.dicom.carried.equipment import SOFTWARE
from shortaxis.dicom.carried.modules.patient import (
    NAMING,
    names_the_patient,
    without_the_patient,
)
from shortaxis.dicom.elements.code_items import code_item
from shortaxis.dicom.elements.part10 import quiet_pydicom, write_dataset
from shortaxis.dicom.writing.derived_header import OWN_WORDS

__all__ = ["deidentify_file"]

STANDARD_ROOT = "1.2.840.10008."
"""UIDs of the standard itself name no instance (PS3.5 9)."""

DUMMY_DATE, VALID_DUMMY_DATE = "00010101", "19000101"

METHOD = "PS3.15 Basic Profile, Clean Descriptors Option"

PROFILE_CODES = (
    ("113100", "DCM", "Basic Application Confidentiality Profile"),
    ("113105", "DCM", "Clean Descriptors Option"),
)
"""CID 7050."""

OWN_TEXTS = ("ImageComments", "DerivationDescription")
"""Written by this package alone, whatever the source says."""


def deidentify_file(
    path: Path, replaced: Callable[[str], str], pseudonym: Callable[[str], str]
) -> None:
    """Rewrite a file of slices without what identifies a patient.

    What this package itself has said of the slices stays, the flag and its reasons among it
    (Clean Descriptors Option, PS3.15 E.3.5).

    Parameters
    ----------
    path : Path
        A DICOM file.
    replaced : callable
        Gives the UID that takes the place of another one.
    pseudonym : callable
        Gives the name and ID that take the place of a Patient ID: exams of one patient keep
        together.
    """
    from dicomanonymizer import simpledicomanonymizer as rules

    uid_actions = (rules.replace_UID, rules.delete_or_empty_or_replace_UID)
    actions = rules.initialize_actions()
    kept = {
        tag: rules.keep if action in uid_actions else _without_empty_items(action)
        for tag, action in actions.items()
    }
    with quiet_pydicom():
        dataset = dcmread(path)
        own = _own_descriptors(dataset)
        _leave_out_the_patient(dataset)

        def replace_uid(_: Dataset, element: DataElement) -> None:
            if element.VR == "UI" and element.value:
                element.value = _replaced_value(element.value, replaced)

        patient = pseudonym(str(dataset.get("PatientID", "")))
        dataset.walk(replace_uid)
        rules.anonymize_dataset(dataset, kept)
        # The rules are of the outermost level, and equipment names its station in an item.
        for item in _items(dataset):
            rules.anonymize_dataset(item, kept)
        dataset.walk(_make_dummies_valid)
        dataset.PatientName = dataset.PatientID = patient
        dataset.PatientIdentityRemoved = "YES"
        dataset.DeidentificationMethod = METHOD
        dataset.DeidentificationMethodCodeSequence = [code_item(*each) for each in PROFILE_CODES]
        for keyword, words in own.items():
            setattr(dataset, keyword, words)
        dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
        write_dataset(path, dataset)


FREE_TEXTS = ("LO", "SH", "LT", "ST", "UT", "UC")
"""Value representations that people type into."""

CODES = ("CodeValue", "CodingSchemeDesignator", "CodingSchemeVersion")

LEFT_OUT = "removed"
"""In place of a text that is the patient's name alone: some may not be empty."""


def _leave_out_the_patient(dataset: Dataset) -> None:
    """Leave words that name the patient out of texts that the rules keep, in items, too.

    The table of the standard keeps what describes camera, windows and codes, and stations hold more
    in it than that.
    """

    def leave_out(_: Dataset, element: DataElement) -> None:
        if element.VR not in FREE_TEXTS or element.keyword in (*CODES, *NAMING):
            return
        if isinstance(element.value, str) and names_the_patient(element.value, dataset):
            element.value = without_the_patient(element.value, dataset) or LEFT_OUT

    dataset.walk(leave_out)


def _own_descriptors(dataset: Dataset) -> dict[str, str]:
    """Words of this package in a series that it has made; none of the source's."""
    if dataset.get("Manufacturer") != SOFTWARE:
        return {}
    own = {keyword: str(dataset[keyword].value) for keyword in OWN_TEXTS if keyword in dataset}
    name = re.match(OWN_WORDS, str(dataset.get("SeriesDescription", "")))
    return own | ({"SeriesDescription": name.group()} if name else {})


def _without_empty_items(action: Callable[[Dataset, Any], None]) -> Callable[[Dataset, Any], None]:
    """An action that empties a sequence as a whole, and not the values of its items."""

    def act(dataset: Dataset, tag: tuple[int, int]) -> None:
        element = dataset.get(tag)
        if element is not None and element.VR == "SQ":
            element.value = []
        else:
            action(dataset, tag)

    return act


def _make_dummies_valid(_: Dataset, element: DataElement) -> None:
    """Dates that take the place of others are of the year 1, which is not a year of DICOM."""
    if element.VR in ("DA", "DT") and str(element.value).startswith(DUMMY_DATE):
        element.value = str(element.value).replace(DUMMY_DATE, VALID_DUMMY_DATE, 1)


def _items(dataset: Dataset) -> Iterator[Dataset]:
    """Items of all sequences, the outer ones first."""
    for element in dataset:
        if element.VR == "SQ":
            for item in element.value:
                yield item
                yield from _items(item)


def _replaced_value(value: object, replaced: Callable[[str], str]) -> object:
    if isinstance(value, str):
        is_standard = value.startswith(STANDARD_ROOT)
        return value if is_standard else UID(replaced(value))
    return [_replaced_value(each, replaced) for each in value]  # type: ignore[attr-defined]
