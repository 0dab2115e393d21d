"""From headers to entries: one object may hold several studies, and several objects one."""

from __future__ import annotations

import re
from collections.abc import Hashable, Sequence
from dataclasses import replace

from pydicom import Dataset

from shortaxis.dicom.elements.attributes import items_of, text_of
from shortaxis.dicom.reading.finding.belonging import divided, slot_order
from shortaxis.dicom.reading.finding.series import SeriesEntry, series_entry
from shortaxis.dicom.reading.headers.energy_windows import window_of, windows_of
from shortaxis.dicom.reading.headers.kinds import ObjectKind
from shortaxis.dicom.reading.headers.read_headers import ReadHeader, read_header
from shortaxis.dicom.reading.pixels.completeness import refuse_short_files
from shortaxis.spect.nuclides import nuclide_named_in
from shortaxis.spect.reading_notes import ReadingNote
from shortaxis.spect.reading_options import ReadingOptions

__all__ = ["joined_slots", "object_entries", "stack_entries"]

DIGITS = re.compile(r"\d+")


def object_entries(
    header: ReadHeader, kind: ObjectKind, options: ReadingOptions
) -> list[SeriesEntry]:
    """Entries of one multi-frame object: one, or one for each of its energy windows.

    Raises
    ------
    ShortAxisError
        As `shortaxis.dicom.reading.finding.series.series_entry`.
    """
    # Further windows of projections are for scatter; they are no studies of their own.
    windows = () if kind.holds_projections else windows_of(header.dataset)
    if not windows:
        entries = [series_entry([header.path], [header.dataset], kind, options, header.notes)]
    else:
        entries = [_window_entry(header, kind, options, window) for window in windows]
    refuse_short_files([header.path], [header.dataset])
    return entries


def _window_entry(
    header: ReadHeader, kind: ObjectKind, options: ReadingOptions, window: int
) -> SeriesEntry:
    single = window_of(header.dataset, window)
    entry = series_entry([header.path], [single], kind, options, header.notes)
    named = _window_name(single) or f"window {window}"
    note = ReadingNote(f"one of several energy windows in one object: {named}")
    return replace(
        entry,
        energy_window=window,
        number_in_series=1,
        facts=replace(entry.facts, energy_window=named),
        notes=(*entry.notes, note),
    )


def _window_name(single: Dataset) -> str:
    """Nuclide of a window by its name, else its limits in keV; words of our own."""
    for item in items_of(single, "EnergyWindowInformationSequence"):
        nuclide = nuclide_named_in(text_of(item, "EnergyWindowName"))
        if nuclide:
            return nuclide
        for limits in items_of(item, "EnergyWindowRangeSequence"):
            ends = [text_of(limits, f"EnergyWindow{end}Limit") for end in ("Lower", "Upper")]
            if all(end.replace(".", "", 1).isdigit() for end in ends):
                return f"{float(ends[0]):g} to {float(ends[1]):g} keV"
    return ""


def stack_entries(
    headers: Sequence[ReadHeader], kind: ObjectKind, options: ReadingOptions
) -> list[SeriesEntry]:
    """Entries of the single slices of one series: one for each reconstruction among them.

    Raises
    ------
    ShortAxisError
        As `shortaxis.dicom.reading.finding.series.series_entry`.
    """
    datasets = [header.dataset for header in headers]
    entries = []
    for stack in divided(datasets, is_gated=kind.is_gated):
        members = [headers[i] for i in stack.members]
        said = [note for member in members for note in member.notes]
        entries.append(
            series_entry(
                [member.path for member in members],
                [member.dataset for member in members],
                kind,
                options,
                (*said, *stack.notes),
            )
        )
        refuse_short_files([m.path for m in members], [m.dataset for m in members])
    return entries


def joined_slots(entries: Sequence[SeriesEntry]) -> list[SeriesEntry]:
    """Entries in which gated objects of one time slot each are one study.

    They are of one study, frame of reference, grid, condition and correction, and their
    descriptions differ in numbers alone. Where nothing tells their order they stay apart, each
    with a note.
    """
    groups: dict[Hashable, list[SeriesEntry]] = {}
    for entry in entries:
        groups.setdefault(_slot_key(entry), []).append(entry)
    joined: list[SeriesEntry] = []
    for key, group in groups.items():
        joined += group if key is None or len(group) < 2 else _as_one(group)
    return sorted(joined, key=lambda entry: (entry.paths, entry.energy_window))


def _slot_key(entry: SeriesEntry) -> Hashable:
    if "GATED" not in entry.kind or entry.n_time_slots != 1 or entry.holds_projections:
        return None
    facts = entry.facts
    return (
        facts.study_instance_uid, facts.frame_of_reference_uid, entry.kind, entry.energy_window,
        (entry.n_slices, entry.rows, entry.columns), entry.spacing_mm, facts.condition,
        facts.attenuation_corrected, DIGITS.sub("#", facts.series_description),
    )  # fmt: skip


def _as_one(group: Sequence[SeriesEntry]) -> list[SeriesEntry]:
    headers = [read_header(entry.paths[0]).dataset for entry in group]
    told = slot_order(headers)
    if told is None:
        note = ReadingNote(
            f"one of {len(group)} gated objects of one time slot each that belong together, in no "
            "order that can be told",
            True,
        )
        return [replace(entry, notes=(*entry.notes, note)) for entry in group]
    order, note = told
    slots = tuple(group[i] for i in order)
    first = slots[0]
    return [
        replace(
            first,
            paths=tuple(path for slot in slots for path in slot.paths),
            n_time_slots=len(slots),
            slots=slots,
            number_in_series=1,
            has_siblings=False,
            facts=replace(
                first.facts,
                sop_instance_uids=tuple(u for s in slots for u in s.facts.sop_instance_uids),
            ),
            notes=(*first.notes, note),
        )
    ]
