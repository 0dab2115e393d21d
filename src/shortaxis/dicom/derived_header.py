"""Everything of a derived object but its geometry, frames and counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pydicom import Dataset
from pydicom.uid import UID, NuclearMedicineImageStorage

from shortaxis.anatomy.cardiac_views import CardiacView
from shortaxis.dicom.attributes import code_values, text_of
from shortaxis.dicom.carried_attributes import CARRIED, DETECTOR_ITEM, ROTATION_ITEM_REQUIRED
from shortaxis.dicom.carrying import carry, carry_item, first_item
from shortaxis.dicom.condition import condition_of
from shortaxis.dicom.modules_patient import detached
from shortaxis.dicom.source_header import SourceHeader
from shortaxis.dicom.uids import UidGenerator
from shortaxis.dicom.vocabulary import (
    FACING_CODES,
    FACING_MEANINGS,
    HEAD_OR_FEET_CODES,
    HEAD_OR_FEET_MEANINGS,
    VIEW_ABBREVIATIONS,
)
from shortaxis.errors import ShortAxisError
from shortaxis.geometry.pose import RigidPose
from shortaxis.spect.study import StudyCondition

__all__ = ["Derivation", "Stamp", "derived_header", "with_study_uids"]

SOFTWARE = "ShortAxis"

LONGEST = {"LO": 64, "ST": 1024}
"""Characters that a value may have (PS3.5 6.2)."""

LARGEST_SERIES_NUMBER = 2**31 - 1


@dataclass(frozen=True)
class Derivation:
    """How slices came about, in words for Derivation Description and Image Comments."""

    method: str
    pose: RigidPose
    roll: str
    quality_flag: str
    description: str
    software_version: str
    weights_name: str = ""
    weights_version: str = ""
    weights_sha256: str = ""

    def words(self, view: CardiacView) -> str:
        """One paragraph, without anything about the patient."""
        center = ", ".join(f"{value:.1f}" for value in self.pose.center_mm)
        sentences = [
            f"{view.title} slices by {SOFTWARE} {self.software_version}",
            f"pose by {self.method}, {self.roll} roll, centre ({center}) mm LPS",
            f"quality flag {self.quality_flag}",
        ]
        if self.weights_name:
            sentences.append(
                f"weights {self.weights_name} {self.weights_version}, SHA-256 {self.weights_sha256}"
            )
        return ". ".join([*sentences, self.description])


@dataclass(frozen=True)
class Stamp:
    """What makes an object new: its number (from 1), a source of UIDs, and the time."""

    number: int
    uids: UidGenerator
    now: datetime


def with_study_uids(header: SourceHeader | None, uids: UidGenerator) -> SourceHeader:
    """Return a header that names a study and a frame of reference, for all its views alike.

    A source without a header (NIfTI), or with invalid UIDs, gets new ones.
    """
    known = header or SourceHeader()
    dataset = detached(known.dataset)
    _complete_study_uids(dataset, uids)
    return SourceHeader(dataset, known.instances)


def derived_header(
    header: SourceHeader,
    derivation: Derivation,
    view: CardiacView,
    stamp: Stamp,
    *,
    is_gated: bool,
) -> Dataset:
    """Build patient, study, series, equipment, image, isotope, detector and context modules."""
    source = header.dataset
    dataset = Dataset()
    if text_of(source, "SpecificCharacterSet"):
        dataset.SpecificCharacterSet = source.SpecificCharacterSet
    for keywords in CARRIED.values():
        carry(source, dataset, keywords)
    _add_uids(dataset, stamp.uids)
    _add_series(dataset, source, view, is_gated=is_gated, number=stamp.number)
    _add_dates(dataset, stamp.now)
    _add_derivation(dataset, header, derivation, view, is_gated=is_gated)
    _add_equipment(dataset, source, derivation, stamp.now)
    _add_orientation_codes(dataset, source)
    _add_acquisition(dataset, source)
    return dataset


def _add_uids(dataset: Dataset, uids: UidGenerator) -> None:
    dataset.SOPClassUID = NuclearMedicineImageStorage
    dataset.SOPInstanceUID = uids()
    dataset.SeriesInstanceUID = uids()
    _complete_study_uids(dataset, uids)


def _complete_study_uids(dataset: Dataset, uids: UidGenerator) -> None:
    for keyword in ("StudyInstanceUID", "FrameOfReferenceUID"):
        if not UID(text_of(dataset, keyword)).is_valid:
            # A new element: assigning would change the one shared with the source.
            dataset.add_new(keyword, "UI", uids())


def _add_series(
    dataset: Dataset, source: Dataset, view: CardiacView, *, is_gated: bool, number: int
) -> None:
    dataset.Modality = "NM"
    condition, _ = condition_of(source)
    words = [SOFTWARE, VIEW_ABBREVIATIONS[view]]
    words += [] if condition is StudyCondition.UNKNOWN else [condition.value]
    words += ["gated"] if is_gated else []
    described = text_of(source, "SeriesDescription")
    name = " ".join(words) + (f": {described}" if described else "")
    dataset.SeriesDescription = name[: LONGEST["LO"]].replace("\\", "/")
    dataset.SeriesNumber = _series_number(source, number)
    dataset.InstanceNumber = 1
    dataset.BodyPartExamined = "HEART"


def _series_number(source: Dataset, number: int) -> int:
    """Hundredfold the number of the source, so that the views follow it in a list."""
    try:
        wanted = 100 * int(text_of(source, "SeriesNumber")) + number
    except ValueError:
        return number
    return wanted if abs(wanted) <= LARGEST_SERIES_NUMBER else number


def _add_dates(dataset: Dataset, now: datetime) -> None:
    for kind in ("Series", "Content", "InstanceCreation"):
        setattr(dataset, f"{kind}Date", f"{now:%Y%m%d}")
        setattr(dataset, f"{kind}Time", f"{now:%H%M%S}")


def _add_derivation(
    dataset: Dataset,
    header: SourceHeader,
    derivation: Derivation,
    view: CardiacView,
    *,
    is_gated: bool,
) -> None:
    kind = "RECON GATED TOMO" if is_gated else "RECON TOMO"
    dataset.ImageType = ["DERIVED", "PRIMARY", kind, "EMISSION"]
    dataset.DerivationDescription = derivation.words(view)[: LONGEST["ST"]]
    # CID 7203 Image Derivation.
    dataset.DerivationCodeSequence = [_code("113072", "DCM", "Multiplanar reformatting")]
    dataset.ImageComments = derivation.description
    dataset.BurnedInAnnotation = "NO"
    dataset.LossyImageCompression = "00"
    dataset.SourceImageSequence = [
        _source_image(sop_class, instance)
        for sop_class, instance in header.instances
        if UID(sop_class).is_valid and UID(instance).is_valid
    ]
    if not dataset.SourceImageSequence:
        del dataset.SourceImageSequence


def _source_image(sop_class: str, instance: str) -> Dataset:
    item = Dataset()
    item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = sop_class, instance
    # CID 7202 Source Image Purpose of Reference.
    purpose = _code("121322", "DCM", "Source image for image processing operation")
    item.PurposeOfReferenceCodeSequence = [purpose]
    return item


def _add_equipment(
    dataset: Dataset, source: Dataset, derivation: Derivation, now: datetime
) -> None:
    """Name the software as what made these objects, the camera as what contributed."""
    dataset.Manufacturer = dataset.ManufacturerModelName = SOFTWARE
    dataset.SoftwareVersions = derivation.software_version
    camera = carry_item(
        source, ("Manufacturer", "ManufacturerModelName", "StationName", "SoftwareVersions")
    )
    software = Dataset()
    software.Manufacturer = software.ManufacturerModelName = SOFTWARE
    software.SoftwareVersions = derivation.software_version
    software.ContributionDateTime = f"{now:%Y%m%d%H%M%S}"
    software.ContributionDescription = "Reorientation to the standard cardiac views"
    # CID 7005 Contributing Equipment.
    software.PurposeOfReferenceCodeSequence = [_code("109102", "DCM", "Processing Equipment")]
    dataset.ContributingEquipmentSequence = [software]
    if "Manufacturer" in camera:
        camera.PurposeOfReferenceCodeSequence = [_code("109101", "DCM", "Acquisition Equipment")]
        dataset.ContributingEquipmentSequence.insert(0, camera)


def _add_orientation_codes(dataset: Dataset, source: Dataset) -> None:
    """Add the NM/PET Patient Orientation module (C.8.4.6), in SCT codes."""
    lying = first_item(source, "PatientOrientationCodeSequence")
    position = text_of(source, "PatientPosition")
    facing = _letter(lying, "PatientOrientationModifierCodeSequence", FACING_CODES, position[2:3])
    toward = _letter(
        source, "PatientGantryRelationshipCodeSequence", HEAD_OR_FEET_CODES, position[:2]
    )
    dataset.PatientOrientationCodeSequence = []
    dataset.PatientGantryRelationshipCodeSequence = []
    if facing in FACING_MEANINGS:
        recumbent = _code("102538003", "SCT", "recumbent")
        recumbent.PatientOrientationModifierCodeSequence = [_code(*FACING_MEANINGS[facing])]
        dataset.PatientOrientationCodeSequence = [recumbent]
    if toward in HEAD_OR_FEET_MEANINGS:
        dataset.PatientGantryRelationshipCodeSequence = [_code(*HEAD_OR_FEET_MEANINGS[toward])]


def _letter(item: Dataset, keyword: str, letters: dict[str, str], otherwise: str) -> str:
    try:
        codes = code_values(item, keyword)
    except ShortAxisError:
        return otherwise
    known = [letters[value] for value, _ in codes if value in letters]
    return known[0] if known else otherwise


def _add_acquisition(dataset: Dataset, source: Dataset) -> None:
    detector = carry_item(first_item(source, "DetectorInformationSequence"), DETECTOR_ITEM)
    if "CollimatorType" not in detector:
        detector.CollimatorType = None
    dataset.DetectorInformationSequence = [detector]
    dataset.NumberOfDetectors = 1
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


def _code(value: str, designator: str, meaning: str) -> Dataset:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, designator, meaning
    return item
