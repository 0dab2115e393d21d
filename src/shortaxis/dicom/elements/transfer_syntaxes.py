"""How pixels are encoded: the transfer syntaxes that can be read, as tables."""

from __future__ import annotations

from pydicom import Dataset
from pydicom.pixels.decoders.base import get_decoder
from pydicom.uid import (
    JPEG2000,
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    JPEGLSNearLossless,
    RLELossless,
)

from shortaxis.dicom.lean_pydicom import offer_decoders
from shortaxis.errors import UnsupportedObjectError

__all__ = [
    "ENCAPSULATED",
    "LOSSY_METHODS",
    "NATIVE",
    "is_encapsulated",
    "load_decoders",
    "readable_syntaxes",
    "transfer_syntax_of",
    "why_not_decoded",
]

NATIVE = (
    str(ImplicitVRLittleEndian),
    str(ExplicitVRLittleEndian),
    str(DeflatedExplicitVRLittleEndian),
    str(ExplicitVRBigEndian),
)
"""Syntaxes that leave pixels as they are (PS3.5 A.1 to A.3, A.5)."""

ENCAPSULATED = (
    str(RLELossless),
    str(JPEGLossless),
    str(JPEGLosslessSV1),
    str(JPEGLSLossless),
    str(JPEG2000Lossless),
    str(JPEGBaseline8Bit),
    str(JPEGExtended12Bit),
    str(JPEGLSNearLossless),
    str(JPEG2000),
)
"""Syntaxes that compress them (PS3.5 A.4), for which a decoder can be installed."""

LOSSY_METHODS = {
    str(JPEGBaseline8Bit): "ISO_10918_1",
    str(JPEGExtended12Bit): "ISO_10918_1",
    str(JPEGLSNearLossless): "ISO_14495_1",
    str(JPEG2000): "ISO_15444_1",
}
"""Those that may lose something, and their defined term (PS3.3 C.7.6.1.1.5.1)."""

CODECS = 'pip install "shortaxis[codecs]"'
"""What installs a decoder of everything but RLE, which pydicom has itself."""


def transfer_syntax_of(dataset: Dataset) -> str:
    """Transfer Syntax UID of a file; empty where it has none, which is read as native.

    Raises
    ------
    UnsupportedObjectError
        If it is none of the tables: bytes in an unknown order are other counts.
    """
    meta = getattr(dataset, "file_meta", None)
    syntax = str(getattr(meta, "TransferSyntaxUID", None) or "")
    if syntax and syntax not in NATIVE + ENCAPSULATED:
        name = UID(syntax).name
        raise UnsupportedObjectError(
            "is stored in a transfer syntax that cannot be read",
            expected="uncompressed pixels, RLE, JPEG, JPEG-LS or JPEG 2000",
            found="an unknown or private one" if name == syntax else name,
            cause="an export with a manufacturer's own or a rare encoding; export the study "
            "uncompressed",
        )
    return syntax


def is_encapsulated(syntax: str) -> bool:
    """Whether pixels of this syntax are compressed."""
    return syntax in ENCAPSULATED


def load_decoders(syntax: str) -> None:
    """Load what decodes pixels of this syntax; nothing for those that need no library."""
    if is_encapsulated(syntax) and syntax != RLELossless:
        offer_decoders(tuple(each for each in ENCAPSULATED if each != RLELossless))


def readable_syntaxes() -> tuple[str, ...]:
    """Syntaxes whose pixels can be decoded with what is installed, the plain ones first."""
    for each in ENCAPSULATED:
        load_decoders(each)
    decoded = (each for each in ENCAPSULATED if get_decoder(UID(each)).is_available)
    return (*NATIVE, *decoded)


def why_not_decoded(syntax: str) -> str:
    """Likely cause of pixels that could not be decoded."""
    load_decoders(syntax)
    if get_decoder(UID(syntax)).is_available:
        return "the pixels are damaged; export the study uncompressed"
    return f"no decoder for it is installed: {CODECS}; or export the study uncompressed"
