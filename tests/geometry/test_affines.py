from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given

from geometry_strategies import affines, points_mm
from shortaxis.errors import GeometryError
from shortaxis.geometry.affines import (
    affine_from_axes,
    apply_affine,
    geometric_center_mm,
    invert_affine,
    validate_affine,
    voxel_spacing_mm,
)
from shortaxis.geometry.grids import Grid


@given(affines(), points_mm)
def test_an_affine_and_its_inverse_cancel(affine: np.ndarray, point: np.ndarray) -> None:
    there_and_back = apply_affine(invert_affine(affine), apply_affine(affine, point))

    np.testing.assert_allclose(there_and_back, point, atol=1e-9)


def test_the_inverse_equals_that_of_linear_algebra() -> None:
    affine = affine_from_axes([(0, 0.6, 0.8), (0, -0.8, 0.6), (1, 0, 0)], (4, 2, 3), (5, 6, 7))

    np.testing.assert_allclose(invert_affine(affine), np.linalg.inv(affine), atol=1e-12)


def test_spacing_and_center_are_those_of_a_grid_drawn_by_hand() -> None:
    # Slices go down by 5 mm from z = 100, rows back by 4 mm, columns left by 3 mm.
    affine = affine_from_axes([(0, 0, -1), (0, 1, 0), (1, 0, 0)], (5, 4, 3), (-30, -40, 100))

    assert voxel_spacing_mm(affine).tolist() == [5, 4, 3]
    assert apply_affine(affine, (2, 1, 3)).tolist() == [-21, -36, 90]
    assert geometric_center_mm(affine, (11, 21, 21)).tolist() == [0, 0, 75]


@pytest.mark.parametrize(
    ("affine", "words"),
    [
        (np.eye(3), "not an affine"),
        (np.full((4, 4), np.nan), "not finite"),
        (np.diag([1.0, 1, 1, 2]), "not affine"),
        (np.diag([1.0, 0, 1, 1]), "no inverse"),
        (affine_from_axes([(1, 0, 0), (1, 0, 0), (0, 0, 1)], 2, (0, 0, 0)), "no inverse"),
    ],
)
def test_what_is_no_affine_is_refused(affine: np.ndarray, words: str) -> None:
    with pytest.raises(GeometryError, match=words):
        validate_affine(affine)


def test_a_grid_needs_three_positive_sizes() -> None:
    with pytest.raises(GeometryError, match="not a grid"):
        Grid((3, 0, 4), np.eye(4))
