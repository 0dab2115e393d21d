"""Shape of ventricles that are ellipsoids by a formula."""

from __future__ import annotations

import numpy as np
import pytest

from beating_scenes import GRID, POSE
from shortaxis.anatomy.hybrid_grid import ray_directions, ray_origins_mm
from shortaxis.function.ventricle_shape import fitted_ellipsoid, ventricle_shape
from shortaxis.geometry.arrays import FloatArray
from shortaxis.ventricle.surfaces import VentricleSurfaces
from shortaxis.ventricle.valve_plane import ValvePlane

VALVE_MM, CENTER_MM = 34.0, np.array([1.5, -1.0, 8.0])
BEYOND_MM = 40.0
"""Of rays that miss the ellipsoid, above the valve plane."""


def distances_mm(axes: FloatArray) -> FloatArray:
    """Along the rays to an ellipsoid, by the quadratic equation."""
    origins = np.zeros((GRID[0], 1, 3))
    origins[..., 2] = ray_origins_mm()[:, None]
    direction, start = ray_directions() / axes, (origins - CENTER_MM) / axes
    a, b = (direction**2).sum(axis=-1), (direction * start).sum(axis=-1)
    c = (start**2).sum(axis=-1) - 1
    root = np.sqrt(np.maximum(b**2 - a * c, 0))
    return np.where(b**2 - a * c > 0, (root - b) / a, BEYOND_MM)


def shell(axes: FloatArray, wall_mm: float = 8.0) -> VentricleSurfaces:
    """A wall whose middle is the ellipsoid."""
    middle, everywhere = distances_mm(axes), np.ones(GRID, dtype=bool)
    return VentricleSurfaces(
        POSE, middle - wall_mm / 2, middle + wall_mm / 2, np.zeros((2, *GRID)), everywhere,
        everywhere, ValvePlane.from_heights(VALVE_MM, 0.1, 0.0, (1.5, -1.0)), "drawn",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("axes", "expected"),
    [
        ((26.0, 24.0, 52.0), np.sqrt(1 - 26 * 24 / 52**2)),
        ((30.0, 30.0, 40.0), np.sqrt(1 - 30 * 30 / 40**2)),
        ((36.0, 36.0, 36.0), 0.0),
        ((44.0, 40.0, 36.0), 0.0),
    ],
    ids=["long", "wide", "ball", "flat"],
)
def test_the_eccentricity_is_that_of_the_ellipsoid_the_wall_lies_on(
    axes: tuple[float, float, float], expected: float
) -> None:
    found = ventricle_shape(shell(np.array(axes))).eccentricity

    assert found == pytest.approx(expected, abs=2e-3)


def test_the_sphericity_is_the_widest_diameter_over_the_length() -> None:
    found = ventricle_shape(shell(np.array([25.0, 25.0, 46.0]), wall_mm=0.0))

    # From the apex at 8 - 46 mm to the middle of the tilted valve plane, 0.15 mm above its axis.
    assert found.sphericity == pytest.approx(50 / (VALVE_MM + 0.15 + 38.0), rel=0.01)


def test_a_wall_that_is_no_ellipsoid_has_no_eccentricity() -> None:
    turn, height = np.meshgrid(np.linspace(0, 6, 24), np.linspace(-30.0, 30.0, 20))
    radius = np.sqrt(400 + 0.3 * height**2)
    waisted = np.stack([radius * np.cos(turn), radius * np.sin(turn), height], axis=-1)

    assert fitted_ellipsoid(waisted.reshape(-1, 3), np.ones(turn.size)) is None
    assert fitted_ellipsoid(np.zeros((0, 3)), np.zeros(0)) is None
