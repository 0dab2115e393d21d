"""The report as a PDF in a DICOM object (PS3.3 A.45.1)."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from pydicom import Dataset
from pydicom.uid import EncapsulatedPDFStorage

from shortaxis.dicom.carried.modules.carrying import carry_item
from shortaxis.dicom.carried.pixel_history import carry_annotation
from shortaxis.dicom.carried.source_header import SourceHeader
from shortaxis.dicom.carried.source_references import instance_item, usable_instances
from shortaxis.dicom.documents.document_facts import DocumentFacts
from shortaxis.dicom.documents.document_header import (
    all_sources,
    document_dataset,
    referenced_sources,
)
from shortaxis.dicom.elements.attributes import text_of
from shortaxis.dicom.elements.code_items import code_item
from shortaxis.dicom.elements.part10 import quiet_pydicom, write_dataset
from shortaxis.dicom.writing.derivation import Stamp
from shortaxis.dicom.writing.object_header import LONGEST
from shortaxis.errors import OptionError

__all__ = ["encapsulated_pdf_dataset", "write_encapsulated_pdf"]

PDF_STARTS_WITH = b"%PDF-"

MAX_PDF_BYTES = (1 << 32) - 2
"""An element's length has 32 bits, and all of them set means that it is unknown (PS3.5 7.1.1)."""

CARRIED = ("ProtocolName",)
"""Of Encapsulated Document Series (C.24.1)."""

TITLES = {"PT": ("44136-0", "LN", "PET Scan Report")}
NUCLEAR_MEDICINE_REPORT = ("49118-3", "LN", "Nuclear Medicine Report")
"""Document titles by modality; CID 7000 Diagnostic Imaging Report Document Title (CID 7020)."""


def write_encapsulated_pdf(
    path: Path, pdf: bytes, header: SourceHeader, document: DocumentFacts, stamp: Stamp
) -> None:
    """Write a PDF as a Part 10 file in Explicit VR Little Endian.

    See `encapsulated_pdf_dataset`. The file is there as a whole or not at all.
    """
    write_dataset(path, encapsulated_pdf_dataset(pdf, header, document, stamp))


def encapsulated_pdf_dataset(
    pdf: bytes, header: SourceHeader, document: DocumentFacts, stamp: Stamp
) -> Dataset:
    """Build the object of one PDF.

    Parameters
    ----------
    pdf : bytes
        The file. It must not name the patient: Burned In Annotation says NO, unless a source says
        YES of its own pixels, which pictures in the PDF may repeat. It is kept as it is; let it end
        with a line end, since dcmtk and Orthanc take any other last byte for padding.
    header : SourceHeader
        Header of the source whose study the document joins; an empty one gives a new study.
    document : DocumentFacts
        Title, description, flag, and the other sources.
    stamp : Stamp
        Number among the derived series of the source, new UIDs, date and time.

    Raises
    ------
    OptionError
        If the bytes are no PDF.
    """
    _refuse_other_than_pdf(pdf)
    dataset = document_dataset(EncapsulatedPDFStorage, header, document, stamp, CARRIED)
    with quiet_pydicom():
        _add_document(dataset, header, document)
    dataset.MIMETypeOfEncapsulatedDocument = "application/pdf"
    # The length is the PDF's own; the value has an even one (C.24.2).
    dataset.EncapsulatedDocumentLength = len(pdf)
    dataset.EncapsulatedDocument = pdf + bytes(len(pdf) % 2)
    return dataset


def _refuse_other_than_pdf(pdf: bytes) -> None:
    if not pdf.startswith(PDF_STARTS_WITH) or len(pdf) > MAX_PDF_BYTES:
        raise OptionError(
            "the document cannot be stored",
            expected=f"a PDF file of at most {MAX_PDF_BYTES} bytes",
            found=f"{len(pdf)} bytes that start with {pdf[: len(PDF_STARTS_WITH)]!r}",
        )


def _add_document(dataset: Dataset, header: SourceHeader, document: DocumentFacts) -> None:
    """Encapsulated Document Series, SC Equipment and Encapsulated Document (C.24, C.8.6.1)."""
    sources = all_sources(header, document)
    dataset.Modality, dataset.ConversionType = "DOC", "WSD"
    dataset.DocumentTitle = document.full_title[: LONGEST["ST"]]
    title = TITLES.get(text_of(sources[0].dataset, "Modality"), NUCLEAR_MEDICINE_REPORT)
    dataset.ConceptNameCodeSequence = [code_item(*title)]
    dataset.VerificationFlag = "UNVERIFIED"
    dataset.AcquisitionDateTime = _first_acquisition(each.dataset for each in sources) or None
    carry_annotation([each.dataset for each in sources], dataset)
    referenced = referenced_sources(header, document)
    instances = [instance_item(*each) for each in usable_instances(referenced)]
    if instances:
        dataset.SourceInstanceSequence = instances


def _first_acquisition(sources: Iterable[Dataset]) -> str:
    """When the data in the document were begun to be acquired (DT), empty if nobody says."""
    known = (carry_item(each, ("AcquisitionDate", "AcquisitionTime")) for each in sources)
    return min(
        (
            text_of(each, "AcquisitionDate") + text_of(each, "AcquisitionTime")
            for each in known
            if "AcquisitionDate" in each
        ),
        default="",
    )
