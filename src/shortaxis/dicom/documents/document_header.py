"""The header of a document: patient, study and equipment of its source, a series of its own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from pydicom import Dataset

from shortaxis.dicom.carried.equipment import add_equipment
from shortaxis.dicom.carried.modules.carrying import carry
from shortaxis.dicom.carried.modules.patient import (
    detached,
    keep_identity_bytes,
    state_deidentification_method,
    tidy_series_description,
)
from shortaxis.dicom.carried.modules.validity import drop_invalid
from shortaxis.dicom.carried.source_header import SourceHeader
from shortaxis.dicom.documents.document_facts import DocumentFacts
from shortaxis.dicom.elements.part10 import file_meta_of, quiet_pydicom
from shortaxis.dicom.writing.derivation import Stamp
from shortaxis.dicom.writing.object_header import LONGEST, local_time, object_header

__all__ = ["all_sources", "document_dataset", "referenced_sources"]

MODULES = (
    "Patient (C.7.1.1)",
    "Clinical Trial Subject (C.7.1.3)",
    "General Study (C.7.2.1)",
    "Patient Study (C.7.2.2)",
    "Clinical Trial Study (C.7.2.3)",
    "General Equipment (C.7.5.1)",
    "SOP Common (C.12.1)",
)
"""What every document has of the modules that `CARRIED` lists; few lie in the patient."""


def document_dataset(
    sop_class: str,
    header: SourceHeader,
    document: DocumentFacts,
    stamp: Stamp,
    carried: Sequence[str] = (),
) -> Dataset:
    """Build everything of a document but its content; `carried` are further attributes.

    It joins the study of `header`; an empty header (NIfTI) gives a new study of nobody, or the
    one that `with_study_uids` gave it.
    """
    source = detached(header.dataset)
    with quiet_pydicom():
        dataset = object_header(source, sop_class, MODULES, stamp)
        carry(source, dataset, carried)
        dataset.SeriesDescription = document.full_title[: LONGEST["LO"]]
        contribution = document.words(LONGEST["ST"])
        now = local_time(dataset, stamp.now)
        add_equipment(dataset, source, document.software_version, contribution, now)
        drop_invalid(dataset)
        state_deidentification_method(dataset)
        tidy_series_description(dataset)
        keep_identity_bytes(header.dataset, dataset)
    dataset.file_meta = file_meta_of(dataset)
    return dataset


def all_sources(header: SourceHeader, document: DocumentFacts) -> list[SourceHeader]:
    """The source whose study the document joins, then the others.

    Their elements are detached, so that reading them decodes nothing in the headers themselves.
    """
    return _all_detached((header, *document.other_sources))


def referenced_sources(header: SourceHeader, document: DocumentFacts) -> list[SourceHeader]:
    """`all_sources`, then those that the document refers to and tells nothing else of."""
    return _all_detached((header, *document.other_sources, *document.referenced))


def _all_detached(headers: Iterable[SourceHeader]) -> list[SourceHeader]:
    return [replace(each, dataset=detached(each.dataset)) for each in headers]
