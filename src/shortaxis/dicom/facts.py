"""Facts of a study that are not geometry, from its header."""

from __future__ import annotations

from collections.abc import Sequence

from pydicom import Dataset

from shortaxis.dicom.attributes import code_values, items_of, text_of
from shortaxis.dicom.condition import condition_of
from shortaxis.dicom.vocabulary import FACING_CODES, HEAD_OR_FEET_CODES
from shortaxis.spect.study import AcquisitionFacts, Modality

__all__ = ["facts_of"]


def facts_of(datasets: Sequence[Dataset], modality: Modality) -> AcquisitionFacts:
    """Facts of one series; what concerns all its objects is taken from the first."""
    first = datasets[0]
    condition, evidence = condition_of(first)
    return AcquisitionFacts(
        modality=modality,
        condition=condition,
        condition_evidence=evidence,
        series_description=text_of(first, "SeriesDescription"),
        series_instance_uid=text_of(first, "SeriesInstanceUID"),
        sop_instance_uids=tuple(text_of(dataset, "SOPInstanceUID") for dataset in datasets),
        study_instance_uid=text_of(first, "StudyInstanceUID"),
        frame_of_reference_uid=text_of(first, "FrameOfReferenceUID"),
        tracer=_tracer(first),
        camera=_camera(first),
        patient_position=_patient_position(first),
    )


def _tracer(dataset: Dataset) -> str:
    """The most precise name there is, from the drug down to the energy window."""
    names: list[str] = []
    for item in items_of(dataset, "RadiopharmaceuticalInformationSequence"):
        names += [meaning for _, meaning in code_values(item, "RadiopharmaceuticalCodeSequence")]
        names.append(text_of(item, "Radiopharmaceutical"))
        names += [meaning for _, meaning in code_values(item, "RadionuclideCodeSequence")]
    for window in items_of(dataset, "EnergyWindowInformationSequence"):
        names.append(text_of(window, "EnergyWindowName"))
    return next((name for name in names if name), "")


def _camera(dataset: Dataset) -> str:
    maker, model = text_of(dataset, "Manufacturer"), text_of(dataset, "ManufacturerModelName")
    if model.lower().startswith(maker.lower()):
        return model or maker
    return f"{maker} {model}".strip()


def _patient_position(dataset: Dataset) -> str:
    """HFS, FFS, HFP, FFP, from the attribute or else from the codes (PS3.3 C.8.4.6).

    Image Position and Orientation are relative to the patient, so nothing is turned by it.
    """
    position = text_of(dataset, "PatientPosition").upper()
    if position:
        return position
    entry = [value for value, _ in code_values(dataset, "PatientGantryRelationshipCodeSequence")]
    facing = [
        value
        for item in items_of(dataset, "PatientOrientationCodeSequence")
        for value, _ in code_values(item, "PatientOrientationModifierCodeSequence")
    ]
    first = HEAD_OR_FEET_CODES.get(entry[0], "") if entry else ""
    last = FACING_CODES.get(facing[0], "") if facing else ""
    return first + last if first and last else ""
