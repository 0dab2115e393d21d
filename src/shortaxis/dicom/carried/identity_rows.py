"""Who an exam is of and how it was made, as the header has it: for prints that are filed."""

from __future__ import annotations

from pydicom import Dataset

from shortaxis.dicom.carried.source_header import SourceHeader
from shortaxis.dicom.elements.attributes import items_of, text_of

__all__ = ["identity_of", "identity_rows"]

PATIENT = (
    ("Name", "PatientName"),
    ("Patient ID", "PatientID"),
    ("Birth date", "PatientBirthDate"),
    ("Sex", "PatientSex"),
)
EXAM = (
    ("Study date", "StudyDate"),
    ("Acquired", "AcquisitionDate"),
    ("Accession number", "AccessionNumber"),
    ("Referred by", "ReferringPhysicianName"),
    ("Institution", "InstitutionName"),
)

PER_MBQ = 1e6
"""Radionuclide Total Dose is in Bq for PET (C.8.9.2), in MBq for NM (C.8.4.10)."""


def identity_rows(header: SourceHeader, *, with_patient: bool) -> list[tuple[str, str]]:
    """Names and values of what the header says; of an exam beside another without the patient.

    These are identifiers: they are for print that the user asks for, and for nothing else.
    """
    dataset = header.dataset
    names = (*PATIENT, *EXAM) if with_patient else EXAM
    rows = [(words, text_of(dataset, keyword)) for words, keyword in names]
    rows += [("Tracer and dose", "; ".join(_doses(dataset)))]
    rows += [("Stress drug", "; ".join(_drugs(dataset)))]
    return [(words, value) for words, value in rows if value]


def identity_of(header: SourceHeader) -> dict[str, str]:
    """Name and ID of the patient and the date of the study; empty where the header is silent."""
    keywords = {"name": "PatientName", "patient_id": "PatientID", "date": "StudyDate"}
    return {name: text_of(header.dataset, keyword) for name, keyword in keywords.items()}


def _doses(dataset: Dataset) -> list[str]:
    told = []
    for item in items_of(dataset, "RadiopharmaceuticalInformationSequence"):
        dose = text_of(item, "RadionuclideTotalDose")
        words = f"{_mbq(float(dose)):.0f} MBq" if dose else ""
        told.append(" ".join(filter(None, [_drug(item), words])))
    return [each for each in told if each]


def _mbq(dose: float) -> float:
    return dose / PER_MBQ if dose >= PER_MBQ else dose


def _drug(item: Dataset) -> str:
    codes = items_of(item, "RadiopharmaceuticalCodeSequence")
    return text_of(item, "Radiopharmaceutical") or next(
        (text_of(code, "CodeMeaning") for code in codes), ""
    )


def _drugs(dataset: Dataset) -> list[str]:
    """Intervention Drug Information Sequence (0018,0026)."""
    told = []
    for item in items_of(dataset, "InterventionDrugInformationSequence"):
        codes = items_of(item, "InterventionDrugCodeSequence")
        meaning = next((text_of(code, "CodeMeaning") for code in codes), "")
        told.append(text_of(item, "InterventionDrugName") or meaning)
    return [each for each in told if each]
