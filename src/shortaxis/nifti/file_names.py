"""Which files are NIfTI, by their names and first bytes: nothing is loaded to know that."""

from __future__ import annotations

from pathlib import Path

from shortaxis.files.inputs.special_files import special_kind

__all__ = [
    "COUNTS_SUFFIX",
    "HEADER_SUFFIX",
    "MASK",
    "PACKED_SUFFIX",
    "header_of_pair",
    "is_counts_of_pair",
    "is_nifti_file",
]

PACKED_SUFFIX = ".nii.gz"
NIFTI_SUFFIXES = (".nii", PACKED_SUFFIX)

HEADER_SUFFIX, COUNTS_SUFFIX = ".hdr", ".img"
"""Of a volume in two files: NIfTI pairs, and Analyze 7.5, which NIfTI grew out of."""

HEADER_SIZES = (
    b"\x5c\x01\x00\x00",
    b"\x00\x00\x01\x5c",
    b"\x1c\x02\x00\x00",
    b"\x00\x00\x02\x1c",
)
"""``sizeof_hdr`` of 348, of NIfTI-2 of 540, in either byte order: every such header begins so."""

MASK = "looks like a mask, not counts"


def is_nifti_file(path: Path) -> bool:
    """Whether the name says NIfTI, or this is the header of a pair."""
    name = path.name.lower()
    if name.endswith(NIFTI_SUFFIXES):
        return not special_kind(path)
    return name.endswith(HEADER_SUFFIX) and _is_header(path)


def is_counts_of_pair(path: Path) -> bool:
    """Whether this is the ``.img`` of a pair whose header lies beside it."""
    if path.suffix.lower() != COUNTS_SUFFIX:
        return False
    return header_of_pair(path) is not None


def header_of_pair(path: Path) -> Path | None:
    """The ``.hdr`` beside an ``.img``, or None."""
    for suffix in (HEADER_SUFFIX, HEADER_SUFFIX.upper()):
        header = path.with_suffix(suffix)
        if _is_header(header):
            return header
    return None


def _is_header(path: Path) -> bool:
    try:
        if special_kind(path):
            return False
        with path.open("rb") as file:
            return file.read(4) in HEADER_SIZES
    except OSError:
        return False
