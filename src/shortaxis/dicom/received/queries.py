"""Identifiers of C-FIND and C-MOVE (PS3.4 annex C), Study Root: what is asked, and what comes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from pydicom import Dataset

from shortaxis.dicom.carried.equipment import SOFTWARE
from shortaxis.dicom.carried.stated.condition import condition_of
from shortaxis.dicom.carried.stated.declared_view import declared_view
from shortaxis.dicom.elements.attributes import text_of, texts_of
from shortaxis.dicom.elements.part10 import quiet_pydicom, read_dataset
from shortaxis.errors import OptionError, ShortAxisError
from shortaxis.spect.study import StudyCondition

__all__ = [
    "FoundSeries",
    "PatientSought",
    "around",
    "has_images",
    "is_of_patient",
    "move_request",
    "object_query",
    "patient_without_rest",
    "require_dates",
    "series_found",
    "series_query",
    "study_query",
]

IMAGES = ("NM", "PT")

DAY_LENGTH = len("20260131")

WILDCARDS = "*?"
"""They match many values (PS3.4 C.2.2.2.4)."""


@dataclass(frozen=True)
class PatientSought:
    """A patient whose stress is here without a rest; nothing of it is told to anybody else."""

    patient_id: str
    birth_date: str
    stress_on: date


@dataclass(frozen=True)
class FoundSeries:
    """A series of images that an archive has."""

    study_uid: str
    series_uid: str
    condition: StudyCondition


def study_query(dates: str, modality: str = "", patient_id: str = "") -> Dataset:
    """Identifier at the level of studies; empty values ask for what is there."""
    asked = Dataset()
    asked.QueryRetrieveLevel = "STUDY"
    asked.StudyDate, asked.ModalitiesInStudy = dates, modality
    asked.PatientID, asked.PatientBirthDate = patient_id, ""
    asked.StudyInstanceUID = asked.StudyDescription = ""
    return asked


def series_query(study_uid: str) -> Dataset:
    """Identifier at the level of series."""
    asked = Dataset()
    asked.QueryRetrieveLevel = "SERIES"
    asked.StudyInstanceUID = study_uid
    asked.SeriesInstanceUID = asked.Modality = asked.SeriesDescription = asked.Manufacturer = ""
    return asked


def object_query(study_uid: str, series_uid: str) -> Dataset:
    """Identifier at the level of images."""
    asked = Dataset()
    asked.QueryRetrieveLevel = "IMAGE"
    asked.StudyInstanceUID, asked.SeriesInstanceUID = study_uid, series_uid
    asked.SOPInstanceUID = ""
    return asked


def move_request(series: FoundSeries) -> Dataset:
    """Identifier of a C-MOVE of one series."""
    asked = Dataset()
    asked.QueryRetrieveLevel = "SERIES"
    asked.StudyInstanceUID, asked.SeriesInstanceUID = series.study_uid, series.series_uid
    return asked


def series_found(study: Dataset, results: Iterable[Dataset]) -> list[FoundSeries]:
    """NM and PET series among the results of a query, with the condition that they name.

    Slices along the heart, ours among them, are left out.
    """
    found = []
    for each in results:
        with quiet_pydicom():
            is_ours = text_of(each, "Manufacturer") == SOFTWARE
            if text_of(each, "Modality") not in IMAGES or is_ours or declared_view(each):
                continue
            each.StudyDescription = text_of(study, "StudyDescription")
            condition, _ = condition_of(each)
        uids = text_of(study, "StudyInstanceUID"), text_of(each, "SeriesInstanceUID")
        if all(uids):
            found.append(FoundSeries(*uids, condition))
    return found


def is_of_patient(result: Dataset, patient: PatientSought) -> bool:
    """Whether a study is of the patient that was asked for: archives may match more than that."""
    born = text_of(result, "PatientBirthDate")
    is_same_birth = not born or not patient.birth_date or born == patient.birth_date
    return text_of(result, "PatientID") == patient.patient_id and is_same_birth


def patient_without_rest(paths: Iterable[Path]) -> PatientSought | None:
    """Of whom a study is that has stress and no rest; None if it has, or does not say enough.

    Objects that say neither may be the rest: then nobody is sought.
    """
    headers = []
    for path in paths:
        try:
            headers.append(read_dataset(path, with_pixels=False))
        except (ShortAxisError, OSError):
            return None
    images = [each for each in headers if text_of(each, "Modality") in IMAGES]
    with quiet_pydicom():
        conditions = {condition_of(each)[0] for each in images}
    if conditions != {StudyCondition.STRESS}:
        return None
    patient_ids = {tuple(texts_of(each, "PatientID")) for each in images}
    days = [day for each in images if (day := _day(text_of(each, "StudyDate")))]
    values = patient_ids.pop() if len(patient_ids) == 1 else ()
    patient_id = values[0] if len(values) == 1 else ""
    if not patient_id or set(patient_id) & set(WILDCARDS) or not days:
        return None
    return PatientSought(patient_id, text_of(images[0], "PatientBirthDate"), min(days))


def around(day: date, days: int) -> str:
    """A range of dates for a query (PS3.4 C.2.2.2.5).

    Examples
    --------
    >>> around(date(2026, 1, 2), 3)
    '20251230-20260105'
    """
    span = timedelta(days=days)
    return f"{day - span:%Y%m%d}-{day + span:%Y%m%d}"


def require_dates(typed: str) -> str:
    """A day or a range of days as queries have them (PS3.4 C.2.2.2.5).

    Raises
    ------
    OptionError
        If it is neither.
    """
    days = typed.split("-")
    try:
        if len(days) > 2 or not any(days):
            raise ValueError
        for day in filter(None, days):
            if len(day) != DAY_LENGTH:
                raise ValueError
            date.fromisoformat(day)
    except ValueError:
        raise OptionError(
            "no day and no range of days",
            expected="such as 20260131, 20260101-20260131 or 20260101-",
            found=typed,
        ) from None
    return typed


def has_images(study: Dataset) -> bool:
    """Whether a study may hold NM or PET images; one that does not say may."""
    modalities = texts_of(study, "ModalitiesInStudy")
    return not modalities or any(each in IMAGES for each in modalities)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
