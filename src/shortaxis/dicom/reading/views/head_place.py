"""How a head stores its views, and where the axis of rotation lies (PS3.3 C.8.4.11).

Image Position and Orientation are those of a head at its first view: rows run to the right of
somebody in the detector's place, columns to the feet. A head that says it stores the other way is
turned over. Cameras often leave both out, write those of a plane across the patient, or write the
corner of the volume that they would reconstruct (seen in projections of GE): it is taken for that
where it, and not the detector's corner, puts the axis of rotation near the origin, or where all
heads have the same.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from pydicom import Dataset

from shortaxis.dicom.elements.attributes import integer_of, label, numbers_of
from shortaxis.errors import GeometryError
from shortaxis.geometry.arrays import FloatArray
from shortaxis.spect.projections import view_axes

__all__ = ["axis_place", "refuse_unlike_heads", "share_one_orientation", "stored_flips"]

ALONG = 0.96
"""Cosine of 16 degrees: two directions within are the same, whatever step they were written at."""

SAME_PLACE_MM = 10.0
"""The axis of rotation, told by two heads; a millimetre is measured, more are other conventions."""

ANGLES_APART_DEG = 20.0
"""Heads that are this far apart have rows that run differently, within `ALONG`."""

NEAR_AXIS_MM = 100.0
"""The origin of a scanner lies on its axis; a table that moved shifts it by some centimetres."""


def stored_flips(item: Dataset, angle_deg: float, head: int) -> tuple[bool, bool] | None:
    """Whether rows and bins of a head run the other way; None where it does not say."""
    cosines = numbers_of(item, "ImageOrientationPatient")
    if cosines is None or len(cosines) != 6:
        return None
    row, column = cosines.reshape(2, 3)
    if abs(row[2]) > 1 - ALONG or abs(abs(column[2]) - 1) > 1 - ALONG:
        # A plane across the patient: what the camera will make of it, and no view.
        return None
    bins, _ = view_axes(angle_deg)
    along = float(row @ bins)
    if abs(along) < ALONG:
        raise GeometryError(
            f"{label('ImageOrientationPatient')} and {label('StartAngle')} contradict each other",
            expected=f"rows across the view of head {head} at {angle_deg:g} degrees",
            found=f"rows along ({row[0]:.2f}, {row[1]:.2f}, {row[2]:.2f})",
            cause="angles that are counted from elsewhere than the patient's back, or an edited "
            "header",
            way_on="state where each head begins, which then goes before the orientation: "
            "--start-angle 225",
        )
    return bool(column[2] > 0), along < 0


def share_one_orientation(items: Sequence[Dataset], angles_deg: FloatArray) -> bool:
    """Whether heads that look in different directions say that their rows run alike.

    Parameters
    ----------
    items : sequence of Dataset
        One a head.
    angles_deg : (head,) array
        Of their first views.
    """
    said = [numbers_of(item, "ImageOrientationPatient") for item in items]
    told = [each for each in said if each is not None and len(each) == 6]
    if len(told) < len(items) or len(items) < 2:
        return False
    turned = np.abs((angles_deg - angles_deg[0] + 180) % 360 - 180)
    # Items that describe one detector in several rotations are one item.
    others = [item is not items[0] for item in items]
    is_same = all(np.allclose(each, told[0], atol=0.01) for each in told)
    return is_same and bool((turned[others] > ANGLES_APART_DEG).any())


def refuse_unlike_heads(turned: Sequence[tuple[bool, bool] | None]) -> None:
    """Refuse heads of which one stores its views another way than the others, or does not say."""
    said = {each for each in turned if each is not None}
    if len(said) > 1 or (said and None in turned):
        raise GeometryError(
            "the heads disagree on how they store their views",
            expected=f"one {label('ImageOrientationPatient')} for each head, all of one kind",
            found="rows or columns that run the other way in one of them"
            if len(said) > 1
            else "an orientation in some of them",
            cause="an edited header, or one that was put together from several objects",
            way_on="state where each head begins, which then goes before the orientation: "
            "--start-angle 225,135",
        )


def axis_place(
    dataset: Dataset,
    items: Sequence[Dataset],
    turned: Sequence[tuple[bool, bool] | None],
    first_views: Sequence[tuple[float, float]],
    pixel_mm: tuple[float, float],
) -> tuple[float, float, float] | None:
    """Where the axis of rotation passes the middle of the rows; None where nothing tells.

    `first_views` are angle and radial position of the first view of every head.
    """
    corners = [numbers_of(item, "ImagePositionPatient") for item in items]
    sizes = (integer_of(dataset, "Rows") or 1, integer_of(dataset, "Columns") or 1)
    half_mm = np.array(pixel_mm) * (np.array(sizes) - 1) / 2
    of_detector, of_volume = [], []
    for corner, each, (angle, radius) in zip(corners, turned, first_views, strict=True):
        if corner is None or len(corner) != 3 or each is None:
            return None
        bins, towards = view_axes(angle)
        across, down = -bins if each[1] else bins, 1.0 if each[0] else -1.0
        middle = np.array([0.0, 0.0, down * half_mm[0]])
        of_detector.append(corner + across * half_mm[1] - towards * radius + middle)
        of_volume.append(corner + np.array([half_mm[1], half_mm[1], 0.0]) + middle)
    agreed = [
        np.mean(places, axis=0)
        for places in (of_detector, of_volume)
        if np.ptp(places, axis=0).max() <= SAME_PLACE_MM
    ]
    if not agreed:
        return None
    # The standard has the detector's corner, and an origin that lies anywhere.
    near = [place for place in agreed if np.hypot(place[0], place[1]) <= NEAR_AXIS_MM]
    x, y, z = (near or agreed)[0].tolist()
    return x, y, z
