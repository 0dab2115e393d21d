"""Layout of NM multi-frame reconstructions (PS3.3 C.8.4.8, C.8.4.11, C.8.4.15)."""

from __future__ import annotations

from math import prod

import numpy as np
from pydicom import Dataset

from shortaxis.dicom.elements.attributes import (
    items_of,
    label,
    numbers_of,
    required_integer,
    required_numbers,
)
from shortaxis.dicom.reading.layouts.frame_order import frame_order
from shortaxis.dicom.reading.layouts.layout import (
    MAX_VOXELS,
    VolumeLayout,
    orientation_of,
    pixel_spacing_of,
    plane_shape_of,
    volume_layout,
)
from shortaxis.errors import GeometryError
from shortaxis.geometry.arrays import FloatArray

__all__ = ["nm_layout"]

SAME_PLACE_MM = 0.01
"""Positions written twice in one header agree to rounding or they are two places."""

SAME_DIRECTION = 1e-4


def nm_layout(dataset: Dataset, *, is_gated: bool) -> VolumeLayout:
    """Layout of a RECON TOMO or RECON GATED TOMO object.

    Raises
    ------
    GeometryError
        If geometry or frame order is missing or contradicts itself; it names the attribute.
    """
    plane = plane_shape_of(dataset)
    frame_at = frame_order(dataset, _number_of_frames(dataset, plane), is_gated=is_gated)
    return volume_layout(frame_at, plane, _affine(dataset))


def _affine(dataset: Dataset) -> FloatArray:
    place = _place_of_geometry(dataset)
    spacing = float(required_numbers(dataset, "SpacingBetweenSlices", 1)[0])
    if spacing == 0:
        raise GeometryError(
            f"{label('SpacingBetweenSlices')} is zero",
            expected="a distance in mm, negative where slices stack against row x column",
            found="0",
            cause="an export that dropped the geometry; it is never guessed",
        )
    position = required_numbers(place, "ImagePositionPatient", 3)
    return orientation_of(place).affine(spacing, pixel_spacing_of(dataset), position)


def _place_of_geometry(dataset: Dataset) -> Dataset:
    """The first item of Detector Information Sequence that has position and orientation.

    The standard puts them there (PS3.3 C.8.4.11). Some writers put them at the top level, which
    is taken only where no item has both; whatever several places have, they must agree on.
    """
    detectors = items_of(dataset, "DetectorInformationSequence")
    places = [
        place for place in (*detectors, dataset) if _has_position(place) or _has_orientation(place)
    ]
    if not places:
        raise GeometryError(
            f"{label('ImagePositionPatient')} and {label('ImageOrientationPatient')} are missing",
            expected=f"both in {label('DetectorInformationSequence')}",
            found="neither there nor at the top level",
            cause="an export that dropped the geometry; it is never guessed",
        )
    complete = [place for place in places if _has_position(place) and _has_orientation(place)]
    chosen = (complete or places)[0]
    for other in places:
        _refuse_contradiction(chosen, other)
    return chosen


def _has_position(place: Dataset) -> bool:
    return numbers_of(place, "ImagePositionPatient") is not None


def _has_orientation(place: Dataset) -> bool:
    return numbers_of(place, "ImageOrientationPatient") is not None


def _refuse_contradiction(place: Dataset, other: Dataset) -> None:
    """Compare what both places have."""
    for keyword, count, tolerance in (
        ("ImagePositionPatient", 3, SAME_PLACE_MM),
        ("ImageOrientationPatient", 6, SAME_DIRECTION),
    ):
        if numbers_of(place, keyword) is None or numbers_of(other, keyword) is None:
            continue
        apart = required_numbers(place, keyword, count) - required_numbers(other, keyword, count)
        if np.abs(apart).max() > tolerance:
            raise GeometryError(
                f"{label(keyword)} contradicts itself",
                expected="one value for all detectors and the top level",
                found=f"values up to {np.abs(apart).max():.4g} apart",
                cause="volumes of several detectors in one object, or an edited header",
            )


def _number_of_frames(dataset: Dataset, plane: tuple[int, int]) -> int:
    n_frames = required_integer(dataset, "NumberOfFrames")
    if not 1 <= n_frames * prod(plane) <= MAX_VOXELS:
        raise GeometryError(
            f"{label('NumberOfFrames')} is impossible",
            expected=f"at least 1 and at most {MAX_VOXELS} voxels in all",
            found=f"{n_frames} frames of {plane[0]} x {plane[1]}",
            cause="a damaged header",
        )
    return n_frames
