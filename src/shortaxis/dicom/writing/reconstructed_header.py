"""The header of projections as that of slices made of them, for whatever is derived from those."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from shortaxis.dicom.carried.modules.patient import detached
from shortaxis.dicom.carried.source_header import SourceHeader
from shortaxis.dicom.elements.attributes import texts_of
from shortaxis.dicom.elements.part10 import quiet_pydicom

__all__ = ["reconstructed_header"]


def reconstructed_header(
    header: SourceHeader, *, corrections: Sequence[str], kernel: str
) -> SourceHeader:
    """Return the header with what the reconstruction corrected and filtered with.

    Parameters
    ----------
    header : SourceHeader
        Of the projections; it is not changed.
    corrections : sequence of str
        Corrected Image values beside those of the projections (PS3.3 C.8.4.9).
    kernel : str
        Convolution Kernel (C.8.4.15), 16 characters; empty for no filter.
    """
    dataset = detached(header.dataset)
    with quiet_pydicom():
        known = texts_of(dataset, "CorrectedImage")
        if known or corrections:
            values = list(dict.fromkeys([*filter(None, known), *corrections]))
            dataset.add_new("CorrectedImage", "CS", values)
        if kernel:
            dataset.add_new("ConvolutionKernel", "SH", kernel)
    return replace(header, dataset=dataset)
