"""Storage Commitment (PS3.4 annex J): what is asked of an archive, and what it reports."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pydicom import Dataset

from shortaxis.dicom.elements.attributes import text_of
from shortaxis.dicom.elements.part10 import read_dataset

__all__ = ["CommitmentReport", "commitment_request", "object_uids", "report_of"]


@dataclass(frozen=True)
class CommitmentReport:
    """What an archive says of one request: UIDs that it keeps, and of those that it does not."""

    transaction_uid: str
    kept: frozenset[str]
    failed: frozenset[str] = frozenset()


def commitment_request(transaction_uid: str, paths: Iterable[Path]) -> Dataset:
    """Action Information of the N-ACTION that asks for some files (PS3.4, table J.3-1)."""
    asked = Dataset()
    asked.TransactionUID = transaction_uid
    references = []
    for sop_class_uid, uid in object_uids(paths):
        reference = Dataset()
        reference.ReferencedSOPClassUID, reference.ReferencedSOPInstanceUID = sop_class_uid, uid
        references.append(reference)
    asked.ReferencedSOPSequence = references
    return asked


def object_uids(paths: Iterable[Path]) -> list[tuple[str, str]]:
    """SOP Class and SOP Instance UID of some files."""
    headers = (read_dataset(path, with_pixels=False) for path in paths)
    return [(text_of(each, "SOPClassUID"), text_of(each, "SOPInstanceUID")) for each in headers]


def report_of(information: Dataset) -> CommitmentReport:
    """Event Information of an N-EVENT-REPORT (PS3.4, table J.3-2)."""
    return CommitmentReport(
        text_of(information, "TransactionUID"),
        _uids_of(information, "ReferencedSOPSequence"),
        _uids_of(information, "FailedSOPSequence"),
    )


def _uids_of(information: Dataset, keyword: str) -> frozenset[str]:
    items = information.get(keyword) or ()
    return frozenset(text_of(each, "ReferencedSOPInstanceUID") for each in items)
