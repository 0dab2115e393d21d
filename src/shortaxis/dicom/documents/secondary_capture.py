r"""A picture, such as a page of the report, as a secondary capture (PS3.3 A.8.1).

``DERIVED\SECONDARY``, RGB (of few colours PALETTE COLOR), one frame, made by a workstation
(Conversion Type WSD). It shows what was drawn from the counts, so it has no place in the patient
and nothing can be measured in it.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from pydicom import Dataset
from pydicom.encaps import encapsulate
from pydicom.uid import RLELossless, SecondaryCaptureImageStorage

from shortaxis.dicom.carried.equipment import SOFTWARE
from shortaxis.dicom.carried.pixel_history import carry_pixel_history
from shortaxis.dicom.carried.source_header import SourceHeader
from shortaxis.dicom.carried.source_references import add_common_references, source_images
from shortaxis.dicom.carried.stated.body_part import may_hold_the_heart
from shortaxis.dicom.documents.document_facts import DocumentFacts
from shortaxis.dicom.documents.document_header import (
    all_sources,
    document_dataset,
    referenced_sources,
)
from shortaxis.dicom.documents.palette_colours import add_palette, numbered_colours
from shortaxis.dicom.documents.run_lengths import rle_frame
from shortaxis.dicom.elements.attributes import text_of
from shortaxis.dicom.elements.code_items import code_item
from shortaxis.dicom.elements.part10 import quiet_pydicom, write_dataset
from shortaxis.dicom.writing.derivation import Stamp
from shortaxis.dicom.writing.object_header import LONGEST
from shortaxis.errors import OptionError

__all__ = ["Picture", "secondary_capture_dataset", "write_secondary_capture"]

Picture = np.ndarray[tuple[int, ...], np.dtype[np.uint8]]
"""Red, green and blue of every pixel, ``(row, column, 3)``."""

CARRIED = ("ProtocolName", "BodyPartExamined", "AcquisitionDate", "AcquisitionTime")
"""Of General Series (C.7.3.1) and General Acquisition (C.7.10.1)."""

MAX_SIDE = 65535
"""Of Rows and Columns, which are US (PS3.5 6.2)."""

OTHER = "OT"
"""Modality of what no device of a known kind acquired (C.7.3.1.1.1)."""


def write_secondary_capture(
    path: Path, picture: Picture, header: SourceHeader, document: DocumentFacts, stamp: Stamp
) -> SourceHeader:
    """Write a picture as a Part 10 file in RLE Lossless; gives what refers to it.

    See `secondary_capture_dataset`. The file is there as a whole or not at all.
    """
    dataset = secondary_capture_dataset(picture, header, document, stamp)
    write_dataset(path, dataset)
    del dataset.PixelData
    return SourceHeader(dataset, ((dataset.SOPClassUID, dataset.SOPInstanceUID),))


def secondary_capture_dataset(
    picture: Picture, header: SourceHeader, document: DocumentFacts, stamp: Stamp
) -> Dataset:
    """Build the object of one picture.

    Parameters
    ----------
    picture : (row, column, 3) uint8 array
        Red, green and blue. It must not name the patient: Burned In Annotation says NO, unless a
        source says YES of its own pixels, which the picture may repeat.
    header : SourceHeader
        Header of the source whose study the picture joins; an empty one gives a new study.
    document : DocumentFacts
        Title, description, flag, and the other sources.
    stamp : Stamp
        Number among the derived series of the source, new UIDs, date and time.

    Raises
    ------
    OptionError
        If the array is no such picture.
    """
    _refuse_other_than_pictures(picture)
    sources = all_sources(header, document)
    dataset = document_dataset(SecondaryCaptureImageStorage, header, document, stamp, CARRIED)
    with quiet_pydicom():
        _add_series(dataset, sources[0].dataset)
        _add_derivation(dataset, referenced_sources(header, document), document)
        carry_pixel_history([each.dataset for each in sources], dataset)
        _add_capture_device(dataset, document)
    _add_pixels(dataset, picture)
    return dataset


def _refuse_other_than_pictures(picture: Picture) -> None:
    shape = picture.shape
    is_rgb = picture.dtype == np.uint8 and len(shape) == 3 and shape[2] == 3
    if not is_rgb or not all(1 <= side <= MAX_SIDE for side in shape[:2]):
        raise OptionError(
            "the picture cannot be stored",
            expected=f"uint8 (row, column, 3), 1 to {MAX_SIDE} rows and columns",
            found=f"{picture.dtype} {shape}",
        )


def _add_series(dataset: Dataset, source: Dataset) -> None:
    """Modality is that of what acquired the data, not of what drew them (C.7.3.1)."""
    acquired = text_of(source, "Modality")
    dataset.Modality = acquired if acquired in ("NM", "PT") else OTHER
    if may_hold_the_heart(text_of(source, "BodyPartExamined")):
        dataset.BodyPartExamined = "HEART"


def _add_derivation(dataset: Dataset, sources: list[SourceHeader], document: DocumentFacts) -> None:
    dataset.ImageType = ["DERIVED", "SECONDARY"]
    # Type 2C: rows and columns of a page have no direction in the patient.
    dataset.PatientOrientation = None
    dataset.DerivationDescription = document.words(LONGEST["ST"])
    # CID 7203 Image Derivation.
    dataset.DerivationCodeSequence = [code_item("129104", "DCM", "Perfusion image analysis")]
    images = source_images(sources)
    if images:
        dataset.SourceImageSequence = images
    add_common_references(dataset, sources)


def _add_capture_device(dataset: Dataset, document: DocumentFacts) -> None:
    """SC Equipment (C.8.6.1): a workstation rendered the picture."""
    dataset.ConversionType = "WSD"
    dataset.SecondaryCaptureDeviceManufacturer = SOFTWARE
    dataset.SecondaryCaptureDeviceManufacturerModelName = SOFTWARE
    dataset.SecondaryCaptureDeviceSoftwareVersions = document.software_version


def _add_pixels(dataset: Dataset, picture: Picture) -> None:
    dataset.Rows, dataset.Columns = picture.shape[:2]
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 8, 8, 7
    dataset.PixelRepresentation = 0
    numbered = numbered_colours(picture)
    if numbered is None:
        dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 3, "RGB"
        # Planes are apart in run lengths whatever this says (PS3.5 G.2). Orthanc 1.10 mixes colours
        # where it says 1, and reads 0 as it is.
        dataset.PlanarConfiguration = 0
        planes = np.moveaxis(picture, -1, 0)
    else:
        dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "PALETTE COLOR"
        add_palette(dataset, numbered.colours)
        planes = numbered.numbers[np.newaxis]
    dataset.PixelData = encapsulate([rle_frame(planes)])
    dataset["PixelData"].VR = "OB"
    dataset["PixelData"].is_undefined_length = True
    dataset.file_meta.TransferSyntaxUID = RLELossless
