"""Tell a copy of a file from another object that wears the same UID."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from pydicom import Dataset

from shortaxis.dicom.elements.attributes import text_of
from shortaxis.dicom.received.same_object import data_set_bytes
from shortaxis.errors import UnreadableFileError

__all__ = ["OF_ONE_UID", "SeenObjects"]


OF_ONE_UID = "two different objects share one SOP Instance UID, and the other one is used"
"""Of a file that was left out."""


@dataclass
class SeenObjects:
    """Objects by SOP Instance UID: the Series Instance UID and the file of the first of each.

    `uid_of` is the way back, from a file that is the first to its UID.
    """

    first: dict[str, tuple[str, Path]] = field(default_factory=dict)
    uid_of: dict[Path, str] = field(default_factory=dict)

    def why_doubled(self, path: Path, dataset: Dataset) -> str:
        """Why an object is to be skipped; empty where its UID was not seen before."""
        instance_uid = text_of(dataset, "SOPInstanceUID")
        series_uid = text_of(dataset, "SeriesInstanceUID")
        if not instance_uid:
            return ""
        if instance_uid not in self.first:
            self.first[instance_uid] = (series_uid, path)
            self.uid_of[path] = instance_uid
            return ""
        first_series_uid, first_path = self.first[instance_uid]
        if series_uid == first_series_uid and _digest(path) == _digest(first_path):
            return "is a copy of another file"
        return OF_ONE_UID

    def forget(self, path: Path) -> None:
        """Forget a file that cannot be used: it must not stand in the way of a copy that can."""
        uid = self.uid_of.pop(path, None)
        if uid is not None:
            del self.first[uid]


def _digest(path: Path) -> bytes:
    """SHA-256 of the data set."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UnreadableFileError(
            "cannot be read again", path=path, expected="a complete DICOM file",
            found=type(error).__name__, cause="it changed since it was found",
        ) from error  # fmt: skip
    return hashlib.sha256(data_set_bytes(content)).digest()
