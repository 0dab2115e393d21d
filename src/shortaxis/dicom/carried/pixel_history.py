"""What was done to pixels before: lossy compression and burned-in annotation."""

from __future__ import annotations

from collections.abc import Sequence

from pydicom import Dataset
from pydicom.valuerep import format_number_as_ds

from shortaxis.dicom.carried.modules.carrying import carry
from shortaxis.dicom.elements.attributes import integer_of, text_of
from shortaxis.dicom.elements.transfer_syntaxes import LOSSY_METHODS, transfer_syntax_of

__all__ = ["carry_annotation", "carry_pixel_history", "gather_pixel_history"]

LOSSY, LOSSLESS = "01", "00"
"""Lossy Image Compression: once 01, a copy of the pixels never says 00 again (C.7.6.1.1.5)."""

HOW_LOSSY = ("LossyImageCompressionRatio", "LossyImageCompressionMethod")


def gather_pixel_history(datasets: Sequence[Dataset]) -> None:
    """Tell in the first header what any object of the series says or shows of its pixels.

    The data sets must still hold their pixels, whose size tells the ratio of compression.
    """
    first = datasets[0]
    lossy = [each for each in datasets if _is_lossy(each)]
    if lossy:
        carry(lossy[0], first, HOW_LOSSY)
        first.LossyImageCompression = LOSSY
        _add_syntax_as_method(lossy[0], first)
    if any(_has_annotation(each) for each in datasets):
        first.BurnedInAnnotation = "YES"


def carry_pixel_history(sources: Sequence[Dataset], dataset: Dataset) -> None:
    """Say of derived pixels what is said of those of any source."""
    lossy = [each for each in sources if text_of(each, "LossyImageCompression") == LOSSY]
    dataset.LossyImageCompression = LOSSY if lossy else LOSSLESS
    if lossy:
        carry(lossy[0], dataset, HOW_LOSSY)
    carry_annotation(sources, dataset)


def carry_annotation(sources: Sequence[Dataset], dataset: Dataset) -> None:
    """Say whether anything that tells who the patient is can be in the pixels (C.7.6.1).

    Nothing that is drawn here does, so it can only be in pixels that were taken over.
    """
    dataset.BurnedInAnnotation = "YES" if any(map(_has_annotation, sources)) else "NO"


def _is_lossy(dataset: Dataset) -> bool:
    says_so = text_of(dataset, "LossyImageCompression") == LOSSY
    return says_so or transfer_syntax_of(dataset) in LOSSY_METHODS


def _has_annotation(dataset: Dataset) -> bool:
    return text_of(dataset, "BurnedInAnnotation").upper() == "YES"


def _add_syntax_as_method(source: Dataset, target: Dataset) -> None:
    """Ratio and method by the transfer syntax, where the header says neither."""
    method = LOSSY_METHODS.get(transfer_syntax_of(source))
    if method is None or any(text_of(target, keyword) for keyword in HOW_LOSSY):
        return
    sizes = [integer_of(source, keyword) or 1 for keyword in ("Rows", "Columns", "NumberOfFrames")]
    cells = sizes[0] * sizes[1] * sizes[2]
    bytes_before = cells * (integer_of(source, "BitsAllocated") or 0) / 8
    ratio = bytes_before / max(len(source.get("PixelData", b"")), 1)
    target.LossyImageCompressionRatio = format_number_as_ds(round(ratio, 2))
    target.LossyImageCompressionMethod = method
