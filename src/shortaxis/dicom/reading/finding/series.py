"""One readable series: its files, what it is, and how it is laid out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from pydicom import Dataset

from shortaxis.dicom.carried.stated.glucose import glucose_note
from shortaxis.dicom.elements.attributes import integer_of
from shortaxis.dicom.reading.headers.facts import facts_of
from shortaxis.dicom.reading.headers.kinds import ObjectKind
from shortaxis.dicom.reading.layouts.layout import VolumeLayout
from shortaxis.dicom.reading.layouts.nm_layout import nm_layout
from shortaxis.dicom.reading.layouts.slice_spacing import slice_spacing_doubt
from shortaxis.dicom.reading.layouts.stack_layout import stack_layout
from shortaxis.errors import ShortAxisError
from shortaxis.spect.checks import check_grid_can_hold_a_heart
from shortaxis.spect.reading_notes import ReadingNote, unique_notes
from shortaxis.spect.reading_options import AS_STORED, ReadingOptions
from shortaxis.spect.stated_geometry import NOTHING_STATED, StatedGeometry
from shortaxis.spect.study import AcquisitionFacts, Modality

if TYPE_CHECKING:
    from shortaxis.dicom.reading.views.projection_layout import ProjectionLayout

__all__ = ["SeriesEntry", "numbered_in_series", "series_entry", "series_layout"]

RAW = ReadingNote("raw projections: they are reconstructed where they are read")

MAX_IN_SERIES = 80
"""Reconstructions in one series; more have no series numbers of their own."""


@dataclass(frozen=True)
class SeriesEntry:
    """A study on disk that can be reoriented, described without reading pixels.

    `paths` holds one NM multi-frame object, or every slice of a series of single slices.
    `spacing_mm` is along (slice, row, column); `n_time_slots` is 1 for an ungated study; `kind`
    is in the standard's words, such as ``NM RECON TOMO``. `number_in_series` counts from 1 the
    entries with the same Series Instance UID, of which there are several if it `has_siblings`.
    `energy_window` is the number from 1 of the window of an object of several, else 0. `slots`
    holds an entry for every time slot where each is stored by itself. An entry that
    `holds_projections` is described as what they will be reconstructed to. `notes` say what was
    concluded.
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
    energy_window: int = 0
    slots: tuple[SeriesEntry, ...] = ()
    notes: tuple[ReadingNote, ...] = ()
    holds_projections: bool = False


def series_layout(
    datasets: Sequence[Dataset], kind: ObjectKind, stated: StatedGeometry = NOTHING_STATED
) -> VolumeLayout:
    """Layout of the frames of one NM object or of a stack of single slices.

    Raises
    ------
    GeometryError
        If geometry is missing or contradicts itself, or no heart fits into it.
    CountsError
        If a PET slice does not say how its counts are scaled.
    """
    if kind.modality is Modality.PET or len(datasets) > 1:
        layout = stack_layout(datasets, is_gated=kind.is_gated, stated=stated)
    else:
        layout = nm_layout(datasets[0], is_gated=kind.is_gated, stated=stated)
    check_grid_can_hold_a_heart(layout.grid)
    doubt = slice_spacing_doubt(datasets, layout.grid, kind.modality, stated)
    return layout if doubt is None else replace(layout, notes=(*layout.notes, doubt))


def series_entry(
    paths: Sequence[Path],
    datasets: Sequence[Dataset],
    kind: ObjectKind,
    options: ReadingOptions = AS_STORED,
    notes: Sequence[ReadingNote] = (),
) -> SeriesEntry:
    """Describe a series from its headers.

    `notes` are what the headers gave reason to say before.

    Raises
    ------
    ShortAxisError
        As `series_layout` does, and an UnreadableFileError where a file was cut short.
    """
    layout: VolumeLayout | ProjectionLayout
    if kind.holds_projections:
        # Few studies are raw projections.
        from shortaxis.dicom.reading.views.projection_layout import projection_layout

        layout = projection_layout(datasets[0], kind, options)
    else:
        layout = series_layout(datasets, kind, options.stated)
    n_slices, rows, columns = layout.grid.shape
    along_slice, along_row, along_column = layout.grid.spacing_mm.tolist()
    number = _instance_number(datasets, kind)
    of_tracer = [glucose_note(datasets[0])] if kind.modality is Modality.PET else []
    said = (RAW,) if kind.holds_projections else ()
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
        notes=unique_notes((*notes, *said, *kind.notes, *layout.notes, *filter(None, of_tracer))),
        holds_projections=kind.holds_projections,
    )


def _instance_number(datasets: Sequence[Dataset], kind: ObjectKind) -> int:
    """Number of an NM object in its series, 1 where it says none of use; a stack is one."""
    if kind.modality is not Modality.NM or len(datasets) > 1:
        return 1
    try:
        number = integer_of(datasets[0], "InstanceNumber") or 1
    except ShortAxisError:
        return 1
    return number if 1 <= number <= MAX_IN_SERIES else 1


def numbered_in_series(entries: Sequence[SeriesEntry]) -> list[SeriesEntry]:
    """Entries with numbers that no two of one series share.

    The number is Instance Number where that tells all of a series apart, so that it is the same
    whatever else lies in a folder, and else their order.
    """
    series: dict[str, list[SeriesEntry]] = {}
    for entry in entries:
        series.setdefault(entry.facts.series_instance_uid, []).append(entry)
    numbers: dict[tuple[tuple[Path, ...], int], int] = {}
    for siblings in series.values():
        stated = [entry.number_in_series for entry in siblings]
        are_distinct = len(set(stated)) == len(stated)
        for order, entry in enumerate(siblings, start=1):
            number = entry.number_in_series if are_distinct else order
            numbers[entry.paths, entry.energy_window] = number
    return [
        replace(
            entry,
            number_in_series=numbers[entry.paths, entry.energy_window],
            has_siblings=entry.has_siblings or len(series[entry.facts.series_instance_uid]) > 1,
        )
        for entry in entries
    ]
