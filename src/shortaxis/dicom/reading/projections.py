"""Read raw projections: counts, angles, and what is needed to store what is made of them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from pydicom import Dataset

from shortaxis.dicom.carried.source_header import SourceHeader
from shortaxis.dicom.elements.attributes import required_integer, text_of
from shortaxis.dicom.elements.part10 import quiet_pydicom
from shortaxis.dicom.reading.finding.series import SeriesEntry
from shortaxis.dicom.reading.headers.energy_windows import window_of
from shortaxis.dicom.reading.headers.facts import facts_of
from shortaxis.dicom.reading.headers.kinds import classify_object
from shortaxis.dicom.reading.headers.read_headers import read_header
from shortaxis.dicom.reading.headers.told_beats import told_beats
from shortaxis.dicom.reading.headers.way_on import lead_on
from shortaxis.dicom.reading.pixels.counts import excess_note, frame_counts
from shortaxis.dicom.reading.views.heads import NOMINAL_RADIUS_MM, collimator_of
from shortaxis.dicom.reading.views.merged_heads import MERGED_HEADS, are_two_heads
from shortaxis.dicom.reading.views.projection_layout import (
    ProjectionLayout,
    projection_layout,
)
from shortaxis.dicom.reading.views.view_counts import (
    refuse_empty_views,
    refuse_negative_counts,
    refuse_saturated_views,
)
from shortaxis.errors import ShortAxisError, UnsupportedObjectError
from shortaxis.geometry.arrays import CountsArray
from shortaxis.spect.projections import Projections
from shortaxis.spect.reading_notes import ReadingNote, unique_notes
from shortaxis.spect.reading_options import AS_STORED, ReadingOptions
from shortaxis.spect.stated_acquisition import ACQUIRED_AS_STORED, StatedAcquisition
from shortaxis.spect.study import AcquisitionFacts

__all__ = ["RawStudy", "read_projections"]

ORIGIN = (0.0, 0.0, 0.0)


@dataclass(frozen=True, eq=False)
class RawStudy:
    """Projections of one study, and what else their object says.

    Parameters
    ----------
    projections : Projections
        Counts; the radial positions are nominal where `radius_is_known` is False, the axis is the
        origin where `place_is_known` is False.
    facts : AcquisitionFacts
        What else is known.
    header : SourceHeader
        For what is made of the projections; it names the photopeak's window alone.
    collimator : str
        Its name, stated or stored; may be empty.
    notes : tuple of ReadingNote
        What reading left out or concluded.
    acquisition : StatedAcquisition
        What the user stated.
    """

    projections: Projections
    facts: AcquisitionFacts
    header: SourceHeader
    collimator: str
    radius_is_known: bool
    place_is_known: bool
    notes: tuple[ReadingNote, ...] = ()
    acquisition: StatedAcquisition = ACQUIRED_AS_STORED


def read_projections(entry: SeriesEntry, options: ReadingOptions = AS_STORED) -> RawStudy:
    """Read the projections that a scan found.

    Parameters
    ----------
    entry : SeriesEntry
        From `shortaxis.dicom.reading.finding.scan.scan_dicom`; it holds projections.
    options : ReadingOptions
        The same as for the scan.

    Raises
    ------
    UnreadableFileError
        If the file is damaged, truncated or compressed in a way that cannot be decoded.
    UnsupportedObjectError
        If the object holds no projections.
    GeometryError
        If anything of the acquisition is missing or contradicts itself; the attribute is named.
    CountsError
        If views are empty, saturated or negative.
    """
    with quiet_pydicom():
        try:
            return _read(entry, options)
        except ShortAxisError as error:
            lead_on(error.at_path(entry.paths[0]))
            raise


def _read(entry: SeriesEntry, options: ReadingOptions) -> RawStudy:
    header = read_header(entry.paths[0], with_pixels=True)
    dataset = header.dataset
    kind = classify_object(dataset, options)
    if not kind.holds_projections:
        raise UnsupportedObjectError(
            "holds no projections", expected="NM TOMO or NM GATED TOMO", found=kind.name,
            cause="a reconstruction, or a file that changed since it was found",
        )  # fmt: skip
    layout = projection_layout(dataset, kind, options)
    projections = _projections(dataset, layout, is_gated=kind.is_gated)
    merged = projections.heads == 1 and are_two_heads(projections.counts[0].sum(axis=0))
    if merged:
        projections = replace(projections, heads=2)
    facts = replace(facts_of([dataset], kind.modality), attenuation_corrected=False)
    if kind.is_gated:
        beats = told_beats([dataset], projections.counts.shape[1])
        facts = replace(facts, beats=beats)
    n_frames = required_integer(dataset, "NumberOfFrames")
    left_out = excess_note(dataset, n_frames, layout.plane)
    concluded = [left_out, MERGED_HEADS if merged else None]
    notes = (*header.notes, *layout.notes, *filter(None, concluded))
    return RawStudy(
        projections=projections,
        facts=facts,
        header=_source_header(dataset, layout, entry),
        collimator=collimator_of(dataset, options),
        radius_is_known=layout.heads.radii_mm is not None,
        place_is_known=layout.heads.axis_mm is not None,
        notes=unique_notes(notes),
        acquisition=options.acquisition,
    )


def _projections(dataset: Dataset, layout: ProjectionLayout, *, is_gated: bool) -> Projections:
    order, heads = layout.order, layout.heads
    n_frames = required_integer(dataset, "NumberOfFrames")
    frames = frame_counts(dataset, n_frames, layout.plane)
    # R-R intervals are summed; (window, slot, head, view, row, bin) is left.
    counts = frames[order.frame_at].sum(axis=0, dtype=np.float32)[list(layout.windows.places)]
    counts = _turned(counts, heads.flips)
    counts = counts.reshape(*counts.shape[:2], -1, *layout.plane)
    angles = tuple(layout.angles_deg.ravel().tolist())
    refuse_negative_counts(counts)
    refuse_empty_views(counts[0], angles)
    refuse_saturated_views(dataset, counts[0], angles)
    radii = np.full(len(angles), NOMINAL_RADIUS_MM)
    if heads.radii_mm is not None:
        radii = heads.radii_mm.ravel()
    return Projections(
        counts=counts,
        angles_deg=angles,
        radial_position_mm=tuple(radii.tolist()),
        pixel_mm=heads.pixel_mm,
        axis_mm=heads.axis_mm or ORIGIN,
        windows_kev=layout.windows.limits_kev,
        heads=order.heads,
        is_gated=is_gated,
    )


def _turned(counts: CountsArray, flips: tuple[tuple[bool, bool], ...]) -> CountsArray:
    """Views with rows from head to feet, and bins to the right of who stands in their place."""
    if not any(any(each) for each in flips):
        return counts
    turned = counts.copy()
    for head, (rows, bins) in enumerate(flips):
        axes = tuple(axis for axis, is_turned in ((-2, rows), (-1, bins)) if is_turned)
        turned[:, :, head] = np.flip(counts[:, :, head], axes)
    return turned


def _source_header(dataset: Dataset, layout: ProjectionLayout, entry: SeriesEntry) -> SourceHeader:
    """The header without pixels, as if the photopeak alone had been stored."""
    instance = (text_of(dataset, "SOPClassUID"), text_of(dataset, "SOPInstanceUID"))
    peak = layout.order.windows[layout.windows.places[0]]
    single = window_of(dataset, peak) if len(layout.order.windows) > 1 else dataset
    if "PixelData" in single:
        del single["PixelData"]
    return SourceHeader(single, (instance,), entry.number_in_series, entry.has_siblings)
