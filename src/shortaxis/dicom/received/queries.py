"""Identifiers of C-FIND and C-MOVE (PS3.4 annex C), Study Root: what is asked, and what comes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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
    "patient_with_exam",
    "patient_without_rest",
    "prior_dates",
    "priors_among",
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
    """A patient of whom an exam is here; nothing of it is told to anybody else.

    `issuer` is that of the Patient ID, empty where the exam does not say; `exam_on` the first day
    of the study.
    """

    patient_id: str
    birth_date: str
    exam_on: date
    issuer: str = ""


@dataclass(frozen=True)
class FoundSeries:
    """A series of images that an archive has; `is_prior` if it is of an earlier exam."""

    study_uid: str
    series_uid: str
    condition: StudyCondition
    is_prior: bool = False


def study_query(dates: str, modality: str = "", patient_id: str = "") -> Dataset:
    """Identifier at the level of studies; empty values ask for what is there."""
    asked = Dataset()
    asked.QueryRetrieveLevel = "STUDY"
    asked.StudyDate, asked.ModalitiesInStudy = dates, modality
    asked.PatientID, asked.PatientBirthDate = patient_id, ""
    if patient_id:
        asked.IssuerOfPatientID = ""
    if not patient_id.isascii():
        # Without it letters are sent as question marks, which match the IDs of others.
        asked.SpecificCharacterSet = "ISO_IR 192"
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
    born, issuer = text_of(result, "PatientBirthDate"), text_of(result, "IssuerOfPatientID")
    is_same_birth = not born or not patient.birth_date or born == patient.birth_date
    is_same_issuer = not issuer or not patient.issuer or issuer == patient.issuer
    is_same_id = text_of(result, "PatientID") == patient.patient_id
    return is_same_id and is_same_birth and is_same_issuer


def patient_without_rest(paths: Iterable[Path]) -> PatientSought | None:
    """Of whom a study is that has stress and no rest; None if it has, or does not say enough.

    Objects that say neither may be the rest: then nobody is sought.
    """
    images = _images(paths)
    with quiet_pydicom():
        conditions = {condition_of(each)[0] for each in images}
    return _patient_of(images) if conditions == {StudyCondition.STRESS} else None


def patient_with_exam(paths: Iterable[Path]) -> PatientSought | None:
    """Of whom a study with NM or PET images is; None if it has none, or does not say enough."""
    return _patient_of(_images(paths))


def of_one_patient(results: Iterable[Dataset], patient: PatientSought) -> list[Dataset]:
    """Studies that are of the patient; an archive may match more than it was asked for.

    None is, where the issuer of the Patient ID is not known here and the archive knows several: the
    same ID is then that of several people.
    """
    found = [each for each in results if is_of_patient(each, patient)]
    issuers = {text_of(each, "IssuerOfPatientID") for each in found} - {""}
    return [] if not patient.issuer and len(issuers) > 1 else found


def priors_among(results: Iterable[Dataset], patient: PatientSought, years: int) -> list[Dataset]:
    """Studies of the patient from before the exam, so many years back at most.

    What does not say its date is left out.
    """
    first, last = _before(patient.exam_on, years)
    dated = [(each, _day(text_of(each, "StudyDate"))) for each in of_one_patient(results, patient)]
    return [each for each, day in dated if day is not None and first <= day <= last]


def prior_dates(day: date, years: int) -> str:
    """A range of dates for a query (PS3.4 C.2.2.2.5): so many years, up to the day before.

    Examples
    --------
    >>> prior_dates(date(2024, 2, 29), 5)
    '20190228-20240228'
    """
    first, last = _before(day, years)
    return f"{first:%Y%m%d}-{last:%Y%m%d}"


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


def _before(day: date, years: int) -> tuple[date, date]:
    """The first and the last day of so many years before a day."""
    year = max(day.year - years, date.min.year)
    leaps = day.month == 2 and day.day == 29
    first = date(year, 2, 28) if leaps else day.replace(year=year)
    return first, day - timedelta(days=1)


def _images(paths: Iterable[Path]) -> list[Dataset]:
    """Headers of NM and PET images; none if one file cannot be read."""
    headers = []
    for path in paths:
        try:
            headers.append(read_dataset(path, with_pixels=False))
        except (ShortAxisError, OSError):
            return []
    return [each for each in headers if text_of(each, "Modality") in IMAGES]


def _patient_of(images: Sequence[Dataset]) -> PatientSought | None:
    """The one patient of some images; None without an ID and a date that can be asked for."""
    patient_ids = {tuple(texts_of(each, "PatientID")) for each in images}
    issuers = {text_of(each, "IssuerOfPatientID") for each in images} - {""}
    days = [day for each in images if (day := _day(text_of(each, "StudyDate")))]
    values = patient_ids.pop() if len(patient_ids) == 1 else ()
    patient_id = values[0] if len(values) == 1 else ""
    if not patient_id or set(patient_id) & set(WILDCARDS) or not days or len(issuers) > 1:
        return None
    born = text_of(images[0], "PatientBirthDate")
    return PatientSought(patient_id, born, min(days), "".join(issuers))
