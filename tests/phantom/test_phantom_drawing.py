"""Maps are voxel averages of the same phantom on every grid."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from phantom_measures import NO_BLOOD, silent_torso, upright_grid
from phantom_strategies import phantoms
from shortaxis.errors import OptionError
from shortaxis.geometry.affines import affine_from_axes, apply_affine, invert_affine
from shortaxis.geometry.grids import Grid
from shortaxis.phantom.attenuation import ENERGIES_KEV, Tissue, attenuation_per_cm
from shortaxis.phantom.breathing import breathe, displacements_mm
from shortaxis.phantom.canvas import block_around, box_corners
from shortaxis.phantom.drawing import draw_phantom
from shortaxis.phantom.heart import Heart
from shortaxis.phantom.organs import Arms, Breasts, EllipsoidOrgan, Respiration
from shortaxis.phantom.phantom import Phantom
from shortaxis.phantom.shapes import ellipsoid
from shortaxis.phantom.torso import Torso

USUAL = upright_grid((32, 64, 64), 6.4)


def reversed_grid(grid: Grid, axis: int) -> Grid:
    affine = grid.patient_from_index.copy()
    affine[:3, 3] += (grid.shape[axis] - 1) * affine[:3, axis]
    affine[:3, axis] *= -1
    return Grid(grid.shape, affine)


def oblique_grid(spacing_mm: tuple[float, float, float], seed: int) -> Grid:
    """A turned grid that holds the whole chest, with voxels that are no cubes."""
    axes = Rotation.random(random_state=np.random.default_rng(seed)).as_matrix()
    shape = tuple(int(620 / spacing) for spacing in spacing_mm)
    affine = affine_from_axes(axes, spacing_mm, (0, 0, 0))
    affine[:3, 3] = (30, 0, -20) - apply_affine(affine, (np.array(shape) - 1) / 2)
    return Grid(shape, affine)


def at(values: torch.Tensor, grid: Grid, point_mm: tuple[float, float, float]) -> float:
    index = np.round(apply_affine(invert_affine(grid.patient_from_index), point_mm)).astype(int)
    return float(values[tuple(index)])


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_a_grid_with_a_reversed_axis_gives_the_flipped_maps_exactly(axis: int) -> None:
    phantom = Phantom()

    maps = draw_phantom(phantom, USUAL)
    reversed_maps = draw_phantom(phantom, reversed_grid(USUAL, axis))

    assert torch.equal(reversed_maps.activity, maps.activity.flip(axis))
    assert torch.equal(reversed_maps.attenuation_per_cm, maps.attenuation_per_cm.flip(axis))


def test_maps_are_float32_of_the_shape_of_the_grid() -> None:
    maps = draw_phantom(Phantom(), USUAL)

    assert maps.activity.shape == maps.attenuation_per_cm.shape == (32, 64, 64)
    assert maps.activity.dtype == maps.attenuation_per_cm.dtype == torch.float32


def test_total_activity_depends_neither_on_the_voxel_size_nor_on_the_orientation() -> None:
    hot = EllipsoidOrgan((100, 40, -42), (26, 42, 42), uptake=0.6)
    torso = replace(silent_torso(), spleen=hot)
    # Without blood, for the aorta leaves the grids below.
    phantom = Phantom(Heart(blood=NO_BLOOD), torso)
    grids = [
        upright_grid((100, 100, 100), 4.0),
        upright_grid((64, 64, 64), 6.4, (1.3, 2.1, -0.7)),
        oblique_grid((8.0, 5.5, 6.4), seed=1),
        oblique_grid((6.4, 6.4, 6.4), seed=2),
    ]

    totals = []
    for grid in grids:
        voxel_ml = abs(np.linalg.det(grid.patient_from_index[:3, :3])) / 1000
        totals.append(float(draw_phantom(phantom, grid).activity.double().sum()) * voxel_ml)

    assert totals == pytest.approx([totals[0]] * 4, rel=0.02)


@pytest.mark.parametrize("spacing_mm", [3.0, 6.4])
@pytest.mark.parametrize("offset_mm", [(0, 0, 0), (1.9, 0.7, -2.3)])
def test_the_occupancy_of_a_sphere_adds_up_to_its_volume(
    spacing_mm: float, offset_mm: tuple[float, float, float]
) -> None:
    grid = upright_grid((30, 30, 30), spacing_mm, offset_mm)
    block = block_around(grid, box_corners((-20, -20, -20), (20, 20, 20)))

    levels = ellipsoid((0, 0, 0), (20, 20, 20))(*block.coordinates(np.eye(4)))
    volume = float(block.occupancy(levels).sum()) * spacing_mm**3

    # 4/3 pi 20^3
    assert volume == pytest.approx(33510, rel=0.01)


def test_tissues_attenuate_as_tabulated() -> None:
    phantom = Phantom()
    grid = upright_grid((80, 100, 100), 4.0, (0, 0, -40))

    mu = draw_phantom(phantom, grid).attenuation_per_cm

    # Water at 140.5 keV: between 0.1505 (150 keV) and 0.1707 cm2/g (100 keV).
    assert at(mu, grid, (-80, 0, -80)) == pytest.approx(0.154, abs=0.001)  # liver
    assert at(mu, grid, (-90, 0, 40)) == pytest.approx(0.0446, abs=0.001)  # right lung
    assert at(mu, grid, (0, 54, 20)) == pytest.approx(0.246, abs=0.001)  # vertebra
    assert at(mu, grid, (0, -190, 0)) == 0  # air


@pytest.mark.parametrize(
    ("energy_kev", "soft", "bone"), [(72, 0.19, 0.41), (140.5, 0.154, 0.246), (511, 0.096, 0.143)]
)
def test_attenuation_follows_the_energy(energy_kev: float, soft: float, bone: float) -> None:
    assert attenuation_per_cm(Tissue.SOFT, energy_kev) == pytest.approx(soft, rel=0.02)
    assert attenuation_per_cm(Tissue.BONE, energy_kev) == pytest.approx(bone, rel=0.02)


def test_attenuation_falls_with_energy_for_every_tissue() -> None:
    for tissue in Tissue:
        values = [attenuation_per_cm(tissue, energy) for energy in ENERGIES_KEV]
        assert values == sorted(values, reverse=True)


def test_an_energy_outside_the_table_is_refused() -> None:
    with pytest.raises(OptionError, match="energy"):
        draw_phantom(Phantom(), USUAL, energy_kev=20)


def test_a_grid_far_from_the_patient_is_empty() -> None:
    maps = draw_phantom(Phantom(), upright_grid((4, 5, 6), 6.4, (3000, 0, 0)))

    assert float(maps.activity.abs().max()) == float(maps.attenuation_per_cm.max()) == 0


def test_the_whole_phantom_may_be_anywhere_in_the_patient_frame() -> None:
    phantom = Phantom()
    far = np.array([250.0, -1300.0, 840.0])
    pose = replace(phantom.pose, center_mm=phantom.pose.center_mm + far)
    moved = Phantom(pose=pose, body_center_mm=tuple(far))

    here = draw_phantom(phantom, USUAL).activity
    there = draw_phantom(moved, upright_grid((32, 64, 64), 6.4, tuple(far))).activity

    assert float((here - there).abs().max()) < 1e-3


def test_one_slice_of_a_grid_is_that_slice_of_the_whole() -> None:
    affine = USUAL.patient_from_index.copy()
    affine[:3, 3] += 15 * affine[:3, 0]
    torso = Torso(respiration=Respiration(0, 0))

    whole = draw_phantom(Phantom(torso=torso), USUAL).activity[15]
    single = draw_phantom(Phantom(torso=torso), Grid((1, 64, 64), affine)).activity[0]

    assert float((whole - single).abs().max()) < 1e-5


def test_breathing_keeps_the_total_and_the_mean_position() -> None:
    grid = upright_grid((41, 41, 41), 2.5)
    spot = torch.zeros(grid.shape)
    spot[20, 20, 20] = 1.0
    respiration = Respiration(superior_inferior_mm=24, anterior_posterior_mm=6)

    blurred = breathe(spot, grid, respiration).double().numpy()

    place = np.moveaxis(np.indices(grid.shape), 0, -1)
    mean_mm = apply_affine(grid.patient_from_index, (place * blurred[..., None]).sum((0, 1, 2)))
    spread = np.flatnonzero(blurred.sum((1, 2)) > 1e-6)
    assert blurred.sum() == pytest.approx(1)
    assert np.allclose(mean_mm, 0, atol=1e-4)
    # 24 mm are nine to eleven slices of 2.5 mm, and the neighbours that they touch.
    assert 9 <= len(spread) <= 12


def test_breathing_follows_the_patient_and_not_the_order_of_voxels() -> None:
    phantom = Phantom(torso=Torso(respiration=Respiration(20, 5)))
    turned = USUAL.patient_from_index[:, [2, 0, 1, 3]]

    upright = draw_phantom(phantom, USUAL).activity
    other = draw_phantom(phantom, Grid((64, 32, 64), turned)).activity

    assert float((other.permute(1, 2, 0) - upright).abs().max()) < 1e-3


def test_displacements_are_counted_from_their_mean() -> None:
    moves = displacements_mm(Respiration(superior_inferior_mm=10, anterior_posterior_mm=3))

    assert np.allclose(moves.mean(axis=0), 0, atol=1e-12)
    assert np.allclose(np.ptp(moves, axis=0), (0, 3, 10))


def test_the_heart_rests_at_the_end_of_expiration() -> None:
    _, back, up = displacements_mm(Respiration(superior_inferior_mm=10, anterior_posterior_mm=3)).T

    # Most of the time a little above and behind its mean; once a breath far below and before it.
    assert np.median(up) > 0.5
    assert np.median(back) > 0.1
    assert up.min() == pytest.approx(-6.25)
    assert up.max() == pytest.approx(3.75)


def test_no_voxel_is_hotter_than_the_hottest_organ() -> None:
    torso = replace(silent_torso(), liver=replace(Torso().liver, uptake=2.5))

    activity = draw_phantom(Phantom(torso=torso), USUAL).activity

    assert 2.4 < float(activity.max()) <= 2.5 + 1e-5


def test_the_diaphragm_follows_the_heart() -> None:
    phantom = Phantom()
    lifted = replace(phantom.pose, center_mm=phantom.pose.center_mm + np.array([0, 0, 25.6]))

    low = draw_phantom(phantom, USUAL).attenuation_per_cm
    high = draw_phantom(Phantom(pose=lifted), USUAL).attenuation_per_cm

    # The column through the dome of the right lung: four slices of 6.4 mm more under it.
    column = (slice(None), 30, 20)
    assert int((high[column] > 0.1).sum() - (low[column] > 0.1).sum()) == 4


def test_arms_and_breasts_add_attenuation_where_they_are() -> None:
    grid = upright_grid((40, 80, 96), 6.4)
    arms_down = Phantom(torso=Torso(arms=Arms(are_raised=False)))
    with_breasts = Phantom(torso=Torso(breasts=Breasts(radius_mm=70)))

    plain, arms, breasts = (
        draw_phantom(phantom, grid).attenuation_per_cm
        for phantom in (Phantom(), arms_down, with_breasts)
    )

    assert at(arms, grid, (205, 20, 0)) > 0.1 > at(plain, grid, (205, 20, 0))
    assert at(breasts, grid, (80, -125, 0)) > 0.1 > at(plain, grid, (80, -125, 0))


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_any_plausible_phantom_gives_plausible_maps(data: st.DataObject) -> None:
    phantom = data.draw(phantoms())
    assume(phantom is not None)
    slot = data.draw(st.sampled_from([None, 0, 3]))

    maps = draw_phantom(phantom, USUAL, time_slot=slot, supersampling=1)

    bone = attenuation_per_cm(Tissue.BONE, 140.5)
    for each in (maps.activity, maps.attenuation_per_cm):
        assert bool(torch.isfinite(each).all())
        assert float(each.min()) >= 0
    assert float(maps.attenuation_per_cm.max()) <= bone + 1e-6
    assert float(maps.activity.max()) > 0
