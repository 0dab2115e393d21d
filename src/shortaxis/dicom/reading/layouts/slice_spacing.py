"""Whether a header bears out the distance between slices that it gives.

A wrong distance squeezes or stretches the heart, and a pose cannot tell. Slices of a reconstruction
are as thick as they are apart. Voxels of a SPECT reconstruction are cubes, since bins of a detector
are square, or several slices were added up. Voxels of PET need be no cubes: rings and bins are of
different size. What cannot be told so: the field of view of a detector, which slices may exceed,
and Reconstruction Diameter, which says nothing along the body (PS3.3 C.8.4.15).
"""

from __future__ import annotations

from collections.abc import Sequence

from pydicom import Dataset

from shortaxis.dicom.elements.attributes import label, numbers_of
from shortaxis.geometry.grids import Grid
from shortaxis.spect.reading_notes import ReadingNote
from shortaxis.spect.stated_geometry import StatedGeometry
from shortaxis.spect.study import Modality

__all__ = ["slice_spacing_doubt"]

SAME_PART = 0.02
"""Distances that differ by less are one, written with other decimals: 0.1 mm of 6.4 mm. It moves
the end of a heart of 100 mm by 2 mm."""


def slice_spacing_doubt(
    datasets: Sequence[Dataset], grid: Grid, modality: Modality, stated: StatedGeometry
) -> ReadingNote | None:
    """What speaks against the distance between slices; None if nothing does, or it was stated.

    Parameters
    ----------
    datasets : sequence of Dataset
        Headers of one NM object, or of a stack of single slices.
    grid : Grid
        Of the volume as it is read.
    modality : Modality
        Whether voxels are cubes.
    stated : StatedGeometry
        What the user says of it.
    """
    if stated.slice_spacing_mm is not None:
        return None
    spacing_mm, *in_plane = grid.spacing_mm.tolist()
    pixel_mm = min(in_plane)
    thickness = _distance(datasets[0], "SliceThickness")
    between = _distance(datasets[0], "SpacingBetweenSlices")
    against = [
        f"{label(keyword)} is {value:g} mm"
        for keyword, value in (("SliceThickness", thickness), ("SpacingBetweenSlices", between))
        if value is not None and not _is_same(value, spacing_mm)
    ]
    if modality is Modality.NM and not _is_whole(spacing_mm / pixel_mm):
        against.append(f"it is no whole number of pixels of {pixel_mm:g} mm")
    if not against:
        return None
    likely = _signed(
        datasets, pixel_mm if thickness is None or modality is Modality.NM else thickness
    )
    return ReadingNote(
        f"slice spacing is in doubt: {spacing_mm:.4g} mm, but {' and '.join(against)}; if it is "
        f"wrong, state it, such as --slice-spacing {likely:g}",
        True,
    )


def _distance(dataset: Dataset, keyword: str) -> float | None:
    numbers = numbers_of(dataset, keyword)
    if numbers is None or len(numbers) != 1 or numbers[0] == 0:
        return None
    return abs(float(numbers[0]))


def _signed(datasets: Sequence[Dataset], distance_mm: float) -> float:
    """With the sign of one NM object; slices with positions are sorted along row x column."""
    numbers = numbers_of(datasets[0], "SpacingBetweenSlices") if len(datasets) == 1 else None
    return -distance_mm if numbers is not None and numbers[0] < 0 else distance_mm


def _is_same(first: float, second: float) -> bool:
    return abs(first - second) <= SAME_PART * max(first, second)


def _is_whole(parts: float) -> bool:
    return round(parts) >= 1 and _is_same(parts, round(parts))
