"""What equipment contributed to the slices (PS3.3 C.12.1)."""

from __future__ import annotations

from datetime import datetime

from pydicom import Dataset

from shortaxis.dicom.carried.modules.carrying import carry, carry_item
from shortaxis.dicom.elements.attributes import text_of, texts_of
from shortaxis.dicom.elements.code_items import code_item

__all__ = ["SOFTWARE", "add_equipment"]

SOFTWARE = "ShortAxis"

CONTRIBUTING = "ContributingEquipmentSequence"

OWN_EQUIPMENT = ("Manufacturer", "ManufacturerModelName", "StationName", "SoftwareVersions")

ACQUISITION = ("109101", "DCM", "Acquisition Equipment")
PROCESSING = ("109102", "DCM", "Processing Equipment")
"""Of CID 7005 Contributing Equipment Purposes of Reference."""


def add_equipment(
    dataset: Dataset, source: Dataset, software_version: str, contribution: str, now: datetime
) -> None:
    """Name the software as what made the object; before it all that contributed, in order.

    These are the contributors that the source names, then what made the source itself: the
    camera if its image is an original, else whatever processed it. `contribution` says what the
    software did, with the weights that it used.
    """
    dataset.Manufacturer = dataset.ManufacturerModelName = SOFTWARE
    dataset.SoftwareVersions = software_version
    carry(source, dataset, [CONTRIBUTING])
    contributors = list(dataset.get(CONTRIBUTING) or [])
    own = carry_item(source, OWN_EQUIPMENT)
    if "Manufacturer" in own and not (contributors and _is_same(contributors[-1], own)):
        is_original = texts_of(source, "ImageType")[:1] == ["ORIGINAL"]
        own.PurposeOfReferenceCodeSequence = [
            code_item(*(ACQUISITION if is_original else PROCESSING))
        ]
        contributors.append(own)
    software = _software(software_version, contribution, now)
    dataset.ContributingEquipmentSequence = [*contributors, software]


def _is_same(one: Dataset, other: Dataset) -> bool:
    keywords = ("Manufacturer", "ManufacturerModelName", "SoftwareVersions")
    return all(text_of(one, keyword) == text_of(other, keyword) for keyword in keywords)


def _software(version: str, contribution: str, now: datetime) -> Dataset:
    software = Dataset()
    software.Manufacturer = software.ManufacturerModelName = SOFTWARE
    software.SoftwareVersions = version
    software.ContributionDateTime = f"{now:%Y%m%d%H%M%S}"
    software.ContributionDescription = contribution
    software.PurposeOfReferenceCodeSequence = [code_item(*PROCESSING)]
    return software
