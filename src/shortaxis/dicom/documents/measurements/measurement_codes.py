"""Codes of the measurement report: those of DICOM, SNOMED CT and UCUM, and a few of its own.

PS3.16 has no codes of segment scores, summed scores, total perfusion deficit or scar burden. LOINC
has some for SPECT only; those that we could read stand beside the private ones.
"""

from __future__ import annotations

from pydicom import Dataset

from shortaxis.dicom.carried.equipment import SOFTWARE
from shortaxis.dicom.documents.measurements.content_items import Code
from shortaxis.dicom.elements.code_items import OWN_SCHEME as OWN
from shortaxis.spect.study import StudyCondition

TITLES: dict[str, Code] = {
    "NM": ("126000", "DCM", "Imaging Measurement Report"),
    "PT": ("126003", "DCM", "PET Measurement Report"),
}
"""By modality; CID 7021 Measurement Report Document Title."""

LANGUAGE: Code = ("121049", "DCM", "Language of Content Item and Descendants")
ENGLISH: Code = ("en", "RFC5646", "English")
OBSERVER_TYPE: Code = ("121005", "DCM", "Observer Type")
DEVICE: Code = ("121007", "DCM", "Device")
DEVICE_UID: Code = ("121012", "DCM", "Device Observer UID")
DEVICE_NAME: Code = ("121013", "DCM", "Device Observer Name")
PROCEDURE_REPORTED: Code = ("121058", "DCM", "Procedure reported")
IMAGING_MEASUREMENTS: Code = ("126010", "DCM", "Imaging Measurements")
MEASUREMENT_GROUP: Code = ("125007", "DCM", "Measurement Group")
TRACKING_IDENTIFIER: Code = ("112039", "DCM", "Tracking Identifier")
IMAGE_REGION: Code = ("111030", "DCM", "Image Region")
TRACKING_UID: Code = ("112040", "DCM", "Tracking Unique Identifier")
FINDING_SITE: Code = ("363698007", "SCT", "Finding Site")
METHOD: Code = ("370129005", "SCT", "Measurement Method")
DERIVATION: Code = ("121401", "DCM", "Derivation")
COMMENT: Code = ("121106", "DCM", "Comment")
CONCLUSION: Code = ("121077", "DCM", "Conclusion")
"""Concepts of TID 1500, 1501, 1410, 300, 1204 and 1004."""

PROCEDURES: dict[str, Code] = {
    "NM": ("252432008", "SCT", "Radionuclide myocardial perfusion study"),
    "PT": ("241439007", "SCT", "PET heart study"),
}
"""By modality; CID 3757 and CID 3108."""

PATIENT_STATE: Code = ("109054", "DCM", "Patient State")
CONDITIONS: dict[StudyCondition, Code] = {
    StudyCondition.STRESS: ("432655005", "SCT", "Cardiac Stress State"),
    StudyCondition.REST: ("128975004", "SCT", "Resting State"),
}
"""CID 3101 Cardiac Procedural State Value."""

LEFT_VENTRICLE: Code = ("87878005", "SCT", "Left ventricle")
PERFUSION: Code = ("251053005", "SCT", "Myocardial perfusion")
LENGTH: Code = ("410668003", "SCT", "Length")
MEAN: Code = ("373098007", "SCT", "Mean")
PERCENT: Code = ("%", "UCUM", "Percent")
MILLIMETRE: Code = ("mm", "UCUM", "mm")
NO_UNIT: Code = ("1", "UCUM", "no units")
SCORE: Code = ("{score}", "UCUM", "score")
"""The unit of LOINC's scores. OHIF shows of a value of 0 its unit alone: a score of 0 with the unit
1 reads as a score of 1."""

RELATIVE_UPTAKE: Code = ("UPTAKE", OWN, "Uptake relative to the 100 percent counts")
FIXED_BANDS: Code = ("FIXED_BANDS", OWN, "By fixed bands of uptake")
NORMAL_LIMITS: Code = ("NORMAL_LIMITS", OWN, "By normal limits")
SEGMENT_SCORE: Code = ("SCORE", OWN, "Segment score, 0 normal to 4 absent")
SUMMED_SCORES: dict[StudyCondition, Code] = {
    StudyCondition.STRESS: ("SSS", OWN, "Summed stress score, 17 segments"),
    StudyCondition.REST: ("SRS", OWN, "Summed rest score, 17 segments"),
    StudyCondition.UNKNOWN: ("SUMMED_SCORE", OWN, "Summed score, 17 segments"),
}
SUMMED_DIFFERENCE_SCORE: Code = ("SDS", OWN, "Summed difference score, 17 segments")
SPECT_DIFFERENCE_SCORE: Code = (
    "82644-6",
    "LN",
    "Summed difference score for 17 segment model Myocardium SPECT",
)
SPECT_STRESS_PERCENT: Code = ("82648-7", "LN", "Summed stress score Myocardium SPECT")
SPECT_DIFFERENCE_PERCENT: Code = ("82650-3", "LN", "Summed difference score Myocardium SPECT")
FINDING: Code = ("121071", "DCM", "Finding")
SPECT_PANEL: Code = ("82654-5", "LN", "Cardiac nuclear imaging SPECT panel")
"""Of LOINC, for SPECT alone: the last one is the panel that the others belong to. Those called
summed scores without a number of segments are, by their formula, the sum in per cent of the highest
possible one."""
POSITIONS_SUMMED: Code = (
    "BOTH_POSITIONS",
    OWN,
    "Summed score of what is abnormal in both positions",
)
POSITIONS_DEFICIT: Code = ("BOTH_TPD", OWN, "Total perfusion deficit in both positions")
"""Of two positions of the patient, such as supine and prone."""
TRANSIENT_DILATION: Code = (
    "428832008",
    "SCT",
    "Transient ischemic dilatation ratio of left ventricular cavity",
)
TOTAL_PERFUSION_DEFICIT: Code = ("TPD", OWN, "Total perfusion deficit")
EXTENT: Code = ("427751006", "SCT", "Extent of cardiac perfusion defect")
SCAR_BURDEN: Code = ("SCAR_BURDEN", OWN, "Abnormal wall below half of the normal part")
"""By normal limits, all three."""
LESS_THAN_BEFORE: Code = ("CHANGE_LESS", OWN, "Deficit of less uptake than in the earlier exam")
MORE_THAN_BEFORE: Code = ("CHANGE_MORE", OWN, "Deficit of more uptake than in the earlier exam")
CHANGE_OF_UPTAKE: Code = ("CHANGE", OWN, "Uptake less that of the earlier exam, of normal")
DAYS_BEFORE: Code = ("DAYS_BEFORE", OWN, "Days from the earlier exam to this one")
DAY: Code = ("d", "UCUM", "day")
"""What changed since an earlier exam: the standard has words for such findings, and no numbers."""


MILLILITRE: Code = ("ml", "UCUM", "ml")
GRAM: Code = ("g", "UCUM", "g")
DEGREE: Code = ("deg", "UCUM", "Degree")
EJECTION_FRACTION: Code = ("70822001", "SCT", "Cardiac ejection fraction")
END_DIASTOLIC_VOLUME: Code = ("8821-1", "LN", "Left Ventricular ED Volume")
END_SYSTOLIC_VOLUME: Code = ("8823-7", "LN", "Left Ventricular ES Volume")
STROKE_VOLUME: Code = ("90096001", "SCT", "Stroke Volume")
MASS: Code = ("18087-7", "LN", "Left Ventricle Mass")
"""CID 3468, 3469 and 12200; LOINC names ejection fractions in CID 3467 by how they were measured,
and none is of nuclear medicine."""
EJECTION_FRACTION_CHANGE: Code = (
    "EF_CHANGE",
    OWN,
    "Ejection fraction under stress minus that at rest, points",
)
END_DIASTOLIC_DILATION: Code = ("TID_ED", OWN, "Stress over rest end-diastolic volume")
SUMMED_MOTION_SCORE: Code = ("SMS", OWN, "Summed motion score, 17 segments, 0 normal to 5")
SUMMED_THICKENING_SCORE: Code = ("STS", OWN, "Summed thickening score, 17 segments, 0 normal to 3")
SPHERICITY: Code = (
    "SPHERICITY",
    OWN,
    "Diameter over length of the left ventricle, end-diastole",
)
ECCENTRICITY: Code = ("ECCENTRICITY", OWN, "Eccentricity of the left ventricle, end-diastole")
PHASE_SD: Code = ("PHASE_SD", OWN, "Standard deviation of the phases of contraction")


def own_scheme() -> Dataset:
    """Item of Coding Scheme Identification Sequence (C.12.1) for the codes of our own."""
    item = Dataset()
    item.CodingSchemeDesignator = OWN
    item.CodingSchemeName = f"{SOFTWARE} measurements"
    item.CodingSchemeResponsibleOrganization = SOFTWARE
    return item
