"""Read a series into a perfusion study."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from pydicom import Dataset

from shortaxis.dicom.carried.pixel_history import gather_pixel_history
from shortaxis.dicom.carried.source_header import DicomStudy, SourceHeader
from shortaxis.dicom.elements.attributes import text_of
from shortaxis.dicom.elements.part10 import quiet_pydicom
from shortaxis.dicom.elements.transfer_syntaxes import is_encapsulated, transfer_syntax_of
from shortaxis.dicom.reading.finding.series import SeriesEntry, series_layout
from shortaxis.dicom.reading.headers.energy_windows import frames_of_window, window_of
from shortaxis.dicom.reading.headers.facts import facts_of
from shortaxis.dicom.reading.headers.kinds import ObjectKind, classify_object
from shortaxis.dicom.reading.headers.read_headers import read_header
from shortaxis.dicom.reading.headers.told_beats import told_beats
from shortaxis.dicom.reading.headers.way_on import lead_on
from shortaxis.dicom.reading.layouts.layout import VolumeLayout
from shortaxis.dicom.reading.pixels.counts import excess_note, frame_counts
from shortaxis.errors import GeometryError, ShortAxisError, UnsupportedObjectError
from shortaxis.geometry.arrays import CountsArray
from shortaxis.spect.checks import check_counts_can_hold_a_heart
from shortaxis.spect.damaged_slices import damaged_slice_notes
from shortaxis.spect.reading_notes import ReadingNote, unique_notes
from shortaxis.spect.reading_options import AS_STORED, ReadingOptions
from shortaxis.spect.study import PerfusionStudy
from shortaxis.spect.time_slots import summed_slots

__all__ = ["read_dicom_study"]

PIXEL_ATTRIBUTES = ("PixelData", "FloatPixelData", "DoubleFloatPixelData")


def read_dicom_study(entry: SeriesEntry, options: ReadingOptions = AS_STORED) -> DicomStudy:
    """Read counts, geometry and facts of a series that a scan found.

    Parameters
    ----------
    entry : SeriesEntry
        From `shortaxis.dicom.reading.finding.scan.scan_dicom`.
    options : ReadingOptions
        The same as for the scan.

    Returns
    -------
    DicomStudy
        The study, its ungated volume summed over R-R intervals and time slots, and the header
        without pixels.

    Raises
    ------
    UnreadableFileError
        If a file is damaged, truncated or compressed in a way that cannot be decoded.
    UnsupportedObjectError
        If the object holds no transaxial reconstruction.
    GeometryError
        If geometry is missing or contradicts itself; the attribute is named.
    CountsError
        If no heart can be in the counts.
    """
    with quiet_pydicom():
        try:
            _refuse_projections(entry)
            parts = [_read_at(slot, options) for slot in entry.slots or (entry,)]
            return _study_of(parts, entry)
        except ShortAxisError as error:
            lead_on(error.at_path(entry.paths[0]))
            raise


def _refuse_projections(entry: SeriesEntry) -> None:
    if entry.holds_projections:
        raise UnsupportedObjectError(
            "holds projections and no slices", expected="a transaxial reconstruction",
            found=entry.kind, way_on="reconstruct it with shortaxis reconstruct",
        )  # fmt: skip


@dataclass(frozen=True, eq=False)
class _Part:
    """Time slots that were stored together, (time_slot, slice, row, column), and their headers."""

    gates: CountsArray
    layout: VolumeLayout
    kind: ObjectKind
    datasets: list[Dataset]
    notes: tuple[ReadingNote, ...]


def _read_at(entry: SeriesEntry, options: ReadingOptions) -> _Part:
    """What was stored together; an error names its first file, unless it names one itself."""
    try:
        return _read(entry, options)
    except ShortAxisError as error:
        error.at_path(entry.paths[0])
        raise


def _read(entry: SeriesEntry, options: ReadingOptions) -> _Part:
    headers = [read_header(path, with_pixels=True) for path in entry.paths]
    datasets = [header.dataset for header in headers]
    stored = datasets[0]
    if entry.energy_window:
        datasets[0] = window_of(stored, entry.energy_window)
    kind = classify_object(datasets[0], options)
    layout = series_layout(datasets, kind, options.stated)
    plane = layout.grid.shape[1:]
    frames = _frames(entry, datasets, layout, plane, stored)
    gates = _slots(frames, layout)
    said = [note for header in headers for note in header.notes]
    left_out = [_excess(stored, plane)] if len(datasets) == 1 else []
    if not entry.energy_window:
        _drop_read_pixels(datasets)
    notes = (*said, *kind.notes, *layout.notes, *filter(None, left_out))
    return _Part(gates, layout, kind, datasets, notes)


def _slots(frames: CountsArray, layout: VolumeLayout) -> CountsArray:
    """Counts (time_slot, slice, row, column), summed over what belongs together.

    Frames that lie in order are taken as they are: of a gated study a copy of all is large.
    """
    first, *others = layout.frame_at
    if not others and np.array_equal(first.ravel(), np.arange(len(frames))):
        return frames.reshape(*first.shape, *frames.shape[1:])
    gates: CountsArray = frames[first]
    for addend in others:
        gates += frames[addend]
    return gates


def _excess(stored: Dataset, plane: tuple[int, int]) -> ReadingNote | None:
    return excess_note(stored, int(stored.get("NumberOfFrames") or 1), plane)


def _frames(
    entry: SeriesEntry,
    datasets: Sequence[Dataset],
    layout: VolumeLayout,
    plane: tuple[int, int],
    stored: Dataset,
) -> CountsArray:
    n_frames = layout.frame_at.size
    if len(datasets) not in (1, n_frames):
        raise GeometryError(
            "the files changed since they were found", expected=f"{n_frames} slices",
            found=f"{len(datasets)} files", cause="files were added or replaced meanwhile",
            way_on="run it again when the folder is complete",
        )  # fmt: skip
    if entry.energy_window:
        n_stored = int(stored.get("NumberOfFrames") or 1)
        return frame_counts(stored, n_stored, plane)[frames_of_window(stored, entry.energy_window)]
    if len(datasets) == 1:
        return frame_counts(datasets[0], n_frames, plane)
    frames = np.empty((n_frames, *plane), dtype=np.float32)
    for frame, dataset, path in zip(frames, datasets, entry.paths, strict=True):
        try:
            frame_counts(dataset, 1, plane, into=frame[np.newaxis])
        except ShortAxisError as error:
            error.at_path(path)
            raise
        _drop_read_pixels([dataset])
    return frames


def _drop_read_pixels(datasets: Sequence[Dataset]) -> None:
    """Pixels that are counts by now; of compressed ones the size is still to be told."""
    for dataset in datasets:
        if not is_encapsulated(transfer_syntax_of(dataset)):
            _drop_pixels(dataset)


def _drop_pixels(dataset: Dataset) -> None:
    for keyword in PIXEL_ATTRIBUTES:
        if keyword in dataset:
            del dataset[keyword]


def _study_of(parts: Sequence[_Part], entry: SeriesEntry) -> DicomStudy:
    first = parts[0]
    _refuse_other_grids(parts)
    gates = first.gates if len(parts) == 1 else np.concatenate([part.gates for part in parts])
    volume, slot_notes = summed_slots(gates, first.layout.grid.patient_from_index)
    check_counts_can_hold_a_heart(volume)
    datasets = [dataset for part in parts for dataset in part.datasets]
    facts = facts_of(datasets, first.kind.modality)
    if entry.facts.energy_window:
        facts = replace(facts, energy_window=entry.facts.energy_window)
    is_gated = first.kind.is_gated and (len(gates) > 1 or _is_one_slot_of_a_gated_study(first))
    if is_gated:
        facts = replace(facts, beats=told_beats(datasets, len(gates)))
    read = (note for part in parts for note in part.notes)
    notes = unique_notes((*entry.notes, *read, *slot_notes, *damaged_slice_notes(gates)))
    study = PerfusionStudy(volume, gates if is_gated else None, facts, notes)
    return DicomStudy(study, _header(datasets, entry))


def _is_one_slot_of_a_gated_study(part: _Part) -> bool:
    """Whether one time slot is what was stored, and not the sum of slots in doubt."""
    return int(part.layout.frame_at.shape[0]) == 1


def _refuse_other_grids(parts: Sequence[_Part]) -> None:
    first = parts[0].layout.grid
    for part in parts[1:]:
        grid = part.layout.grid
        if grid.shape != first.shape or not np.allclose(
            grid.patient_from_index, first.patient_from_index, atol=0.05
        ):
            raise GeometryError(
                "time slots lie on different grids",
                expected="one grid for all time slots",
                found="several",
                cause="objects of two studies under one Series Instance UID",
                way_on="put the files of each into a folder of their own",
            )


def _header(datasets: Sequence[Dataset], entry: SeriesEntry) -> SourceHeader:
    instances = tuple(
        (text_of(dataset, "SOPClassUID"), text_of(dataset, "SOPInstanceUID"))
        for dataset in datasets
    )
    gather_pixel_history(datasets)
    _drop_pixels(datasets[0])
    return SourceHeader(datasets[0], instances, entry.number_in_series, entry.has_siblings)
