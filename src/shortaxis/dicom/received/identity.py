"""Which object of which study a file holds."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from shortaxis.dicom.elements.attributes import text_of
from shortaxis.dicom.elements.part10 import read_dataset

__all__ = ["Identity", "read_identity"]


@dataclass(frozen=True)
class Identity:
    """UIDs as the data set has them; empty where it has none."""

    study_instance_uid: str
    sop_instance_uid: str


def read_identity(path: Path) -> Identity:
    """Read the header of a file for its UIDs.

    Raises
    ------
    InputNotFoundError, UnreadableFileError
        As `read_dataset`.
    """
    dataset = read_dataset(path, with_pixels=False)
    return Identity(text_of(dataset, "StudyInstanceUID"), text_of(dataset, "SOPInstanceUID"))
