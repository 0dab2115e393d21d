"""What derived series take over from their source, module by module.

A derived object is built anew: only what stands in these tables is carried over, and only where it
is valid. So private attributes, and attributes that the NM IOD has no place for, never get
into the output.
"""

from __future__ import annotations

__all__ = [
    "CARRIED",
    "DETECTOR_ITEM",
    "EMPTY_IF_UNKNOWN",
    "IDENTITY",
    "ITEM_ATTRIBUTES",
    "REQUIRED_WITH",
    "ROTATION_ITEM_REQUIRED",
    "UNCHECKED",
]

IDENTITY = (
    "PatientName",
    "PatientID",
    "PatientBirthDate",
    "PatientSex",
    "AccessionNumber",
    "StudyInstanceUID",
)
"""Carried over untouched, even if invalid: a changed identity files the study under another."""

UNCHECKED = (*IDENTITY, "FrameOfReferenceUID")
"""What stays as it is; only an empty or unusable UID is replaced (`is_usable_uid`)."""

CARRIED = {
    "Patient (C.7.1.1)": (
        *IDENTITY[:4],
        "IssuerOfPatientID",
        "IssuerOfPatientIDQualifiersSequence",
        "PatientBirthTime",
        "EthnicGroup",
        "PatientComments",
        "PatientIdentityRemoved",
        "DeidentificationMethod",
        "DeidentificationMethodCodeSequence",
    ),
    "Clinical Trial Subject (C.7.1.3)": (
        "ClinicalTrialSponsorName",
        "ClinicalTrialProtocolID",
        "ClinicalTrialProtocolName",
        "ClinicalTrialSiteID",
        "ClinicalTrialSiteName",
        "ClinicalTrialSubjectID",
        "ClinicalTrialSubjectReadingID",
        "ClinicalTrialProtocolEthicsCommitteeName",
        "ClinicalTrialProtocolEthicsCommitteeApprovalNumber",
    ),
    "General Study (C.7.2.1)": (
        "StudyInstanceUID",
        "StudyDate",
        "StudyTime",
        "ReferringPhysicianName",
        "StudyID",
        IDENTITY[4],
        "IssuerOfAccessionNumberSequence",
        "StudyDescription",
        "ProcedureCodeSequence",
    ),
    "Patient Study (C.7.2.2)": ("PatientAge", "PatientSize", "PatientWeight"),
    "Clinical Trial Study (C.7.2.3)": (
        "ClinicalTrialTimePointID",
        "ClinicalTrialTimePointDescription",
    ),
    "General Series (C.7.3.1)": ("ProtocolName", "BodyPartExamined"),
    "Frame of Reference (C.7.4.1)": ("FrameOfReferenceUID", "PositionReferenceIndicator"),
    "General Equipment (C.7.5.1)": ("InstitutionName",),
    "General Image (C.7.6.1)": ("AcquisitionDate", "AcquisitionTime", "ImageID"),
    "NM Image (C.8.4.9), PET Series (C.8.9.1)": ("CorrectedImage",),
    "NM Isotope (C.8.4.10)": (
        "EnergyWindowInformationSequence",
        "RadiopharmaceuticalInformationSequence",
        "InterventionDrugInformationSequence",
    ),
    "NM Reconstruction (C.8.4.15)": ("ConvolutionKernel",),
    "Acquisition Context (C.7.6.14)": ("AcquisitionContextSequence",),
    "SOP Common (C.12.1)": (
        "TimezoneOffsetFromUTC",
        "LongitudinalTemporalInformationModified",
    ),
}
"""Attributes by the module of PS3.3 that they belong to."""

REQUIRED_WITH = {
    "Clinical Trial Subject (C.7.1.3)": (
        "ClinicalTrialProtocolName",
        "ClinicalTrialSiteID",
        "ClinicalTrialSiteName",
    ),
    "Clinical Trial Study (C.7.2.3)": ("ClinicalTrialTimePointID",),
}
"""Type 2 attributes of modules that an object may lack altogether."""

EMPTY_IF_UNKNOWN = (
    *IDENTITY,
    "StudyDate",
    "StudyTime",
    "ReferringPhysicianName",
    "StudyID",
    "PositionReferenceIndicator",
    "EnergyWindowInformationSequence",
    "RadiopharmaceuticalInformationSequence",
    "AcquisitionContextSequence",
)
"""Type 2 attributes: present, empty where the source says nothing."""

CODE_ITEM = ("CodeValue", "CodingSchemeDesignator", "CodingSchemeVersion", "CodeMeaning")

ISSUER_ITEM = ("LocalNamespaceEntityID", "UniversalEntityID", "UniversalEntityIDType")
"""HL7v2 Hierarchic Designator (PS3.3 10.17)."""

ITEM_ATTRIBUTES: dict[str, tuple[str, ...]] = {
    "IssuerOfAccessionNumberSequence": ISSUER_ITEM,
    "IssuerOfPatientIDQualifiersSequence": (
        *ISSUER_ITEM[1:],
        "IdentifierTypeCode",
        "AssigningFacilitySequence",
        "AssigningJurisdictionCodeSequence",
        "AssigningAgencyOrDepartmentCodeSequence",
    ),
    "AssigningFacilitySequence": ISSUER_ITEM,
    "ContributingEquipmentSequence": (
        "PurposeOfReferenceCodeSequence",
        "Manufacturer",
        "InstitutionName",
        "InstitutionalDepartmentName",
        "StationName",
        "ManufacturerModelName",
        "DeviceSerialNumber",
        "SoftwareVersions",
        "ContributionDateTime",
        "ContributionDescription",
    ),
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
