"""Pixel cells that hold no counts: outside a round field of view, for example."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset

from shortaxis.dicom.elements.attributes import integer_of, required_integer

__all__ = ["is_padding"]


def is_padding(dataset: Dataset, stored: NDArray[np.integer]) -> NDArray[np.bool_] | None:
    """Cells from Pixel Padding Value to Pixel Padding Range Limit (PS3.3 C.7.5.1.1.2).

    Parameters
    ----------
    dataset : Dataset
        Header of the pixels.
    stored : integer array of any shape
        Stored values, before rescaling.

    Returns
    -------
    bool array of the same shape, or None where the header names no padding.
    """
    value = integer_of(dataset, "PixelPaddingValue")
    if value is None:
        return None
    limit = integer_of(dataset, "PixelPaddingRangeLimit")
    ends = [_as_stored(dataset, end) for end in (value, value if limit is None else limit)]
    padding: NDArray[np.bool_] = (stored >= min(ends)) & (stored <= max(ends))
    return padding


def _as_stored(dataset: Dataset, value: int) -> int:
    """The same bits as a stored value: writers confuse the signed and the unsigned spelling."""
    bits = required_integer(dataset, "BitsStored")
    unsigned = value % (1 << bits)
    is_signed = required_integer(dataset, "PixelRepresentation") == 1
    return unsigned - (1 << bits) if is_signed and unsigned >= 1 << (bits - 1) else unsigned
