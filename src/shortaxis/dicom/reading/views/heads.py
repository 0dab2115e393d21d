"""What the items of the heads say of pixels, distance and corrections (PS3.3 C.8.4.11, C.8.4.12).

Where heads do not agree on the axis of rotation, or say nothing of it, it stays unknown where the
volume lies, which moves no heart in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from pydicom import Dataset

from shortaxis.dicom.carried.modules.patient import names_the_patient, without_the_patient
from shortaxis.dicom.elements.attributes import (
    items_of,
    label,
    numbers_of,
    text_of,
    texts_of,
)
from shortaxis.dicom.reading.layouts.layout import pixel_spacing_of
from shortaxis.dicom.reading.views.head_place import (
    axis_place,
    refuse_unlike_heads,
    share_one_orientation,
    stored_flips,
)
from shortaxis.dicom.reading.views.view_angles import item_number
from shortaxis.dicom.reading.views.view_order import ViewOrder
from shortaxis.errors import GeometryError, UnsupportedObjectError
from shortaxis.geometry.arrays import FloatArray
from shortaxis.spect.reading_notes import ReadingNote
from shortaxis.spect.reading_options import ReadingOptions
from shortaxis.spect.stated_geometry import StoredAxis

__all__ = ["HeadFacts", "collimator_of", "head_facts"]

SAME_TABLE_MM = 1.0
"""Tables that stood as far apart did not move: cameras round to whole mm."""

NOMINAL_RADIUS_MM = 250.0
"""Stands for a radial position that nobody tells; nothing is computed from it then."""

PARALLEL = ("", "PARA", "UNKN")
"""Collimator Types (C.8.4.11) whose views are parallel, or not said to be anything else."""

NO_PLACE = ReadingNote(
    "where the axis of rotation lies in the scanner is not known: it is taken as the origin, at "
    "the middle of the rows"
)
SHARED_ORIENTATION = ReadingNote(
    f"{label('ImageOrientationPatient')} is the same for heads at different angles: it is none of "
    "theirs, and rows are taken to run to the right of who stands in their place, columns to the "
    "feet",
    True,
)
NO_RADIUS = ReadingNote(
    f"{label('RadialPosition')} is missing: distances to the collimator are not known, and "
    "resolution is not recovered"
)


@dataclass(frozen=True, eq=False)
class HeadFacts:
    """Pixels, place and distance of the heads.

    `radii_mm` is ``(head, view)`` and None where nobody tells; `flips` are the stored axes
    (row, bin) that run the other way than `Projections` has them, one pair a head. `axis_mm` is
    the place of the axis of rotation at the middle of the rows, None where it is not known.
    """

    pixel_mm: tuple[float, float]
    radii_mm: FloatArray | None
    flips: tuple[tuple[bool, bool], ...]
    axis_mm: tuple[float, float, float] | None
    notes: tuple[ReadingNote, ...] = ()


def head_facts(
    dataset: Dataset, order: ViewOrder, angles_deg: FloatArray, options: ReadingOptions
) -> HeadFacts:
    """Facts of all heads.

    Parameters
    ----------
    dataset : Dataset
        Header.
    order : ViewOrder
        Which items describe which head.
    angles_deg : (head, view) array
        Of all views.
    options : ReadingOptions
        What the user states.

    Raises
    ------
    GeometryError
        If there is no pixel spacing, or heads contradict their angles or each other.
    UnsupportedObjectError
        For collimators whose views are not parallel.
    """
    stated = options.stated.pixel_spacing_mm
    spacing = pixel_spacing_of(dataset) if stated is None else np.array(stated)
    pixel_mm = (float(spacing[0]), float(spacing[1]))
    detectors = items_of(dataset, "DetectorInformationSequence")
    items = [item_number(detectors, number) for number in order.detectors]
    _refuse_other_collimators(items)
    radii = _radii(dataset, items, order, options)
    is_shared = share_one_orientation(items, angles_deg[:, 0])
    trusts_angles = bool(options.acquisition.start_angles_deg) or is_shared
    # What an item says of direction and place is of its detector's first view of all.
    begins = [order.detectors.index(detector) for detector in order.detectors]
    turned = [
        None if trusts_angles else stored_flips(item, float(angles_deg[first, 0]), head)
        for head, (item, first) in enumerate(zip(items, begins, strict=True), start=1)
    ]
    refuse_unlike_heads(turned)
    axis = None
    if radii is not None:
        first_views = [(float(angles_deg[each, 0]), float(radii[each, 0])) for each in begins]
        axis = axis_place(dataset, items, turned, first_views, pixel_mm)
    said = [
        SHARED_ORIENTATION if is_shared else None,
        _tilt_note(items),
        _table_note(dataset, order),
        _centre_note(dataset, items, pixel_mm[1]),
    ]
    if axis is None:
        said.append(NO_PLACE)
    if radii is None:
        said.append(NO_RADIUS)
    stated_flips = (
        StoredAxis.ROWS in options.stated.flips,
        StoredAxis.COLUMNS in options.stated.flips,
    )
    flips = tuple(_either(each or (False, False), stated_flips) for each in turned)
    return HeadFacts(pixel_mm, radii, flips, axis, tuple(filter(None, said)))


def collimator_of(dataset: Dataset, options: ReadingOptions) -> str:
    """Name of the collimator, stated or stored; empty where nobody says.

    People type into it, so words that name the patient are left out of what is stored.
    """
    if options.acquisition.collimator is not None:
        return options.acquisition.collimator
    named = (
        text_of(item, "CollimatorGridName")
        for item in items_of(dataset, "DetectorInformationSequence")
    )
    name = next(filter(None, named), "")
    return without_the_patient(name, dataset) if names_the_patient(name, dataset) else name


def _either(first: tuple[bool, bool], second: tuple[bool, bool]) -> tuple[bool, bool]:
    """Turned over twice is not turned over."""
    return first[0] != second[0], first[1] != second[1]


def _refuse_other_collimators(items: Sequence[Dataset]) -> None:
    kinds = {text_of(item, "CollimatorType").upper() for item in items}
    if kinds - set(PARALLEL):
        raise UnsupportedObjectError(
            "was acquired with a collimator that is not parallel",
            expected=f"{label('CollimatorType')} PARA",
            found=", ".join(sorted(kind for kind in kinds if len(kind) == 4)) or "another type",
            cause="a pinhole, fan-beam or other special collimator",
            way_on="reconstruct it on the camera's station and take the transaxial slices",
        )


def _radii(
    dataset: Dataset, items: Sequence[Dataset], order: ViewOrder, options: ReadingOptions
) -> FloatArray | None:
    """Radial position of every view: of the head, else of its rotation; None where nobody says."""
    if options.acquisition.radius_mm is not None:
        return np.full((order.heads, order.views), options.acquisition.radius_mm)
    rotations = items_of(dataset, "RotationInformationSequence")
    radii = np.empty((order.heads, order.views))
    for head, (item, rotation) in enumerate(zip(items, order.rotations, strict=True)):
        said = numbers_of(item, "RadialPosition")
        if said is None:
            said = numbers_of(item_number(rotations, rotation), "RadialPosition")
        if said is None or said.min() <= 0:
            return None
        said = _of_this_part(said, order, head)
        if len(said) not in (1, order.views):
            raise GeometryError(
                f"{label('RadialPosition')} does not fit the views",
                expected=f"1 or {order.views} values", found=f"{len(said)} values",
                cause="views that were taken out",
                way_on="state one distance for all views: --radius 250",
            )  # fmt: skip
        radii[head] = said
    return radii


def _of_this_part(said: FloatArray, order: ViewOrder, head: int) -> FloatArray:
    """Values of one head among those of all heads, or of all rotations of its detector."""
    detector = order.detectors[head]
    same = [each for each, other in enumerate(order.detectors) if other == detector]
    for part, parts in ((same.index(head), len(same)), (head, order.heads)):
        if parts > 1 and len(said) == parts * order.views:
            return said[part * order.views : (part + 1) * order.views]
    return said


def _tilt_note(items: Sequence[Dataset]) -> ReadingNote | None:
    """A tilted head sees no transaxial planes (C.8.4.11)."""
    tilts = [numbers_of(item, "GantryDetectorTilt") for item in items]
    largest = max((abs(float(tilt[0])) for tilt in tilts if tilt is not None), default=0.0)
    if largest <= 1:
        return None
    return ReadingNote(
        f"{label('GantryDetectorTilt')} is {largest:g} degrees, and is not corrected", True
    )


def _table_note(dataset: Dataset, order: ViewOrder) -> ReadingNote | None:
    """Whether the table stood elsewhere in a later rotation, which moves the patient in its views.

    Table Height and Table Traverse of the rotations (C.8.4.12). One place for all moves nothing:
    views are told from the axis of rotation.
    """
    rotations = items_of(dataset, "RotationInformationSequence")
    used = [item_number(rotations, number) for number in dict.fromkeys(order.rotations)]
    for keyword in ("TableHeight", "TableTraverse"):
        said = [float(each[0]) for item in used if (each := numbers_of(item, keyword)) is not None]
        apart = max(said, default=0.0) - min(said, default=0.0)
        if apart > SAME_TABLE_MM:
            return ReadingNote(
                f"{label(keyword)} differs by {apart:g} mm between the rotations, and is not "
                "corrected: the patient lay elsewhere in the later views",
                True,
            )
    return None


def _centre_note(dataset: Dataset, items: Sequence[Dataset], bin_mm: float) -> ReadingNote | None:
    """Center of Rotation Offset, which cameras correct before they store (C.8.4.11.1.5)."""
    offsets = [numbers_of(item, "CenterOfRotationOffset") for item in items]
    largest = max((abs(float(each[0])) for each in offsets if each is not None), default=0.0)
    is_corrected = "COR" in [value.upper() for value in texts_of(dataset, "CorrectedImage")]
    if is_corrected or largest < bin_mm / 4:
        return None
    return ReadingNote(
        f"{label('CenterOfRotationOffset')} is {largest:g} mm, {label('CorrectedImage')} does not "
        "say that it is corrected, and it is not corrected here",
        True,
    )
