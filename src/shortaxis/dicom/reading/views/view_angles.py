"""At which angle each view was taken (PS3.3 C.8.4.11, C.8.4.12).

The angle of a view is that of the head's first view plus steps in the direction of rotation. A
head's item of Detector Information Sequence tells where it began, else the item of its rotation.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from pydicom import Dataset

from shortaxis.dicom.elements.attributes import (
    integer_of,
    items_of,
    label,
    numbers_of,
    text_of,
)
from shortaxis.dicom.reading.views.arc import (
    STATE_ARC,
    apart_deg,
    refuse_other_arc,
    refuse_short_arc,
)
from shortaxis.dicom.reading.views.view_order import EXPORT_AGAIN, ViewOrder
from shortaxis.errors import GeometryError
from shortaxis.geometry.arrays import FloatArray
from shortaxis.spect.reading_notes import ReadingNote
from shortaxis.spect.stated_acquisition import DIRECTIONS_OF_ROTATION, StatedAcquisition

__all__ = ["item_number", "view_angles"]

SPELLINGS = {"CCW": "CC"}
"""Of Rotation Direction, beside those of the standard; readers take them, too."""

STATE_ANGLES = "state where each head begins, such as --start-angle 225 or --start-angle 225,135"

STATE_DIRECTION = (
    "state it: --rotation-direction CW where the head goes from the patient's right over the front "
    "to the left, CC where it goes the other way"
)


def view_angles(
    dataset: Dataset, order: ViewOrder, stated: StatedAcquisition
) -> tuple[FloatArray, tuple[ReadingNote, ...]]:
    """Angle of every view of every head, ``(head, view)``, degrees in [0, 360).

    Raises
    ------
    GeometryError
        If start, direction or step are missing and the user states none, contradict each other,
        or cover less than 150 degrees.
    """
    rotations = items_of(dataset, "RotationInformationSequence")
    starts = _start_angles(dataset, rotations, order, stated)
    notes: list[ReadingNote] = []
    angles = np.empty((order.heads, order.views))
    for head, number in enumerate(order.rotations):
        rotation = item_number(rotations, number)
        _refuse_fewer_views(rotation, order)
        sign, said = _direction(rotation, stated)
        step, more = _step(rotation, order, stated)
        notes += [*said, *more]
        angles[head] = (starts[head] + sign * step * np.arange(order.views)) % 360
    refuse_short_arc(angles)
    return angles, tuple(dict.fromkeys(notes))


def item_number(items: Sequence[Dataset], number: int) -> Dataset:
    """The item of this number from 1; the only one, or none at all, where there is no such."""
    if 1 <= number <= len(items):
        return items[number - 1]
    return items[0] if len(items) == 1 else Dataset()


def _refuse_fewer_views(rotation: Dataset, order: ViewOrder) -> None:
    """Number of Frames in Rotation are the views, which some writers count over heads or slots."""
    stated = integer_of(rotation, "NumberOfFramesInRotation") or order.views
    if stated > order.views and stated % order.views:
        raise GeometryError(
            "views are missing",
            expected=f"{stated} views by {label('NumberOfFramesInRotation')}",
            found=f"{order.views} of a head",
            cause="an acquisition that was broken off, or frames that were taken out",
            way_on=EXPORT_AGAIN,
        )


def _start_angles(
    dataset: Dataset, rotations: Sequence[Dataset], order: ViewOrder, stated: StatedAcquisition
) -> list[float]:
    if stated.start_angles_deg:
        return _stated_starts(order, stated)
    detectors = items_of(dataset, "DetectorInformationSequence")
    of_heads = [_angle(item_number(detectors, number)) for number in order.detectors]
    of_rotations = [_angle(item_number(rotations, number)) for number in order.rotations]
    if len(set(order.rotations)) > 1:
        return _starts_of_rotations(order, of_heads, of_rotations)
    known = [angle for angle in of_heads if angle is not None]
    if len(known) == order.heads:
        _refuse_other_start(known, of_rotations[0], rotations, order)
        return known
    if order.heads > 1 or of_rotations[0] is None:
        raise _no_start(order, known, of_rotations[0])
    return [of_rotations[0]]


def _stated_starts(order: ViewOrder, stated: StatedAcquisition) -> list[float]:
    given = stated.start_angles_deg
    if len(given) != order.heads:
        raise GeometryError(
            "start angles do not fit the heads", expected=f"{order.heads}, one for each head",
            found=", ".join(f"{angle:g}" for angle in given), way_on=STATE_ANGLES,
        )  # fmt: skip
    return list(given)


def _starts_of_rotations(
    order: ViewOrder, of_heads: Sequence[float | None], of_rotations: Sequence[float | None]
) -> list[float]:
    """Starts of several rotations: that of the rotation, turned as the heads are to each other."""
    first = of_heads[0]
    starts = []
    for of_head, of_rotation in zip(of_heads, of_rotations, strict=True):
        if of_rotation is None or (order.detectors.count(1) < order.heads and of_head is None):
            raise _no_start(order, [], of_rotation)
        turned = 0.0 if of_head is None or first is None else of_head - first
        starts.append(of_rotation + turned)
    return starts


def _no_start(order: ViewOrder, known: Sequence[float], of_rotation: float | None) -> GeometryError:
    found = [f"{angle:g} degrees of a head" for angle in known]
    if of_rotation is not None:
        found.append(f"{of_rotation:g} degrees of the rotation")
    return GeometryError(
        f"{label('StartAngle')} is missing",
        expected="one angle"
        if order.heads == 1
        else f"one angle for each of {order.heads} heads in {label('DetectorInformationSequence')}",
        found=" and ".join(found) or "no value",
        cause="an export that dropped it; it is never guessed",
        way_on=STATE_ANGLES,
    )


def _refuse_other_start(
    of_heads: Sequence[float],
    of_rotation: float | None,
    rotations: Sequence[Dataset],
    order: ViewOrder,
) -> None:
    """The rotation begins where one of its heads does."""
    if of_rotation is None:
        return
    step = _number(item_number(rotations, order.rotations[0]), "AngularStep") or 1.0
    if min(apart_deg(angle, of_rotation) for angle in of_heads) > max(abs(step) / 2, 1.0):
        raise GeometryError(
            f"{label('StartAngle')} contradicts itself",
            expected="a rotation that begins where one of its heads does",
            found=f"{of_rotation:g} degrees of the rotation, and of the heads "
            + " and ".join(f"{angle:g}" for angle in of_heads),
            cause="an edited header, or angles that are counted from elsewhere than the back",
            way_on=STATE_ANGLES,
        )


def _direction(rotation: Dataset, stated: StatedAcquisition) -> tuple[int, tuple[ReadingNote, ...]]:
    if stated.rotation_direction is not None:
        return DIRECTIONS_OF_ROTATION[stated.rotation_direction], ()
    found = text_of(rotation, "RotationDirection").upper()
    spelled = SPELLINGS.get(found, found)
    if spelled not in DIRECTIONS_OF_ROTATION:
        raise GeometryError(
            f"{label('RotationDirection')} is " + ("unknown" if found else "missing"),
            expected=" or ".join(DIRECTIONS_OF_ROTATION),
            found="another word" if found else "no value",
            cause="an export that dropped it; it is never guessed",
            way_on=STATE_DIRECTION,
        )
    note = ReadingNote(f"{label('RotationDirection')} is {found}, read as {spelled}")
    return DIRECTIONS_OF_ROTATION[spelled], () if spelled == found else (note,)


def _step(
    rotation: Dataset, order: ViewOrder, stated: StatedAcquisition
) -> tuple[float, tuple[ReadingNote, ...]]:
    """Angle between views, degrees, always positive."""
    if stated.scan_arc_deg is not None:
        return stated.scan_arc_deg / order.views, ()
    step, arc = (_number(rotation, keyword) for keyword in ("AngularStep", "ScanArc"))
    if step is None and arc is not None and 0 < arc <= 360:
        note = ReadingNote(
            f"{label('AngularStep')} is missing: {order.views} views share {arc:g} degrees evenly",
            True,
        )
        return arc / order.views, (note,)
    if step is None or step <= 0:
        raise GeometryError(
            f"{label('AngularStep')} is {'missing' if step is None else 'not positive'}",
            expected="the angle between two views in degrees",
            found="no value" if step is None else f"{step:g}",
            cause="an export that dropped it, or a sign that belongs to the direction",
            way_on=STATE_ARC,
        )
    refuse_other_arc(step, arc, order)
    return step, ()


def _angle(item: Dataset) -> float | None:
    return _number(item, "StartAngle")


def _number(item: Dataset, keyword: str) -> float | None:
    numbers = numbers_of(item, keyword)
    return None if numbers is None else float(numbers[0])
