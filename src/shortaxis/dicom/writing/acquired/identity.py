"""Who and what a simulated object shows: nobody, lying head first and supine, at stress or rest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from pydicom import Dataset
from pydicom.uid import NuclearMedicineImageStorage

from shortaxis.dicom.carried.stated.patient_orientation import FACING, FIRST_IN, MODIFIER, RECUMBENT
from shortaxis.dicom.elements.code_items import code_item
from shortaxis.spect.study import StudyCondition

__all__ = ["AcquiredIdentity", "add_patient_position", "add_patient_state", "identity_dataset"]

STRESS_STATE = {
    StudyCondition.STRESS: ("109091", "DCM", "Cardiac Stress state"),
    StudyCondition.REST: ("128975004", "SCT", "Resting state"),
}
"""Values of Cardiac state (CID 3101), as CP-351 puts them into Acquisition Context."""

CONDITION_CONCEPT = ("109054", "DCM", "Patient State")


@dataclass(frozen=True)
class AcquiredIdentity:
    """A simulated object.

    Parameters
    ----------
    condition : StudyCondition
        Stress or rest.
    patient : str
        Number of the simulated patient: Patient ID.
    description : str
        Series Description.
    sex : {"F", "M", "O"}
        Patient's Sex (PS3.3 C.7.1.1).
    """

    condition: StudyCondition
    patient: str
    description: str
    sex: str = "O"


def identity_dataset(
    identity: AcquiredIdentity, kind: str, uid_of: Callable[[str], str], now: datetime
) -> Dataset:
    """Patient, study, series and instance of an NM object of one kind, such as ``RECON TOMO``."""
    dataset = Dataset()
    dataset.SOPClassUID = NuclearMedicineImageStorage
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = uid_of("study"), uid_of("series")
    dataset.SOPInstanceUID = uid_of("instance")
    dataset.FrameOfReferenceUID = uid_of("frame of reference")
    dataset.PositionReferenceIndicator = ""
    dataset.ImageType = ["ORIGINAL", "PRIMARY", kind, "EMISSION"]
    dataset.Modality, dataset.BodyPartExamined = "NM", "HEART"
    dataset.PatientName, dataset.PatientID = f"Simulated^{identity.patient}", identity.patient
    dataset.PatientBirthDate, dataset.PatientSex = "", identity.sex
    dataset.StudyID, dataset.SeriesNumber, dataset.InstanceNumber = "1", 1, 1
    dataset.AccessionNumber = dataset.ReferringPhysicianName = ""
    for date in ("StudyDate", "SeriesDate", "AcquisitionDate", "ContentDate"):
        setattr(dataset, date, now.strftime("%Y%m%d"))
        setattr(dataset, date.replace("Date", "Time"), now.strftime("%H%M%S"))
    dataset.StudyDescription = "Myocardial perfusion"
    dataset.SeriesDescription = identity.description
    dataset.ImageComments = "Simulated exam of nobody, not for diagnosis"
    return dataset


def add_patient_position(dataset: Dataset) -> None:
    """Head first, supine, as nearly everybody lies."""
    lying = code_item(*RECUMBENT)
    setattr(lying, MODIFIER, [code_item(*FACING["S"])])
    dataset.PatientOrientationCodeSequence = [lying]
    dataset.PatientGantryRelationshipCodeSequence = [code_item(*FIRST_IN["HF"])]


def add_patient_state(dataset: Dataset, condition: StudyCondition) -> None:
    """Stress or rest in Acquisition Context."""
    dataset.AcquisitionContextSequence = []
    if condition in STRESS_STATE:
        item = Dataset()
        item.ValueType = "CODE"
        item.ConceptNameCodeSequence = [code_item(*CONDITION_CONCEPT)]
        item.ConceptCodeSequence = [code_item(*STRESS_STATE[condition])]
        dataset.AcquisitionContextSequence = [item]
