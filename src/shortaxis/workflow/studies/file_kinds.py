"""What a file that cannot be used seems to be, without a word of its content."""

from __future__ import annotations

import json
from pathlib import Path

from shortaxis.dicom.elements.part10 import NOT_DICOM
from shortaxis.errors import ShortAxisError
from shortaxis.files.inputs.special_files import special_kind
from shortaxis.files.plain_json import OF_ANOTHER_SHAPE

__all__ = ["explain_format", "explained_reason", "kind_of_bytes"]

TRANSAXIAL_FILES = "DICOM NM or PET files, or NIfTI (.nii, .nii.gz, .hdr with .img)"

FOREIGN_FORMATS: dict[str, tuple[str, str]] = {
    ".mha": ("a MetaImage", "save it as NIfTI, for example by 3D Slicer or SimpleITK"),
    ".mhd": ("a MetaImage header", "save it as NIfTI, for example by 3D Slicer or SimpleITK"),
    ".nrrd": ("an NRRD image", "save it as NIfTI, for example by 3D Slicer or SimpleITK"),
    ".nhdr": ("an NRRD header", "save it as NIfTI, for example by 3D Slicer or SimpleITK"),
    ".h33": ("an Interfile header", "export the study as DICOM, or convert it to NIfTI"),
    ".i33": ("counts of an Interfile study", "export the study as DICOM, or convert it to NIfTI"),
    ".hv": ("an Interfile header of STIR", "convert it to NIfTI"),
    ".hs": ("an Interfile header of projections", "reconstruct it first"),
    ".v": ("counts of an Interfile study", "convert it to NIfTI"),
    ".mnc": ("a MINC image", "convert it to NIfTI"),
    ".mgz": ("a FreeSurfer image", "convert it to NIfTI"),
    ".zip": ("a ZIP archive", "unpack it and give the folder"),
    ".7z": ("an archive", "unpack it and give the folder"),
    ".tar": ("an archive", "unpack it and give the folder"),
    ".gz": ("a compressed file", "unpack it first"),
    ".tgz": ("an archive", "unpack it and give the folder"),
    ".img": ("counts without their header", "give the .hdr file that belongs to it"),
}
"""Formats by the end of the name: what they are, and the step that goes on."""

MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"PK\x03\x04", ".zip"),
    (b"NRRD", ".nrrd"),
    (b"ObjectType =", ".mha"),
    (b"!INTERFILE", ".h33"),
    (b"\x1f\x8b", ".gz"),
)
"""How such files begin, whatever they are called."""


def format_of(path: Path) -> tuple[str, str] | None:
    """What a file is in a format that is not read, and the step that goes on; None if unknown."""
    if special_kind(path):
        return None
    try:
        with path.open("rb") as file:
            start = file.read(16)
    except OSError:
        return None
    for magic, suffix in MAGIC:
        if start.upper().startswith(magic.upper()):
            return FOREIGN_FORMATS[suffix]
    return FOREIGN_FORMATS.get(path.suffix.lower())


def explain_format(error: ShortAxisError, path: Path) -> None:
    """Let an error say which other format a file has, and how to go on."""
    known = format_of(path)
    if known is not None and error.summary == NOT_DICOM:
        what, way_on = known
        error.summary = f"is {what}, which is not read"
        error.expected = TRANSAXIAL_FILES
        error.cause, error.way_on = None, way_on


def explained_reason(path: Path) -> str | None:
    """The same as one reason for a list; None if the format is unknown."""
    known = format_of(path)
    return None if known is None else f"is {known[0]}, which is not read: {known[1]}"


MAX_BYTES = 1 << 20
"""Of a file are read: texts given by mistake are shorter."""


def kind_of_bytes(path: Path) -> str | None:
    """Size of a file and whether it is text; None where it cannot be read."""
    if special_kind(path):
        return None
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES)
        size = path.stat().st_size
    except OSError:
        return None
    return f"{size} bytes {_kind(content)}"


def _kind(content: bytes) -> str:
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return "that are no text"
    if "\0" in text:
        return "that are no text"
    try:
        json.loads(text)
    except OF_ANOTHER_SHAPE:
        return "of text"
    return "of JSON text"
