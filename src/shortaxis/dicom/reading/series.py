"""One readable series: its files, what it is, and how it is laid out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pydicom import Dataset

from shortaxis.dicom.elements.attributes import integer_of
from shortaxis.dicom.reading.facts import facts_of
from shortaxis.dicom.reading.kinds import ObjectKind
from shortaxis.dicom.reading.layouts.layout import VolumeLayout
from shortaxis.dicom.reading.layouts.nm_layout import nm_layout
from shortaxis.dicom.reading.layouts.pet_layout import pet_layout
from shortaxis.dicom.reading.pixels.completeness import refuse_short_files
from shortaxis.errors import ShortAxisError
from shortaxis.spect.checks import check_grid_can_hold_a_heart
from shortaxis.spect.study import AcquisitionFacts, Modality

__all__ = ["SeriesEntry", "numbered_in_series", "series_entry", "series_layout"]

MAX_IN_SERIES = 80
"""Reconstructions in one series; more have no series numbers of their own."""


@dataclass(frozen=True)
class SeriesEntry:
    """A series on disk that can be reoriented, described without reading pixels.

    `paths` holds one NM multi-frame object, or every slice of a PET series. `spacing_mm` is
    along (slice, row, column); `n_time_slots` is 1 for an ungated study; `kind` is in the
    standard's words, such as ``NM RECON TOMO``. `number_in_series` counts from 1 the entries
    with the same Series Instance UID, of which there are several if it `has_siblings`.
    """

    paths: tuple[Path, ...]
    facts: AcquisitionFacts
    n_slices: int
    rows: int
    columns: int
    spacing_mm: tuple[float, float, float]
    n_time_slots: int
    kind: str
    number_in_series: int = 1
    has_siblings: bool = False


def series_layout(datasets: Sequence[Dataset], kind: ObjectKind) -> VolumeLayout:
    """Layout of the frames of one NM object or of the slices of one PET series.

    Raises
    ------
    GeometryError
        If geometry is missing or contradicts itself, or no heart fits into it.
    CountsError
        If a PET slice does not say how its counts are scaled.
    """
    if kind.modality is Modality.PET:
        layout = pet_layout(datasets, is_gated=kind.is_gated)
    else:
        layout = nm_layout(datasets[0], is_gated=kind.is_gated)
    check_grid_can_hold_a_heart(layout.grid)
    return layout


def series_entry(
    paths: Sequence[Path], datasets: Sequence[Dataset], kind: ObjectKind
) -> SeriesEntry:
    """Describe a series from its headers.

    Raises
    ------
    ShortAxisError
        As `series_layout` does, and an UnreadableFileError where a file was cut short.
    """
    layout = series_layout(datasets, kind)
    refuse_short_files(paths, datasets)
    n_slices, rows, columns = layout.grid.shape
    along_slice, along_row, along_column = layout.grid.spacing_mm.tolist()
    number = _instance_number(datasets[0], kind)
    return SeriesEntry(
        paths=tuple(paths),
        facts=facts_of(datasets, kind.modality),
        n_slices=n_slices,
        rows=rows,
        columns=columns,
        spacing_mm=(along_slice, along_row, along_column),
        n_time_slots=layout.n_time_slots,
        kind=kind.name,
        number_in_series=number,
        has_siblings=number > 1,
    )


def _instance_number(dataset: Dataset, kind: ObjectKind) -> int:
    """Number of an NM object in its series, 1 where it says none of use; PET slices are one."""
    try:
        number = integer_of(dataset, "InstanceNumber") or 1
    except ShortAxisError:
        return 1
    return number if kind.modality is Modality.NM and 1 <= number <= MAX_IN_SERIES else 1


def numbered_in_series(entries: Sequence[SeriesEntry]) -> list[SeriesEntry]:
    """Entries with numbers that no two of one series share.

    The number is Instance Number where that tells all of a series apart, so that it is the same
    whatever else lies in a folder, and else their order.
    """
    series: dict[str, list[SeriesEntry]] = {}
    for entry in entries:
        series.setdefault(entry.facts.series_instance_uid, []).append(entry)
    numbers: dict[tuple[Path, ...], int] = {}
    for siblings in series.values():
        stated = [entry.number_in_series for entry in siblings]
        are_distinct = len(set(stated)) == len(stated)
        for order, entry in enumerate(siblings, start=1):
            numbers[entry.paths] = entry.number_in_series if are_distinct else order
    return [
        replace(
            entry,
            number_in_series=numbers[entry.paths],
            has_siblings=entry.has_siblings or len(series[entry.facts.series_instance_uid]) > 1,
        )
        for entry in entries
    ]
