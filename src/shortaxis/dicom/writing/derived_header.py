"""Everything of a derived object but its geometry, frames and counts."""

from __future__ import annotations

import re
from dataclasses import replace

from pydicom import Dataset
from pydicom.uid import NuclearMedicineImageStorage

from shortaxis.dicom.carried.equipment import SOFTWARE, add_equipment
from shortaxis.dicom.carried.modules.carried_attributes import (
    CARRIED,
    DETECTOR_ITEM,
    ROTATION_ITEM_REQUIRED,
)
from shortaxis.dicom.carried.modules.carrying import carry_item, first_item
from shortaxis.dicom.carried.modules.patient import detached, names_the_patient
from shortaxis.dicom.carried.pixel_history import carry_pixel_history
from shortaxis.dicom.carried.source_header import SourceHeader
from shortaxis.dicom.carried.source_references import source_images
from shortaxis.dicom.carried.stated.body_part import may_hold_the_heart
from shortaxis.dicom.carried.stated.condition import condition_of
from shortaxis.dicom.carried.stated.patient_orientation import carry_patient_orientation
from shortaxis.dicom.elements.attributes import text_of
from shortaxis.dicom.elements.code_items import code_item
from shortaxis.dicom.elements.part10 import quiet_pydicom
from shortaxis.dicom.elements.uids import UidGenerator
from shortaxis.dicom.writing.derivation import FLAGGED_CODE, SeriesWords, Stamp
from shortaxis.dicom.writing.object_header import (
    LONGEST,
    complete_uids,
    local_time,
    object_header,
)
from shortaxis.spect.study import StudyCondition

__all__ = ["OWN_WORDS", "derived_header", "with_study_uids"]

OWN_WORDS = rf"(REVIEW )?{SOFTWARE} [A-Z]{{2,3}}( [a-z]+)*"

OWN_NAME = re.compile(rf"({OWN_WORDS}(: |$))+")
"""What a series description of ours starts with; once is enough for slices of slices."""

TRANSAXIAL = re.compile(r"\b(trans)?axial\b|\btrans(verse|versal|v)?\b|\btrx\b", re.IGNORECASE)
"""Words of the source's description that would be wrong for the slices."""

STUDY_UIDS = ("StudyInstanceUID", "FrameOfReferenceUID")


def with_study_uids(header: SourceHeader | None, uids: UidGenerator) -> SourceHeader:
    """Return a header that names a study and a frame of reference, for all its views alike.

    A source without a header (NIfTI), or with UIDs that are empty or unusable, gets new ones.
    """
    known = header or SourceHeader()
    dataset = detached(known.dataset)
    with quiet_pydicom():
        complete_uids(dataset, uids, STUDY_UIDS)
    return replace(known, dataset=dataset)


def derived_header(
    header: SourceHeader,
    said: SeriesWords,
    stamp: Stamp,
    *,
    is_gated: bool,
) -> Dataset:
    """Build patient, study, series, equipment, image, isotope, detector and context modules."""
    source = header.dataset
    dataset = object_header(source, NuclearMedicineImageStorage, CARRIED, stamp)
    complete_uids(dataset, stamp.uids, STUDY_UIDS)
    now = local_time(dataset, stamp.now)
    _add_series(dataset, header, said, is_gated=is_gated)
    _add_derivation(dataset, header, said, is_gated=is_gated)
    add_equipment(dataset, source, said.software_version, said.contribution[: LONGEST["ST"]], now)
    carry_patient_orientation(source, dataset)
    _add_acquisition(dataset, source)
    return dataset


def _add_series(
    dataset: Dataset, header: SourceHeader, said: SeriesWords, *, is_gated: bool
) -> None:
    dataset.Modality = "NM"
    condition, _ = condition_of(header.dataset)
    words = ["REVIEW"] if said.is_flagged else []
    words += said.name
    words += [] if condition is StudyCondition.UNKNOWN else [condition.value]
    words += ["gated"] if is_gated else []
    words += said.run
    described = _described(header)
    name = " ".join(words) + (f": {described}" if described else "")
    dataset.SeriesDescription = name[: LONGEST["LO"]].replace("\\", "/")
    if may_hold_the_heart(text_of(header.dataset, "BodyPartExamined")):
        dataset.BodyPartExamined = "HEART"


def _described(header: SourceHeader) -> str:
    """What the source calls its series, after the name of the object where it holds several.

    The name comes first since what is too long is cut at the end.
    """
    source = header.dataset
    described = OWN_NAME.sub("", text_of(source, "SeriesDescription"))
    name = text_of(source, "ImageID") if header.has_siblings else ""
    if name in described or names_the_patient(name, source):
        name = ""
    return " ".join(TRANSAXIAL.sub(" ", f"{name} {described}").split())


def _add_derivation(
    dataset: Dataset, header: SourceHeader, said: SeriesWords, *, is_gated: bool
) -> None:
    kind = "RECON GATED TOMO" if is_gated else "RECON TOMO"
    dataset.ImageType = ["DERIVED", "PRIMARY", kind, "EMISSION"]
    dataset.DerivationDescription = said.description[: LONGEST["ST"]]
    dataset.DerivationCodeSequence = [code_item(*said.code)]
    if said.is_flagged:
        # Whoever de-identifies takes the words of the flag away, and leaves codes.
        dataset.DerivationCodeSequence.append(code_item(*FLAGGED_CODE))
    dataset.ImageComments = said.comments
    carry_pixel_history([header.dataset], dataset)
    sources = source_images([header])
    if sources:
        dataset.SourceImageSequence = sources


def _add_acquisition(dataset: Dataset, source: Dataset) -> None:
    detector = carry_item(first_item(source, "DetectorInformationSequence"), DETECTOR_ITEM)
    if "CollimatorType" not in detector:
        detector.CollimatorType = None
    dataset.DetectorInformationSequence = [detector]
    dataset.NumberOfDetectors = 1
    dataset.CountsAccumulated = None
    if not dataset.EnergyWindowInformationSequence:
        dataset.EnergyWindowInformationSequence = _pet_energy_windows(source)
    dataset.NumberOfEnergyWindows = max(len(dataset.EnergyWindowInformationSequence), 1)
    rotation = carry_item(
        first_item(source, "RotationInformationSequence"),
        (*ROTATION_ITEM_REQUIRED, "RadialPosition"),
    )
    is_complete = all(keyword in rotation for keyword in ROTATION_ITEM_REQUIRED)
    dataset.RotationInformationSequence = [rotation] if is_complete else []


def _pet_energy_windows(source: Dataset) -> list[Dataset]:
    """Wrap the Energy Window Range Sequence of a PET series (C.8.9.1) as NM has it."""
    limits = carry_item(
        first_item(source, "EnergyWindowRangeSequence"),
        ("EnergyWindowLowerLimit", "EnergyWindowUpperLimit"),
    )
    if not limits:
        return []
    window = Dataset()
    window.EnergyWindowRangeSequence = [limits]
    return [window]
