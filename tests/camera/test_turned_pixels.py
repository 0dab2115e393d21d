"""How much of each pixel goes to each turned one, and that the same numbers come every time."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch")

from shortaxis.camera.rotation import Rotation
from shortaxis.camera.transaxial_grid import TransaxialGrid
from shortaxis.camera.turned_pixels import shared_areas

PIXELS = 9
ANGLES_DEG = (0.0, 1e-7, 2.8125, 45.0, 90.0, 137.3, 180.0, 225.0, 315.0, 359.9)


def area_by_lines(offset: np.ndarray, along_column: np.ndarray, along_row: np.ndarray) -> float:
    """Area of two unit squares: eight lines across the one, cut by the edges of the other."""
    lengths = 0.0
    for line in (np.arange(8) + 0.5) / 8 - 0.5:
        start, stop = -0.5, 0.5
        for axis in (0, 1):
            slope = along_column[axis] if abs(along_column[axis]) >= 1e-9 else 1e-9
            cut = -offset[axis] / slope - line * (along_row[axis] / slope)
            start = max(start, cut - 0.5 / abs(slope))
            stop = min(stop, cut + 0.5 / abs(slope))
        lengths += max(stop - start, 0.0)
    return lengths / 8


def areas_of_all_pairs(angle_deg: float) -> np.ndarray:
    """``(row * column, depth * bin)``, one pair after the other."""
    cosine, sine = np.cos(np.deg2rad(angle_deg)), np.sin(np.deg2rad(angle_deg))
    along_column, along_row = np.array([-cosine, -sine]), np.array([sine, -cosine])
    middle = (PIXELS - 1) / 2
    areas = np.zeros((PIXELS**2, PIXELS**2))
    for pixel in range(PIXELS**2):
        row, column = divmod(pixel, PIXELS)
        center = (column - middle) * along_column + (row - middle) * along_row + middle
        for turned in range(PIXELS**2):
            offset = center - np.array([turned % PIXELS, turned // PIXELS])
            if np.abs(offset).max() < 1.5:
                areas[pixel, turned] = area_by_lines(offset, along_column, along_row)
    areas[areas <= np.finfo(float).eps] = 0
    return areas


@pytest.mark.parametrize("angle_deg", ANGLES_DEG)
def test_areas_are_to_the_last_bit_those_of_all_pairs_one_by_one(angle_deg: float) -> None:
    areas = shared_areas(PIXELS, angle_deg)

    # The published exams hang on every bit: a count tips where a number changes in the last digit.
    assert np.array_equal(areas.toarray(), areas_of_all_pairs(angle_deg))
    assert areas.has_sorted_indices


def test_a_view_of_a_subset_turns_as_it_did_among_all() -> None:
    import torch

    grid = TransaxialGrid(slices=3, pixels=PIXELS, pixel_mm=6.4, slice_mm=6.4)
    rotation = Rotation(grid, ANGLES_DEG)
    volume = torch.rand(grid.shape, generator=torch.Generator().manual_seed(3))

    part = rotation.subset([7, 2])

    assert part.angles_deg == (225.0, 2.8125)
    assert torch.equal(part.apply(volume), rotation.apply(volume)[[7, 2]])
