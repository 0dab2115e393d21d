"""What derived series take over from their source, module by module.

A derived object is built anew: only what stands in these tables is carried over, and only where it
is valid. So private attributes, and attributes that the NM IOD has no place for, never get
into the output.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = [
    "CARRIED",
    "DETECTOR_ITEM",
    "EMPTY_IF_UNKNOWN",
    "IDENTITY",
    "ITEM_ATTRIBUTES",
    "REPAIRS",
    "ROTATION_ITEM_REQUIRED",
    "Repair",
]

IDENTITY = ("PatientName", "PatientID", "PatientBirthDate", "PatientSex", "AccessionNumber")
"""Carried over untouched, even if invalid: a changed identity files the study under another."""

CARRIED = {
    "Patient (C.7.1.1)": (
        *IDENTITY[:4],
        "IssuerOfPatientID",
        "PatientBirthTime",
        "EthnicGroup",
        "PatientComments",
        "PatientIdentityRemoved",
        "DeidentificationMethod",
        "DeidentificationMethodCodeSequence",
    ),
    "General Study (C.7.2.1)": (
        "StudyInstanceUID",
        "StudyDate",
        "StudyTime",
        "ReferringPhysicianName",
        "StudyID",
        IDENTITY[4],
        "StudyDescription",
        "ProcedureCodeSequence",
    ),
    "Patient Study (C.7.2.2)": ("PatientAge", "PatientSize", "PatientWeight"),
    "General Series (C.7.3.1)": ("ProtocolName", "BodyPartExamined"),
    "Frame of Reference (C.7.4.1)": ("FrameOfReferenceUID", "PositionReferenceIndicator"),
    "General Equipment (C.7.5.1)": ("InstitutionName",),
    "General Image (C.7.6.1)": ("AcquisitionDate", "AcquisitionTime", "ImageID"),
    "NM Image (C.8.4.9)": ("CountsAccumulated",),
    "NM Isotope (C.8.4.10)": (
        "EnergyWindowInformationSequence",
        "RadiopharmaceuticalInformationSequence",
        "InterventionDrugInformationSequence",
    ),
    "NM Reconstruction (C.8.4.15)": ("ConvolutionKernel",),
    "Acquisition Context (C.7.6.14)": ("AcquisitionContextSequence",),
}
"""Attributes by the module of PS3.3 that they belong to."""

EMPTY_IF_UNKNOWN = (
    *IDENTITY,
    "StudyDate",
    "StudyTime",
    "ReferringPhysicianName",
    "StudyID",
    "PositionReferenceIndicator",
    "CountsAccumulated",
    "EnergyWindowInformationSequence",
    "RadiopharmaceuticalInformationSequence",
    "AcquisitionContextSequence",
)
"""Type 2 attributes: present, empty where the source says nothing."""

CODE_ITEM = ("CodeValue", "CodingSchemeDesignator", "CodingSchemeVersion", "CodeMeaning")

ITEM_ATTRIBUTES: dict[str, tuple[str, ...]] = {
    "EnergyWindowInformationSequence": ("EnergyWindowName", "EnergyWindowRangeSequence"),
    "EnergyWindowRangeSequence": ("EnergyWindowLowerLimit", "EnergyWindowUpperLimit"),
    "RadiopharmaceuticalInformationSequence": (
        "RadionuclideCodeSequence",
        "RadiopharmaceuticalRoute",
        "AdministrationRouteCodeSequence",
        "RadiopharmaceuticalVolume",
        "RadiopharmaceuticalStartTime",
        "RadiopharmaceuticalStopTime",
        "RadionuclideTotalDose",
        "Radiopharmaceutical",
        "RadiopharmaceuticalCodeSequence",
    ),
    "InterventionDrugInformationSequence": (
        "InterventionDrugName",
        "InterventionDrugCodeSequence",
        "InterventionDrugStartTime",
        "InterventionDrugStopTime",
        "InterventionDrugDose",
    ),
    "AcquisitionContextSequence": (
        "ValueType",
        "ConceptNameCodeSequence",
        "ConceptCodeSequence",
        "NumericValue",
        "MeasurementUnitsCodeSequence",
        "TextValue",
        "Date",
        "Time",
        "PersonName",
    ),
}
"""Attributes kept inside each sequence; any other sequence holds codes."""

KEPT_EMPTY = ("RadionuclideCodeSequence",)
"""Type 2 sequences inside items."""

DETECTOR_ITEM = ("CollimatorGridName", "CollimatorType")
"""Kept of the first item of Detector Information Sequence (C.8.4.11)."""

ROTATION_ITEM_REQUIRED = (
    "StartAngle",
    "AngularStep",
    "RotationDirection",
    "ScanArc",
    "ActualFrameDuration",
    "NumberOfFramesInRotation",
)
"""Type 1 attributes of Rotation Information Sequence (C.8.4.12)."""


@dataclass(frozen=True)
class Repair:
    """One thing in a source that is not taken over as it stands."""

    attribute: str
    found: str
    written: str


REPAIRS = (
    Repair(
        "Patient Position (0018,5100)",
        "beside Patient Orientation Code Sequence, which PS3.3 C.7.3.1 forbids",
        "dropped; spelled in Patient Orientation and Patient Gantry Relationship codes",
    ),
    Repair(
        "Patient Orientation, Modifier and Gantry Relationship codes",
        "retired SRT codes, or none but a Patient Position",
        "the SCT codes of CID 19, 20 and 21",
    ),
    Repair(
        "Number of Rotations (0054,0051)",
        "missing",
        "1, as PS3.3 C.8.4.8 has it for reconstructions",
    ),
    Repair(
        "Actual Frame Duration (0018,1242)",
        "beside the frames, where it belongs to planar images",
        "dropped there; kept inside Rotation Information Sequence",
    ),
    Repair(
        "Rotation Information Sequence (0054,0052)",
        "an item without all its required attributes",
        "without items; kept if complete",
    ),
    Repair(
        "Administration Route Code, Intervention Drug Information and other optional sequences",
        "present without items",
        "dropped",
    ),
    Repair(
        "Image Position and Orientation (Patient), Spacing Between Slices",
        "of the source; negative spacing in many files",
        "of the slices, spacing positive, inside Detector Information Sequence",
    ),
    Repair(
        "Items of code and context sequences",
        "without the attributes that make them a code or a statement",
        "dropped",
    ),
    Repair(
        "De-identification Method (0012,0063)",
        "Patient Identity Removed is YES, and nothing says how",
        "Not recorded in the source",
    ),
    Repair(
        "Series Description (0008,103E)",
        "names the patient, holds control characters, or is too long",
        "the view and condition alone, or shortened",
    ),
    Repair(
        "Energy Window Information Sequence (0054,0012)",
        "missing in a PET source",
        "one window named 511 keV, without limits",
    ),
    Repair(
        "Counts and windows per frame, private attributes, attributes of no NM module",
        "of the source's frames, or of its manufacturer",
        "dropped",
    ),
    Repair(
        "Any attribute with a value that its type does not allow",
        "invalid characters, length or number",
        "dropped, or left empty where it must be present; identity attributes are never changed",
    ),
)
"""What is repaired or dropped, for people who wonder where an attribute went."""
