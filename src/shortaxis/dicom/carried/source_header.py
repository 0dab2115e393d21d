"""The header of the source, handed from reading to writing without being looked into."""

from __future__ import annotations

from dataclasses import dataclass, field

from pydicom import Dataset

from shortaxis.spect.study import PerfusionStudy

__all__ = ["DicomStudy", "SourceHeader"]


@dataclass(frozen=True, eq=False)
class SourceHeader:
    """Data set of the source without its pixels, for the series derived from it.

    Of a series of single-slice objects (PET) it is the header of one slice, in which stands
    what any slice says of lossy compression and burned-in annotation.
    `instances` are the (SOP Class UID, SOP Instance UID) pairs of every source object.
    `number_in_series` counts from 1 the reconstructions that the source series holds, each in
    one NM object; `has_siblings` says that there are several.
    """

    dataset: Dataset = field(default_factory=Dataset, repr=False)
    instances: tuple[tuple[str, str], ...] = ()
    number_in_series: int = 1
    has_siblings: bool = False


@dataclass(frozen=True, eq=False)
class DicomStudy:
    """A study read from DICOM and the header that its derived series will build on."""

    study: PerfusionStudy
    header: SourceHeader
