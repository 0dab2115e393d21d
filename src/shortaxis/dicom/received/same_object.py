"""Whether two files hold the same object, whoever wrote them."""

from __future__ import annotations

from collections.abc import Iterator
from filecmp import cmp
from io import BytesIO
from pathlib import Path

from pydicom import DataElement, Dataset, dcmread
from pydicom.uid import DeflatedExplicitVRLittleEndian

from shortaxis.dicom.elements.part10 import quiet_pydicom
from shortaxis.dicom.elements.transfer_syntaxes import is_encapsulated, transfer_syntax_of

__all__ = ["data_set_bytes", "is_same_object"]

GROUP_LENGTH_ENDS_AT = 144
"""Preamble, prefix and File Meta Information Group Length (PS3.10 7.1)."""

LARGEST_PARSED_BYTES = 1 << 26
"""Larger than any nuclear study but a few."""

TRAILING_PADDING = 0xFFFCFFFC
"""Data Set Trailing Padding (PS3.10 7.2), which says nothing."""


def data_set_bytes(content: bytes) -> bytes:
    """The data set of a Part 10 file; the file meta information tells only who wrote the copy."""
    meta_length = int.from_bytes(content[GROUP_LENGTH_ENDS_AT - 4 : GROUP_LENGTH_ENDS_AT], "little")
    has_length = content[132:136] == b"\x02\x00\x00\x00"
    return content[GROUP_LENGTH_ENDS_AT + meta_length if has_length else 0 :]


def is_same_object(first: Path, second: Path) -> bool:
    """Whether two Part 10 files say the same, in native syntaxes however they are encoded.

    Compressed pixels are compared as they are, deflated and large files byte by byte: what a
    stranger sent is neither inflated nor held in memory for this.

    Raises
    ------
    FileNotFoundError
        If one of them is gone.
    """
    if cmp(first, second, shallow=False):
        return True
    if max(path.stat().st_size for path in (first, second)) > LARGEST_PARSED_BYTES:
        return False
    contents = [path.read_bytes() for path in (first, second)]
    try:
        with quiet_pydicom():
            return _is_same(*contents)
    except Exception:  # bytes that are no data set raise anything; they are not the same then
        return False


def _is_same(first: bytes, second: bytes) -> bool:
    datasets = [_parsed(first), _parsed(second)]
    syntaxes = [transfer_syntax_of(each) for each in datasets]
    if syntaxes[0] == syntaxes[1] and data_set_bytes(first) == data_set_bytes(second):
        return True
    if syntaxes[0] != syntaxes[1] and any(is_encapsulated(each) for each in syntaxes):
        return False
    return _says(datasets[0]) == _says(datasets[1])


def _parsed(content: bytes) -> Dataset:
    if DeflatedExplicitVRLittleEndian.encode() in content[: GROUP_LENGTH_ENDS_AT + 1024]:
        raise ValueError("deflated")
    return dcmread(BytesIO(content))


def _says(dataset: Dataset) -> list[tuple[int, object]]:
    """Tags and values, without group lengths (PS3.5 7.2) and padding."""
    return [
        (int(element.tag), _value(element))
        for element in _elements(dataset)
        if element.tag.element != 0 and element.tag != TRAILING_PADDING
    ]


def _elements(dataset: Dataset) -> Iterator[DataElement]:
    return (dataset[tag] for tag in sorted(dataset.keys()))


def _value(element: DataElement) -> object:
    if element.VR == "SQ":
        return [_says(item) for item in element.value]
    value = element.value
    # Without its representation, as in implicit syntaxes, a private value is bytes.
    if isinstance(value, str):
        return value.encode("utf-8", "surrogateescape").rstrip(b"\0 ")
    return value.rstrip(b"\0 ") if isinstance(value, bytes) and element.tag.is_private else value
