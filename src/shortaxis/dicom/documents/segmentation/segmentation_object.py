"""Masks on the grid of a study as a Segmentation object (PS3.3 A.51), binary.

It lies in the patient by the frame of reference of its source, as slices derived from it do. NM
keeps position and orientation in Detector Information Sequence, where common libraries do not
look; here they stand in functional groups, so that nobody needs the source to place the masks.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pydicom import Dataset
from pydicom.uid import SegmentationStorage

from shortaxis.dicom.carried.pixel_history import carry_pixel_history
from shortaxis.dicom.carried.source_header import SourceHeader
from shortaxis.dicom.carried.source_references import add_common_references, source_images
from shortaxis.dicom.carried.stated.body_part import may_hold_the_heart
from shortaxis.dicom.documents.document_facts import DocumentFacts
from shortaxis.dicom.documents.document_header import all_sources, document_dataset
from shortaxis.dicom.documents.segmentation.frames import add_frames
from shortaxis.dicom.documents.segmentation.masks import Segmentation
from shortaxis.dicom.documents.segmentation.segment_items import segment_items
from shortaxis.dicom.documents.segmentation.source_frames import slice_places
from shortaxis.dicom.elements.attributes import text_of
from shortaxis.dicom.elements.part10 import quiet_pydicom, write_dataset
from shortaxis.dicom.elements.uids import IMPLEMENTATION_CLASS_UID
from shortaxis.dicom.writing.derivation import Stamp
from shortaxis.dicom.writing.object_header import LONGEST, complete_uids

__all__ = ["segmentation_dataset", "write_segmentation"]

CARRIED = (
    "FrameOfReferenceUID",
    "PositionReferenceIndicator",
    "ProtocolName",
    "BodyPartExamined",
)
"""Of Frame of Reference (C.7.4.1) and General Series (C.7.3.1)."""


def write_segmentation(
    path: Path,
    segmentation: Segmentation,
    header: SourceHeader,
    document: DocumentFacts,
    stamp: Stamp,
    slice_paths: Sequence[Path] | None = (),
) -> None:
    """Write masks as a Part 10 file in Explicit VR Little Endian.

    See `segmentation_dataset`. The file is there as a whole or not at all.
    """
    write_dataset(path, segmentation_dataset(segmentation, header, document, stamp, slice_paths))


def segmentation_dataset(
    segmentation: Segmentation,
    header: SourceHeader,
    document: DocumentFacts,
    stamp: Stamp,
    slice_paths: Sequence[Path] | None = (),
) -> Dataset:
    """Build the object.

    Parameters
    ----------
    segmentation : Segmentation
        Masks, on the grid of the source or any other one in its frame of reference.
    header : SourceHeader
        Header of the source whose study and frame of reference the object joins; an empty one gives
        new ones.
    document : DocumentFacts
        Title, description, flag, and the other sources.
    stamp : Stamp
        Number among the derived series of the source, new UIDs, date and time.
    slice_paths : sequence of Path, or None
        Files of a source that has one slice in each, as PET has, so that frames can name them. None
        names no frame: the source lies otherwise than its header says.
    """
    sources = all_sources(header, document)
    dataset = document_dataset(SegmentationStorage, header, document, stamp, CARRIED)
    with quiet_pydicom():
        complete_uids(dataset, stamp.uids, ("FrameOfReferenceUID",))
        _add_series(dataset, sources[0].dataset)
        _add_content(dataset, segmentation, document)
        carry_pixel_history([each.dataset for each in sources], dataset)
        # General Reference (C.12.4). Source Image Sequence at this level is read by viewers as one
        # item a frame, whatever it holds.
        instances = source_images(sources)
        if instances:
            dataset.SourceInstanceSequence = instances
        add_common_references(dataset, sources)
    slices = None if slice_paths is None else slice_places(slice_paths)
    add_frames(dataset, segmentation, sources[0], slices, stamp.uids())
    return dataset


def _add_series(dataset: Dataset, source: Dataset) -> None:
    dataset.Modality = "SEG"
    if may_hold_the_heart(text_of(source, "BodyPartExamined")):
        dataset.BodyPartExamined = "HEART"
    # Enhanced General Equipment (C.7.5.2) wants one of software, too.
    dataset.DeviceSerialNumber = IMPLEMENTATION_CLASS_UID


def _add_content(dataset: Dataset, segmentation: Segmentation, document: DocumentFacts) -> None:
    """Segmentation Image (C.8.20.2) and Content Identification (10.9)."""
    dataset.ImageType = ["DERIVED", "PRIMARY"]
    dataset.ContentLabel = segmentation.label
    dataset.ContentDescription = document.full_title[: LONGEST["LO"]]
    dataset.ContentCreatorName = None
    dataset.DerivationDescription = document.words(LONGEST["ST"])
    dataset.SegmentationType = "BINARY"
    dataset.SegmentSequence = segment_items(segmentation, document.software_version)
