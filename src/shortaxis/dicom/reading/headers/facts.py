"""Facts of a study that are not geometry, from its header."""

from __future__ import annotations

from collections.abc import Sequence

from pydicom import Dataset

from shortaxis.dicom.carried.modules.patient import names_the_patient, without_the_patient
from shortaxis.dicom.carried.real_world_values import unit_of
from shortaxis.dicom.carried.stated.body_part import foreign_body_part
from shortaxis.dicom.carried.stated.condition import condition_of
from shortaxis.dicom.carried.stated.declared_view import declared_view
from shortaxis.dicom.carried.stated.map_names import named_attenuation_map
from shortaxis.dicom.carried.stated.patient_orientation import lying_of, patient_position_of
from shortaxis.dicom.elements.attributes import code_values, items_of, text_of, texts_of
from shortaxis.dicom.elements.vocabulary import (
    CORRECTED_WORDS,
    SERIES_TEXTS,
    UNCORRECTED_WORDS,
)
from shortaxis.dicom.elements.wording import words_in
from shortaxis.spect.camera_kinds import MULTI_PINHOLE, PARALLEL_HOLES, PET
from shortaxis.spect.nuclides import nuclide_named_in
from shortaxis.spect.study import AcquisitionFacts, Modality

__all__ = ["facts_of"]


def facts_of(datasets: Sequence[Dataset], modality: Modality) -> AcquisitionFacts:
    """Facts of one series; what concerns all its objects is taken from the first.

    People type into any text, so words that name the patient are left out of all of them.
    """
    first = datasets[0]
    condition, evidence = condition_of(first)
    names = _tracers(first)
    declared = declared_view(first)
    texts = [text_of(first, keyword) for keyword in TOLD]
    description, maker, model, *tracers = _without_the_patient([*texts, *names], first)
    return AcquisitionFacts(
        modality=modality,
        condition=condition,
        condition_evidence=evidence,
        series_description=description,
        series_instance_uid=text_of(first, "SeriesInstanceUID"),
        sop_instance_uids=tuple(text_of(dataset, "SOPInstanceUID") for dataset in datasets),
        study_instance_uid=text_of(first, "StudyInstanceUID"),
        frame_of_reference_uid=text_of(first, "FrameOfReferenceUID"),
        tracer=next(filter(None, tracers), ""),
        nuclide=next(filter(None, map(nuclide_named_in, tracers)), ""),
        camera=_camera(maker, model),
        camera_kind=_camera_kind(first, modality),
        patient_position=patient_position_of(first),
        lying=lying_of(first),
        units=(unit_of(first) or ("",))[0],
        foreign_body_part=foreign_body_part(first),
        attenuation_corrected=_attenuation_corrected(first),
        patient_sex=_patient_sex(first),
        declared_view=declared.evidence if declared else "",
        view_is_coded=bool(declared and declared.is_coded),
        named_attenuation_map=named_attenuation_map(first),
    )


TOLD = ("SeriesDescription", "Manufacturer", "ManufacturerModelName")
"""Texts that results tell, without the words that name the patient."""


def _without_the_patient(texts: Sequence[str], dataset: Dataset) -> list[str]:
    """Each text without such words; hardly any header has one, so all are searched at once."""
    if names_the_patient(" ".join(texts), dataset):
        return [without_the_patient(text, dataset) for text in texts]
    return [" ".join(text.split()) for text in texts]


def _camera_kind(dataset: Dataset, modality: Modality) -> str:
    """What forms the image: PET, or what Collimator Type (PS3.3 C.8.4.11) says of all heads."""
    if modality is Modality.PET:
        return PET
    places = (dataset, *items_of(dataset, "DetectorInformationSequence"))
    said = {text_of(place, "CollimatorType").upper() for place in places} - {""}
    return COLLIMATED.get(said.pop(), "") if len(said) == 1 else ""


COLLIMATED = {"PARA": PARALLEL_HOLES, "PINH": MULTI_PINHOLE}


def _patient_sex(dataset: Dataset) -> str:
    """Patient's Sex (0010,0040) by its defined terms (PS3.3 C.7.1.1); empty for anything else."""
    said = text_of(dataset, "PatientSex").upper()
    return said if said in SEXES else ""


SEXES = ("F", "M", "O")


def _attenuation_corrected(dataset: Dataset) -> bool | None:
    """By Corrected Image (PS3.3 C.8.4.9, C.8.9.1), else by the words of the series; else None."""
    named = [value.upper() for value in texts_of(dataset, "CorrectedImage")]
    if any(named):
        return "ATTN" in named
    words = {word for keyword in SERIES_TEXTS for word in words_in(text_of(dataset, keyword))}
    said = {
        corrected
        for corrected, known in ((True, CORRECTED_WORDS), (False, UNCORRECTED_WORDS))
        if words & known
    }
    return said.pop() if len(said) == 1 else None


def _tracers(dataset: Dataset) -> list[str]:
    """Names, the most precise first: from the drug down to the energy window."""
    names: list[str] = []
    for item in items_of(dataset, "RadiopharmaceuticalInformationSequence"):
        names += [meaning for _, meaning in code_values(item, "RadiopharmaceuticalCodeSequence")]
        names.append(text_of(item, "Radiopharmaceutical"))
        names += [meaning for _, meaning in code_values(item, "RadionuclideCodeSequence")]
    for window in items_of(dataset, "EnergyWindowInformationSequence"):
        names.append(text_of(window, "EnergyWindowName"))
    return names


def _camera(maker: str, model: str) -> str:
    if model.lower().startswith(maker.lower()):
        return model or maker
    return f"{maker} {model}".strip()
