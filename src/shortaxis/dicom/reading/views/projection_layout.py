"""How the views of an NM TOMO object are laid out, without their pixels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from pydicom import Dataset

from shortaxis.dicom.elements.attributes import (
    integer_of,
    items_of,
    label,
    numbers_of,
    required_integer,
    texts_of,
)
from shortaxis.dicom.reading.headers.facts import facts_of
from shortaxis.dicom.reading.headers.kinds import ObjectKind
from shortaxis.dicom.reading.layouts.layout import plane_shape_of
from shortaxis.dicom.reading.views.heads import HeadFacts, head_facts
from shortaxis.dicom.reading.views.photopeak import EnergyWindows, energy_windows
from shortaxis.dicom.reading.views.view_angles import view_angles
from shortaxis.dicom.reading.views.view_order import EXPORT_AGAIN, ViewOrder, view_order
from shortaxis.errors import GeometryError, OptionError
from shortaxis.files.inputs.input_size import require_counts_fit
from shortaxis.geometry.arrays import FloatArray
from shortaxis.geometry.grids import Grid
from shortaxis.spect.checks import check_grid_can_hold_a_heart
from shortaxis.spect.reading_notes import ReadingNote, unique_notes
from shortaxis.spect.reading_options import ReadingOptions
from shortaxis.spect.stated_geometry import StatedGeometry, StoredAxis

__all__ = ["ProjectionLayout", "projection_layout"]

NO_FRAME_TIME = ReadingNote(
    f"{label('FrameTime')} is missing: how long a time slot lasts is not known"
)
MOTION_CORRECTED = ReadingNote(f"{label('CorrectedImage')} says that motion was corrected already")


@dataclass(frozen=True, eq=False)
class ProjectionLayout:
    """Where the frames are, at which angles, and what the heads and windows are.

    `angles_deg` is ``(head, view)``; `plane` are rows and bins.
    """

    order: ViewOrder
    angles_deg: FloatArray
    heads: HeadFacts
    windows: EnergyWindows
    plane: tuple[int, int]
    notes: tuple[ReadingNote, ...] = ()

    @property
    def grid(self) -> Grid:
        """The grid of a reconstruction, its axis of rotation in the middle."""
        rows, bins = self.plane
        row_mm, bin_mm = self.heads.pixel_mm
        return Grid((rows, bins, bins), np.diag([row_mm, bin_mm, bin_mm, 1.0]))

    @property
    def n_time_slots(self) -> int:
        """Number of time slots, 1 for an ungated study."""
        return int(self.order.frame_at.shape[2])


def projection_layout(
    dataset: Dataset, kind: ObjectKind, options: ReadingOptions
) -> ProjectionLayout:
    """Read what a header says of its views.

    Raises
    ------
    GeometryError
        If anything of the acquisition is missing, and the user does not state it, or contradicts
        itself; also where no heart fits into the views.
    UnsupportedObjectError
        For collimators whose views are not parallel.
    OptionError
        If directions of slices were stated, which projections do not have.
    """
    _refuse_stated_slices(options.stated)
    plane = plane_shape_of(dataset)
    n_frames = required_integer(dataset, "NumberOfFrames")
    require_counts_fit((max(n_frames, 1), *plane))
    if n_frames < 1:
        raise GeometryError(
            f"{label('NumberOfFrames')} is impossible", expected="at least 1",
            found=str(n_frames), cause="a damaged header", way_on="export the acquisition again",
        )  # fmt: skip
    order = view_order(dataset, n_frames)
    if kind.is_gated:
        _refuse_no_slots(dataset, order)
    angles, said = view_angles(dataset, order, options.acquisition)
    heads = head_facts(dataset, order, angles, options)
    facts = facts_of([dataset], kind.modality)
    windows = energy_windows(dataset, order, facts.nuclide, options.acquisition.energy_window)
    stated = (*_notes_of(options.stated), *options.acquisition.notes)
    notes = (
        *kind.notes, *order.notes, *said, *heads.notes, *windows.notes,
        *_notes_of_header(dataset, kind), *stated,
    )  # fmt: skip
    layout = ProjectionLayout(order, angles, heads, windows, plane, unique_notes(notes))
    check_grid_can_hold_a_heart(layout.grid)
    return layout


def _refuse_stated_slices(stated: StatedGeometry) -> None:
    if (
        stated.orientation
        or stated.slice_spacing_mm is not None
        or StoredAxis.SLICES in stated.flips
    ):
        raise OptionError(
            "holds projections, which have no slices",
            expected="no orientation, slice spacing or flipped slices",
            found="one of them",
            cause="geometry that was stated for a reconstruction",
            way_on="state pixel spacing, start angle, direction of rotation or scan arc with "
            "shortaxis reconstruct; flipped rows and columns are those of a view",
        )


def _notes_of(stated: StatedGeometry) -> tuple[ReadingNote, ...]:
    said = []
    if stated.pixel_spacing_mm is not None:
        said.append("pixel spacing {:g} x {:g} mm".format(*stated.pixel_spacing_mm))
    if stated.flips:
        said.append("flipped " + " and ".join(sorted(axis.value for axis in stated.flips)))
    if not said:
        return ()
    return (ReadingNote(f"views as stated by the user: {', '.join(said)}", True),)


def _refuse_no_slots(dataset: Dataset, order: ViewOrder) -> None:
    """Gated projections say which frames are of which moment of the beat."""
    slots = int(order.frame_at.shape[2])
    stated = integer_of(dataset, "NumberOfTimeSlots")
    if numbers_of(dataset, "TimeSlotVector") is None or stated not in (None, slots):
        raise GeometryError(
            "does not tell its time slots",
            expected=f"{label('TimeSlotVector')} with "
            + ("several time slots" if stated is None else f"{stated} time slots"),
            found="no value" if numbers_of(dataset, "TimeSlotVector") is None else f"{slots}",
            cause="gated projections that were summed or cut, or an export that dropped attributes",
            way_on=EXPORT_AGAIN,
        )


def _notes_of_header(dataset: Dataset, kind: ObjectKind) -> list[ReadingNote]:
    notes = []
    intervals = [
        interval
        for gating in items_of(dataset, "GatedInformationSequence")
        for interval in items_of(gating, "DataInformationSequence")
    ]
    if kind.is_gated and all(numbers_of(each, "FrameTime") is None for each in intervals):
        notes.append(NO_FRAME_TIME)
    if "MOTN" in [value.upper() for value in texts_of(dataset, "CorrectedImage")]:
        notes.append(MOTION_CORRECTED)
    return notes
