"""The camera of the reconstruction: counts conserved, exact transposes, blur and attenuation."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shortaxis.reconstruction.blur import CollimatorBlur
from shortaxis.reconstruction.camera_voxels import CameraVoxels
from shortaxis.reconstruction.collimators import COLLIMATORS
from shortaxis.reconstruction.footprints import circle_pixels, footprints, turning
from shortaxis.reconstruction.projector import (
    BlurredProjector,
    LineProjector,
    to_columns,
    to_rays,
    to_views,
    to_volume,
)

VOXELS = CameraVoxels(5, 14, 6.4, 6.4, (0.0, 0.0, 0.0))
ANGLES = (225.0, 192.0, 90.0, 13.0)
RADII = (150.0, 160.0, 171.0, 180.0)


@given(st.floats(0, 360), st.integers(4, 20))
def test_a_pixel_gives_all_its_counts_to_the_bins_that_it_shadows(angle: float, size: int) -> None:
    matrix = footprints(size, angle)

    row, column = np.divmod(circle_pixels(size), size)
    inside = np.hypot(row - (size - 1) / 2, column - (size - 1) / 2) < size / 2 - 1.5
    assert np.asarray(matrix.sum(axis=0))[inside] == pytest.approx(1, abs=1e-5)
    assert matrix.nnz == 0 or matrix.data.min() > 0


@given(st.floats(0, 360))
def test_a_turned_slice_summed_over_depth_is_its_projection(angle: float) -> None:
    turned = turning(14, angle).toarray().reshape(14, 14, -1)

    away = circle_pixels(14)
    row, column = np.divmod(away, 14)
    inside = np.hypot(row - 6.5, column - 6.5) < 5
    lines = footprints(14, angle).toarray()
    assert turned.sum(axis=0)[:, inside] == pytest.approx(lines[:, inside], abs=1e-5)


def test_at_the_back_bins_grow_to_the_right_of_the_patient_and_depth_to_the_front() -> None:
    size, row, column = 9, 6, 3
    pixel = np.flatnonzero(circle_pixels(size) == row * size + column)[0]

    turned = turning(size, 0.0).toarray()[:, pixel].reshape(size, size)

    # Columns grow to the left, rows to the back, where the detector stands.
    assert turned[size - 1 - row, size - 1 - column] == pytest.approx(1, abs=1e-3)


def projectors() -> dict[str, LineProjector | BlurredProjector]:
    blur = CollimatorBlur(VOXELS, COLLIMATORS["LEHR"], 140.5)
    water = np.full(VOXELS.shape, 0.15, dtype=np.float32)
    return {
        "lines": LineProjector(VOXELS, ANGLES),
        "blur": BlurredProjector(VOXELS, ANGLES, RADII, blur),
        "attenuation": BlurredProjector(VOXELS, ANGLES, RADII, None, water),
        "both": BlurredProjector(VOXELS, ANGLES, RADII, blur, water),
    }


@pytest.mark.parametrize("name", ["lines", "blur", "attenuation", "both"])
@pytest.mark.parametrize("views", [range(4), range(1, 4, 2)])
def test_the_adjoint_is_the_transpose(name: str, views: range) -> None:
    projector, rng = projectors()[name], np.random.default_rng(3)
    columns = rng.random((len(circle_pixels(14)), 5)).astype(np.float32)
    rays = rng.random((14 * len(views), 5)).astype(np.float32)

    forth = float((projector.apply(columns, views) * rays).sum(dtype=np.float64))
    back = float((projector.adjoint(rays, views) * columns).sum(dtype=np.float64))

    assert forth == pytest.approx(back, rel=1e-5)


def test_without_blur_and_attenuation_both_projectors_are_one() -> None:
    columns = np.random.default_rng(1).random((len(circle_pixels(14)), 5)).astype(np.float32)

    turned = BlurredProjector(VOXELS, ANGLES, RADII).apply(columns, range(4))

    lines = LineProjector(VOXELS, ANGLES).apply(columns, range(4)).reshape(4, 14, 5)
    # At the corners a turned slice is wider than the volume.
    assert turned.reshape(4, 14, 5)[:, 2:-2] == pytest.approx(lines[:, 2:-2], rel=0.02)


def test_a_point_arrives_as_wide_as_the_collimator_says() -> None:
    voxels = CameraVoxels(41, 41, 3.2, 3.2, (0.0, 0.0, 0.0))
    volume = np.zeros(voxels.shape, dtype=np.float32)
    volume[20, 20, 20] = 1
    blur = CollimatorBlur(voxels, COLLIMATORS["LEHR"], 140.5)
    projector = BlurredProjector(voxels, (90.0,), (100.0,), blur)

    view = projector.apply(to_columns(volume), range(1)).reshape(41, 41)

    # 1.11 mm holes of 24.05 mm, 0.74 mm of septa at each end; crystal 7 mm behind; 3.8 mm itself.
    length = 24.05 - 2 * 0.372
    expected_mm = np.hypot(1.11 * (length + 100 + 7) / length, 3.8)
    place = (np.arange(41) - 20) * 3.2
    for profile in (view.sum(axis=0), view.sum(axis=1)):
        sigma = np.sqrt((profile * place**2).sum() / profile.sum())
        assert 2.3548 * sigma == pytest.approx(expected_mm, rel=0.03)
    assert view.sum() == pytest.approx(1, abs=1e-4)


def test_attenuation_is_that_of_the_way_to_the_detector() -> None:
    voxels = CameraVoxels(3, 21, 10.0, 10.0, (0.0, 0.0, 0.0))
    volume = np.zeros(voxels.shape, dtype=np.float32)
    volume[1, 10, 10] = 1
    front = np.zeros(voxels.shape, dtype=np.float32)
    front[:, 4:9] = 0.15

    projector = BlurredProjector(voxels, (180.0, 0.0), (200.0, 200.0), None, front)
    counts = projector.apply(to_columns(volume), range(2)).reshape(2, -1).sum(axis=1)

    assert counts == pytest.approx([np.exp(-0.15 * 5), 1], rel=1e-3)


def test_volumes_and_views_come_back_from_columns_and_rays() -> None:
    rng = np.random.default_rng(2)
    volume = rng.random(VOXELS.shape).astype(np.float32)
    views = rng.random((4, 5, 14)).astype(np.float32)

    kept = to_volume(to_columns(volume), VOXELS)

    circle = np.zeros(14 * 14, dtype=bool)
    circle[circle_pixels(14)] = True
    assert np.array_equal(kept, volume * circle.reshape(14, 14))
    assert np.array_equal(to_views(to_rays(views), VOXELS), views)


@pytest.mark.parametrize(("name", "energy"), [("LEHR", 140), ("LEGP", 140), ("LEHR", 72)])
def test_collimators_are_those_of_the_simulated_camera(name: str, energy: int) -> None:
    torch = pytest.importorskip("torch", reason="the simulated camera needs torch")
    from shortaxis.camera import collimator as simulated

    distance = np.array([0.0, 50.0, 100.0, 250.0])

    theirs = getattr(simulated, f"{name}_{energy}_KEV").fwhm_mm(torch.from_numpy(distance))

    ours = COLLIMATORS[name].fwhm_mm(distance, {140: 140.5, 72: 72.0}[energy])
    assert ours == pytest.approx(theirs.numpy(), rel=0.005)
