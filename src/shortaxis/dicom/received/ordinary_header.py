"""A header as cameras send it, to see what reading one costs on this machine."""

from __future__ import annotations

from functools import cache
from io import BytesIO

from pydicom import Dataset, dcmread, dcmwrite
from pydicom.uid import SecondaryCaptureImageStorage

from shortaxis.dicom.elements.part10 import file_meta_of, quiet_pydicom

__all__ = ["read_ordinary_header"]

ELEMENTS, ITEMS, ITEM_ELEMENTS = 60, 10, 4
"""The bundled study has 61 elements, and 40 in their items; what they say costs nothing here."""


def read_ordinary_header() -> None:
    """Read a header of usual size from memory, where it is made at the first call."""
    with quiet_pydicom():
        dcmread(BytesIO(_header()), stop_before_pixels=True)


@cache
def _header() -> bytes:
    dataset = Dataset()
    dataset.SOPClassUID = SecondaryCaptureImageStorage
    dataset.SOPInstanceUID = "1.2.3.4"
    dataset.EnergyWindowInformationSequence = [_elements(ITEM_ELEMENTS) for _ in range(ITEMS)]
    dataset.update(_elements(ELEMENTS))
    dataset.file_meta = file_meta_of(dataset)
    written = BytesIO()
    dcmwrite(written, dataset, enforce_file_format=True)
    return written.getvalue()


def _elements(count: int) -> Dataset:
    made = Dataset()
    made.add_new(0x00090010, "LO", "OF THIS MACHINE")
    for number in range(count - 1):
        made.add_new(0x00091000 + number, "LO", "ordinary")
    return made
