"""Projections of several time slots at once, and of what beats alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

pytest.importorskip("torch", reason="the camera needs torch")

import torch

from camera_scenes import SMALL, SPARSE_ORBIT, disc, point, seeded, water
from shortaxis.camera.collimator import LEHR_140_KEV
from shortaxis.camera.operators import adjoint_mismatch
from shortaxis.camera.osem import OrderedSubsets
from shortaxis.camera.part_projection import support_of
from shortaxis.camera.projector import SpectProjector
from shortaxis.camera.scatter import ScatterModel
from shortaxis.camera.stacked_projector import StackedProjector
from shortaxis.errors import OptionError

EFFECTS = [(True, True), (True, False), (False, True), (False, False)]
"""Whether attenuation and the collimator's response are in it."""


def stacked(volumes: int, effects: tuple[bool, bool]) -> StackedProjector:
    attenuation, response = effects
    return StackedProjector(
        SMALL,
        volumes,
        SPARSE_ORBIT,
        water(SMALL) if attenuation else None,
        LEHR_140_KEV if response else None,
    )


def alone(effects: tuple[bool, bool]) -> SpectProjector:
    attenuation, response = effects
    return SpectProjector(
        SMALL,
        SPARSE_ORBIT,
        water(SMALL) if attenuation else None,
        LEHR_140_KEV if response else None,
    )


def two_hearts() -> list[torch.Tensor]:
    return [disc(SMALL, 25, (15, -10)), disc(SMALL, 20, (10, -5))]


@pytest.mark.parametrize("effects", EFFECTS)
def test_the_adjoint_of_a_stack_is_exact(effects: tuple[bool, bool]) -> None:
    assert adjoint_mismatch(stacked(3, effects), seeded(1)) < 1e-6


@pytest.mark.parametrize("effects", EFFECTS)
def test_a_stack_sees_what_each_of_its_volumes_alone_would_show(
    effects: tuple[bool, bool],
) -> None:
    hearts = two_hearts()
    wanted = torch.cat([alone(effects).apply(heart) for heart in hearts], dim=1)

    found = stacked(2, effects).apply(torch.cat(hearts))

    assert found.shape == wanted.shape
    assert float((found - wanted).norm() / wanted.norm()) < 0.01


def test_volumes_of_a_stack_never_meet() -> None:
    first = point(SMALL, (SMALL.slices - 1, 6, 6))

    seen = stacked(2, (True, True)).apply(torch.cat([first, torch.zeros(SMALL.shape)]))

    # The last slice of the one lies beside the first slice of the other.
    assert float(seen[:, : SMALL.slices].sum()) > 0
    assert float(seen[:, SMALL.slices :].abs().max()) == 0


@pytest.mark.parametrize("effects", EFFECTS)
def test_sensitivity_is_the_transpose_of_ones(effects: tuple[bool, bool]) -> None:
    for projector in (stacked(2, effects).subset([0, 3]), alone(effects).subset([0, 3])):
        wanted = projector.adjoint(torch.ones(projector.out_shape))

        assert torch.allclose(projector.sensitivity(), wanted, rtol=1e-5, atol=1e-7)


def test_a_stack_is_reconstructed_as_its_volumes_are_one_by_one() -> None:
    effects = (True, True)
    counts = [alone(effects).apply(100 * heart) for heart in two_hearts()]
    wanted = [OrderedSubsets(alone(effects), 3, 2).reconstruct(each) for each in counts]

    found = OrderedSubsets(stacked(2, effects), 3, 2).reconstruct(torch.cat(counts, dim=1))

    for each, one in zip(found.chunk(2), wanted, strict=True):
        assert float((each - one).norm() / one.norm()) < 0.03


def whole_camera() -> SpectProjector:
    return SpectProjector(SMALL, SPARSE_ORBIT, water(SMALL), LEHR_140_KEV, ScatterModel())


def test_a_part_is_projected_as_the_whole_would_be() -> None:
    camera, views = whole_camera(), [4, 1, 2]
    changes = torch.zeros(2, *SMALL.shape)
    # Of either sign, as what a wall leaves and where it comes to.
    changes[:, 2:4, 3:7, 6:9] = torch.rand(2, 2, 4, 3, generator=seeded(3)) - 0.5

    seen = camera.of_part().project(changes, views)

    for number, change in enumerate(changes):
        counts, scatter = camera.subset(views).apply(change), camera.expected_scatter(change)
        assert torch.allclose(seen[:, 0, number], counts, rtol=1e-4, atol=1e-6)
        assert torch.allclose(seen[:, 1, number], scatter[views], rtol=1e-4, atol=1e-6)


def test_the_support_is_the_smallest_box_around_what_is_not_zero() -> None:
    volumes = torch.zeros(2, 5, 6, 7)
    volumes[0, 1, 2, 3] = -1.0
    volumes[1, 3, 2, 6] = 1.0

    assert support_of(volumes) == (slice(1, 4), slice(2, 3), slice(3, 7))
    assert support_of(torch.zeros(2, 5, 6, 7)) is None


def test_where_nothing_beats_nothing_is_added() -> None:
    seen = whole_camera().of_part().project(torch.zeros(3, *SMALL.shape), [0, 1])

    assert seen.shape == (2, 2, 3, SMALL.slices, SMALL.pixels)
    assert not seen.any()


def test_a_part_needs_a_camera_with_all_effects() -> None:
    with pytest.raises(OptionError, match="all effects"):
        alone((True, True)).of_part()


def test_a_stack_of_another_height_is_refused() -> None:
    projector = stacked(2, (True, True))
    taller = replace(SMALL, slices=3 * SMALL.slices)

    with pytest.raises(ValueError, match="fit"):
        projector.apply(torch.zeros(taller.shape))
