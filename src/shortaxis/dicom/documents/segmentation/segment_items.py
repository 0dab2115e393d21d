"""Items of Segment Sequence: what each segment is, and what drew it (PS3.3 C.8.20.2)."""

from __future__ import annotations

import numpy as np
from pydicom import Dataset

from shortaxis.dicom.carried.equipment import SOFTWARE
from shortaxis.dicom.documents.measurements.content_items import Code
from shortaxis.dicom.documents.segmentation.masks import Mask, Segmentation
from shortaxis.dicom.elements.code_items import code_item
from shortaxis.dicom.elements.wording import printable_ascii

__all__ = ["segment_items"]

ANATOMICAL_STRUCTURE: Code = ("91723000", "SCT", "Anatomical Structure")
"""Of CID 7150 Segmentation Property Category."""

ARTIFICIAL_INTELLIGENCE: Code = ("123110", "DCM", "Artificial Intelligence")
"""Of CID 7162 Surface Processing Algorithm Family."""

MAX_NAME_LENGTH = 64


def segment_items(segmentation: Segmentation, software_version: str) -> list[Dataset]:
    """One item a mask, numbered from 1 without a gap."""
    return [
        _item(number, mask, segmentation, software_version)
        for number, mask in enumerate(segmentation.masks, start=1)
    ]


def _item(number: int, mask: Mask, segmentation: Segmentation, software_version: str) -> Dataset:
    item = Dataset()
    item.SegmentNumber, item.SegmentLabel = number, mask.name
    item.SegmentAlgorithmType = "SEMIAUTOMATIC" if segmentation.is_set_by_hand else "AUTOMATIC"
    item.SegmentAlgorithmName = printable_ascii(segmentation.algorithm)[:MAX_NAME_LENGTH]
    item.SegmentedPropertyCategoryCodeSequence = [code_item(*ANATOMICAL_STRUCTURE)]
    item.SegmentedPropertyTypeCodeSequence = [code_item(*mask.structure)]
    if mask.region is not None:
        item.AnatomicRegionSequence = [code_item(*mask.region)]
    item.RecommendedDisplayCIELabValue = _stored_lab(mask.lab)
    if segmentation.is_learnt:
        item.SegmentationAlgorithmIdentificationSequence = [
            _learnt(item.SegmentAlgorithmName, software_version)
        ]
    return item


def _learnt(name: str, software_version: str) -> Dataset:
    """Algorithm Identification Macro (PS3.3 10.16)."""
    item = Dataset()
    item.AlgorithmFamilyCodeSequence = [code_item(*ARTIFICIAL_INTELLIGENCE)]
    item.AlgorithmName, item.AlgorithmVersion = name, software_version
    item.AlgorithmSource = SOFTWARE
    return item


def _stored_lab(lab: tuple[float, float, float]) -> list[int]:
    """L*a*b* as PS3.3 C.10.7.1.1 stores it.

    Examples
    --------
    >>> _stored_lab((100, 0, -128))
    [65535, 32896, 0]
    """
    lightness, *sides = lab
    stored = [lightness / 100, *((side + 128) / 255 for side in sides)]
    return [int(value) for value in np.round(np.multiply(stored, 65535))]
