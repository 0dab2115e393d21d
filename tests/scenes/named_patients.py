"""One stress and rest pair as two patients: the same counts and UIDs, nothing else in common.

Every attribute that says who somebody is, or where, holds words that occur nowhere else.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pydicom
from pydicom import Dataset

from nm_object import save_object
from raw_exams import write_raw_exam
from repository import DEMO

__all__ = ["PATIENTS", "NamedPatient", "write_named_pair", "write_named_raw"]

PRIVATE_GROUP = 0x0009


@dataclass(frozen=True)
class NamedPatient:
    """Words of one patient: each is looked for in what the program writes and prints."""

    family: str
    given: str
    patient_id: str
    birth_date: str
    accession: str
    institution: str
    city: str
    doctor: str
    comment: str

    @property
    def words(self) -> tuple[str, ...]:
        """What may stand nowhere, as it is spelt in the header and as a person would write it."""
        year, month, day = self.birth_date[:4], self.birth_date[4:6], self.birth_date[6:]
        dates = (f"{year}-{month}-{day}", f"{day}.{month}.{year}", f"{month}/{day}/{year}")
        return (*vars(self).values(), *dates)


PATIENTS = (
    NamedPatient(
        "Quennerstedt", "Ulfhildur", "KX-9917364", "19310729", "ZQ5581207",
        "Hvalfjord Infirmary", "Brattahlid", "Wolkenstijn", "Taxidermist",
    ),
    NamedPatient(
        "Vaszary", "Ilonka", "PJ-2068415", "19540213", "RW7734096",
        "Tiszakert Hospital", "Szodliget", "Ferriolo", "Lighthouse keeper",
    ),
)  # fmt: skip


def write_named_pair(folder: Path, patient: NamedPatient) -> tuple[Path, Path]:
    """The demo studies as those of a patient; returns stress and rest."""
    paths = []
    for name, condition in (("study.dcm", "STRESS"), ("rest.dcm", "REST")):
        dataset = pydicom.dcmread(DEMO / name)
        _name(dataset, patient, condition)
        paths.append(save_object(dataset, folder / name))
    return paths[0], paths[1]


def write_named_raw(folder: Path, patient: NamedPatient) -> Path:
    """Raw projections of a drawn heart as those of a patient."""
    folder.mkdir()
    path = write_raw_exam(folder / "raw.dcm")
    dataset = pydicom.dcmread(path)
    _name(dataset, patient, "STRESS")
    return save_object(dataset, path)


def _name(dataset: Dataset, patient: NamedPatient, condition: str) -> None:
    full_name = f"{patient.family}^{patient.given}"
    dataset.PatientName, dataset.PatientID = full_name, patient.patient_id
    dataset.PatientBirthDate, dataset.AccessionNumber = patient.birth_date, patient.accession
    dataset.IssuerOfPatientID = dataset.InstitutionName = patient.institution
    dataset.OtherPatientIDs, dataset.PatientBirthName = patient.accession, full_name
    dataset.InstitutionAddress = dataset.PatientAddress = patient.city
    dataset.InstitutionalDepartmentName = f"Nuclear medicine, {patient.city}"
    dataset.StationName = dataset.DeviceSerialNumber = patient.patient_id
    for keyword in ("ReferringPhysicianName", "PerformingPhysicianName", "OperatorsName"):
        setattr(dataset, keyword, patient.doctor)
    for keyword in ("PatientComments", "ImageComments", "Occupation", "AdditionalPatientHistory"):
        setattr(dataset, keyword, f"{patient.comment} {patient.given}"[:16])
    dataset.StudyID = dataset.PerformedProcedureStepID = patient.accession
    dataset.StudyDescription = f"{patient.institution} {full_name}"
    dataset.ProtocolName = f"{condition} {patient.family}"
    # As operators type it.
    dataset.SeriesDescription = f"{condition} {patient.family} {patient.patient_id}"
    order = Dataset()
    order.RequestedProcedureID = order.ScheduledProcedureStepID = patient.accession
    order.RequestedProcedureDescription = f"{patient.doctor} for {patient.given}"
    dataset.RequestAttributesSequence = [order]
    block = dataset.private_block(PRIVATE_GROUP, "DRAWN", create=True)
    block.add_new(0x01, "LO", full_name)
