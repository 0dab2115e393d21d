"""Axis by axis, stored voxels hold what interpolating in three dimensions at once gives."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch", reason="the simulation needs torch")

from shortaxis.geometry.grids import Grid
from shortaxis.geometry.resampling import resample
from shortaxis.simulation.acquisition import FieldOfView
from shortaxis.simulation.stored_voxels import are_upright, on_stored_voxels

CAMERA = FieldOfView(12, 16, 6.4, 6.4, (1.0, 2.0, 3.0)).grid
SLOTS = np.random.default_rng(0).random((3, *CAMERA.shape)).astype(np.float32)


@pytest.mark.parametrize(
    "stored",
    [
        FieldOfView(14, 20, 4.1, 5.3, (5.0, -3.0, 9.0)).grid,
        FieldOfView(20, 48, 3.0, 6.4, (1.0, 2.0, 3.0)).grid,
        FieldOfView(8, 16, 6.4, 12.8, (40.0, 2.0, 3.0)).grid,
    ],
    ids=["finer", "beyond the camera's", "shifted"],
)
def test_every_time_slot_is_interpolated_as_alone(stored: Grid) -> None:
    found = on_stored_voxels(SLOTS, CAMERA, stored)

    wanted = [resample(each, CAMERA.patient_from_index, stored, "cubic") for each in SLOTS]
    np.testing.assert_allclose(found, wanted, atol=2e-6)
    assert are_upright(CAMERA, stored)


def test_an_oblique_grid_is_not_upright() -> None:
    turn = np.radians(10)
    affine = CAMERA.patient_from_index.copy()
    affine[:2, :3] = [[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]] @ affine[:2, :3]

    assert not are_upright(CAMERA, Grid(CAMERA.shape, affine))
