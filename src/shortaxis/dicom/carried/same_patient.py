"""Whether two headers are of one patient: compared, and never told.

What is compared is what the Patient Identification and Demographic macros hold (PS3.3 C.7.1.1).
"""

from __future__ import annotations

import re
from datetime import date

from pydicom import Dataset

from shortaxis.dicom.carried.source_header import SourceHeader
from shortaxis.dicom.elements.attributes import text_of
from shortaxis.dicom.elements.part10 import quiet_pydicom

__all__ = ["days_between", "differing_identity", "is_named_otherwise", "says_identity"]

COMPARED = {
    "PatientID": "Patient ID (0010,0020)",
    "IssuerOfPatientID": "Issuer of Patient ID (0010,0021)",
    "PatientBirthDate": "Patient's Birth Date (0010,0030)",
}
"""Attributes that are spelt in one way alone."""

NAME, SEX = "Patient's Name (0010,0010)", "Patient's Sex (0010,0040)"

DATES = ("AcquisitionDate", "SeriesDate", "StudyDate")
"""When an exam was made, the nearest to the acquisition first."""


def differing_identity(first: SourceHeader | None, second: SourceHeader | None) -> str:
    """The first attribute by which two headers are of two patients; empty if there is none.

    Only what both headers say is compared; names, which are spelt in many ways, only where one of
    them has no Patient ID.
    """
    if first is None or second is None:
        return ""
    pair = (first.dataset, second.dataset)
    with quiet_pydicom():
        for keyword, words in COMPARED.items():
            if _differ(*(text_of(each, keyword) for each in pair)):
                return words
        if _differ(*(_known_sex(each) for each in pair)):
            return SEX
        has_identifiers = all(text_of(each, "PatientID") for each in pair)
        if not has_identifiers and _differ(*(_letters(each) for each in pair)):
            return NAME
    return ""


def is_named_otherwise(first: SourceHeader | None, second: SourceHeader | None) -> bool:
    """Whether two headers with one Patient ID name the patient otherwise, in whatever spelling."""
    if first is None or second is None:
        return False
    with quiet_pydicom():
        identifiers = [text_of(each.dataset, "PatientID") for each in (first, second)]
        names = [_parts_of_name(each.dataset) for each in (first, second)]
    return identifiers[0] == identifiers[1] != "" and all(names) and names[0] != names[1]


def says_identity(header: SourceHeader | None) -> bool:
    """Whether a header holds enough to tell patients apart."""
    if header is None:
        return False
    with quiet_pydicom():
        said = {name: text_of(header.dataset, name) for name in ("PatientID", "PatientBirthDate")}
        return bool(said["PatientID"] or (_letters(header.dataset) and said["PatientBirthDate"]))


def days_between(first: SourceHeader | None, second: SourceHeader | None) -> int | None:
    """Days between two acquisitions; None where one has no date."""
    if first is None or second is None:
        return None
    with quiet_pydicom():
        dates = [_date_of(each.dataset) for each in (first, second)]
    if dates[0] is None or dates[1] is None:
        return None
    return abs((dates[1] - dates[0]).days)


def _differ(first: str, second: str) -> bool:
    return bool(first and second and first != second)


def _known_sex(dataset: Dataset) -> str:
    """F or M; any other value tells nobody apart."""
    sex = text_of(dataset, "PatientSex").upper()
    return sex if sex in ("F", "M") else ""


def _letters(dataset: Dataset) -> str:
    """A name without what is written differently from device to device."""
    return re.sub(r"\W", "", text_of(dataset, "PatientName").replace("_", "")).casefold()


def _parts_of_name(dataset: Dataset) -> list[str]:
    """Family name, given names and the rest in no order, which devices do not agree on."""
    return sorted(filter(None, re.split(r"[\W_]+", text_of(dataset, "PatientName").casefold())))


def _date_of(dataset: Dataset) -> date | None:
    for keyword in DATES:
        text = text_of(dataset, keyword).replace(".", "")
        try:
            return date(int(text[:4]), int(text[4:6]), int(text[6:8]))
        except ValueError:
            continue
    return None
