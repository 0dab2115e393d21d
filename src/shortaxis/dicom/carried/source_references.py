"""References to the objects that something was made from."""

from __future__ import annotations

from collections.abc import Iterable

from pydicom import Dataset

from shortaxis.dicom.carried.source_header import SourceHeader
from shortaxis.dicom.elements.attributes import text_of
from shortaxis.dicom.elements.code_items import code_item
from shortaxis.dicom.elements.uids import is_usable_uid

__all__ = [
    "add_common_references",
    "instance_item",
    "referenced_studies",
    "source_images",
    "usable_instances",
]


def usable_instances(headers: Iterable[SourceHeader]) -> list[tuple[str, str]]:
    """SOP class and instance of every source object that can be referred to, each once."""
    found = (
        (sop_class, instance)
        for header in headers
        for sop_class, instance in header.instances
        if is_usable_uid(sop_class) and is_usable_uid(instance)
    )
    return list(dict.fromkeys(found))


def instance_item(sop_class: str, instance: str) -> Dataset:
    """SOP Instance Reference Macro (PS3.3 10.8)."""
    item = Dataset()
    item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = sop_class, instance
    return item


def source_images(headers: Iterable[SourceHeader]) -> list[Dataset]:
    """Items of Source Image Sequence (C.7.6.1, C.12.4)."""
    items = [instance_item(*each) for each in usable_instances(headers)]
    for item in items:
        # CID 7202 Source Image Purpose of Reference.
        purpose = code_item("121322", "DCM", "Source image for image processing operation")
        item.PurposeOfReferenceCodeSequence = [purpose]
    return items


def add_common_references(dataset: Dataset, headers: Iterable[SourceHeader]) -> None:
    """Tell in which series and studies the sources are: Common Instance Reference (C.12.2)."""
    studies = referenced_studies(headers, "ReferencedInstanceSequence")
    own = [each for each in studies if each.StudyInstanceUID == dataset.StudyInstanceUID]
    other = [each for each in studies if each.StudyInstanceUID != dataset.StudyInstanceUID]
    if own:
        dataset.ReferencedSeriesSequence = own[0].ReferencedSeriesSequence
    if other:
        dataset.StudiesContainingOtherReferencedInstancesSequence = other


def referenced_studies(headers: Iterable[SourceHeader], instances: str) -> list[Dataset]:
    """One item a study, in it the series, in those the sequence `instances` (C.12.2, C.17.2.1).

    Sources whose study or series has no usable UID are left out.
    """
    found: dict[str, dict[str, list[SourceHeader]]] = {}
    for header in headers:
        study = text_of(header.dataset, "StudyInstanceUID")
        series = text_of(header.dataset, "SeriesInstanceUID")
        if is_usable_uid(study) and is_usable_uid(series) and usable_instances([header]):
            found.setdefault(study, {}).setdefault(series, []).append(header)
    return [_study_item(study, series, instances) for study, series in found.items()]


def _study_item(study: str, series: dict[str, list[SourceHeader]], instances: str) -> Dataset:
    item = Dataset()
    item.StudyInstanceUID = study
    item.ReferencedSeriesSequence = [_series_item(*each, instances) for each in series.items()]
    return item


def _series_item(series: str, headers: list[SourceHeader], instances: str) -> Dataset:
    item = Dataset()
    item.SeriesInstanceUID = series
    setattr(item, instances, [instance_item(*each) for each in usable_instances(headers)])
    return item
