"""The paper's networks: as large as published, and each block looks where it should."""

from __future__ import annotations

import operator
from dataclasses import fields

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from paper_scenes import move_to, turned_only
from shortaxis.errors import OptionError
from shortaxis.geometry.euler import PoseParameters, parameters_from_pose, pose_from_parameters
from shortaxis.geometry.pose import compose
from shortaxis.network.paper_networks import PAPER_NETWORKS, PaperNetwork, build_paper_network
from shortaxis.network.paper_regressors import ResNet18, reorientation_cnn, vgg16
from shortaxis.network.spatial_transformer import COARSE_GRID, PAPER_GRID, ViewGrid, sample_view

OWN_METHOD = "cnn-stn-three-stages"
DIFFERENCE = 147
"""Of the paper's own method from our pair: the number is odd, and a pair's is even."""

WITH_STAGES = [name for name, record in PAPER_NETWORKS.items() if record.has_stages]


def small(name: str) -> PaperNetwork:
    torch.manual_seed(2)
    return build_paper_network(name, COARSE_GRID, width_divisor=8)


def some_images(grid: ViewGrid = COARSE_GRID, batch: int = 2) -> Tensor:
    return torch.rand(batch, 2, *grid.shape, generator=torch.Generator().manual_seed(4))


class Says(nn.Module):
    """Gives the same values whatever it sees, and keeps what it saw.

    A network asks one copy of it for each block, and all have the same weights.
    """

    def __init__(self, *values: float) -> None:
        super().__init__()
        self.values = nn.Parameter(torch.tensor(values))
        self.register_buffer("seen", torch.zeros(0))

    def forward(self, images: Tensor) -> Tensor:
        self.seen = images.detach()
        return self.values.expand(len(images), -1)


@pytest.mark.parametrize("name", PAPER_NETWORKS)
def test_the_number_of_parameters_is_the_published_one(name: str) -> None:
    with torch.device("meta"):
        network = build_paper_network(name)
    count = sum(parameter.numel() for parameter in network.parameters())
    published = PAPER_NETWORKS[name].published_parameters
    assert published - count == (DIFFERENCE if name == OWN_METHOD else 0)


@pytest.mark.parametrize("build", [reorientation_cnn, vgg16, ResNet18])
@pytest.mark.parametrize("grid", [PAPER_GRID, COARSE_GRID])
@pytest.mark.parametrize("outputs", [3, 6])
def test_cnns_of_full_width_give_as_many_values_as_asked(
    build: type[ResNet18], grid: ViewGrid, outputs: int
) -> None:
    with torch.device("meta"):
        values = build(outputs, grid.shape)(torch.zeros(2, 2, *grid.shape))
    assert values.shape == (2, outputs)


@pytest.mark.parametrize("name", PAPER_NETWORKS)
def test_gradients_reach_every_parameter(name: str) -> None:
    network = small(name)
    found = network(some_images())
    assert found.shape == (2, 6)
    (found - torch.arange(1.0, 7.0)).square().sum().backward()
    for parameter_name, parameter in network.named_parameters():
        assert parameter.grad is not None, parameter_name
        assert parameter.grad.isfinite().all(), parameter_name
        # What comes before a batch normalisation may be shifted without an effect.
        assert parameter.ndim == 1 or parameter.grad.any(), parameter_name


def test_without_spatial_transformers_every_cnn_sees_the_image() -> None:
    translation, rotation = Says(1.0, 2.0, 3.0), Says(0.5, -0.5, 4.0)
    network = PaperNetwork(
        {"translation": translation, "rotation": rotation},
        PAPER_NETWORKS["3dvgg-three-stages"].blocks,
        COARSE_GRID,
        has_spatial_transformers=False,
    )
    images = some_images()
    found = network(images)
    torch.testing.assert_close(found[0], torch.tensor([10.0, 20, 30, 5, -5, 40]))
    torch.testing.assert_close(translation.seen, images)
    torch.testing.assert_close(rotation.seen, images)


def own_method(translation: Says, rotation: Says) -> PaperNetwork:
    return PaperNetwork(
        {"translation": translation, "rotation": rotation},
        PAPER_NETWORKS[OWN_METHOD].blocks,
        COARSE_GRID,
        has_spatial_transformers=True,
    )


def test_each_block_sees_the_original_image_moved_by_all_before_it() -> None:
    network = own_method(Says(1.0, -2.0, 0.5), Says(2.0, 0.5, 3.0))
    images = some_images()
    network(images)
    first = pose_from_parameters(PoseParameters(10, -20, 5, 0, 0, 0), (0, 0, 0))
    second = pose_from_parameters(PoseParameters(10, -20, 5, 20, 5, 30), (0, 0, 0))
    torch.testing.assert_close(network.cnns["translation"][0].seen, images)
    for cnn, pose in (
        (network.cnns["rotation"][0], first),
        (network.cnns["translation"][1], second),
        (network.cnns["rotation"][1], second),
    ):
        expected = sample_view(images, COARSE_GRID, move_to(pose, 2))
        torch.testing.assert_close(cnn.seen, expected, atol=2e-5, rtol=0)


def test_what_the_blocks_say_is_composed() -> None:
    found = own_method(Says(1.0, -2.0, 0.5), Says(2.0, 0.5, 3.0))(some_images())
    said_twice = pose_from_parameters(PoseParameters(10, -20, 5, 20, 5, 30), (0, 0, 0))
    expected = parameters_from_pose(compose(turned_only(said_twice), said_twice), (0, 0, 0))
    values = [getattr(expected, field.name) for field in fields(expected)]
    np.testing.assert_allclose(found[0].detach().numpy(), values, atol=1e-4)


def test_the_first_blocks_alone_leave_the_rest_at_zero() -> None:
    network = own_method(Says(1.0, -2.0, 0.5), Says(2.0, 0.5, 3.0))
    with torch.no_grad():
        one, two = (network(some_images(), blocks=count)[0] for count in (1, 2))
    torch.testing.assert_close(one, torch.tensor([10.0, -20, 5, 0, 0, 0]))
    torch.testing.assert_close(two, torch.tensor([10.0, -20, 5, 20, 5, 30]))


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("3dvgg", {"pose": 1}),
        ("3dresnet-three-stages", {"translation": 1, "rotation": 1}),
        ("cnn-stn", {"pose": 3}),
        (OWN_METHOD, {"translation": 2, "rotation": 2}),
    ],
)
def test_a_cnn_has_one_set_of_weights_and_statistics_for_each_block_that_asks_it(
    name: str, asked: dict[str, int]
) -> None:
    network = small(name).train()
    network(some_images())
    assert {key: len(cnns) for key, cnns in network.cnns.items()} == asked
    for first, *others in network.cnns.values():
        for other in others:
            assert all(map(operator.is_, first.parameters(), other.parameters()))
            assert not any(map(torch.equal, _means(first), _means(other)))


def test_a_stored_network_says_the_same() -> None:
    network, other = small("cnn-stn").train(), small("cnn-stn")
    network(some_images())
    other.load_state_dict(network.state_dict())
    with torch.no_grad():
        expected, found = (one.eval()(some_images(batch=1)) for one in (network, other))
    torch.testing.assert_close(found, expected)


@pytest.mark.parametrize("name", WITH_STAGES)
def test_what_is_held_still_says_the_same_of_an_image_whatever_else_is_in_the_batch(
    name: str,
) -> None:
    network = small(name).train()
    network.let_move(["rotation"])
    images = some_images(batch=3)
    with torch.no_grad():
        alone, among = network(images[:2], blocks=1), network(images, blocks=1)[:2]
    torch.testing.assert_close(alone, among)


def test_evaluation_and_training_return_only_what_moves_to_training() -> None:
    network = small(OWN_METHOD)
    network.let_move(["translation"])
    network.eval().train()
    assert network.cnns["translation"].training
    assert not network.cnns["rotation"].training
    network.let_move(["translation", "rotation"])
    assert all(module.training for module in network.modules())


@pytest.mark.parametrize("names", [["pose"], []])
def test_parts_that_a_network_does_not_have_cannot_move(names: list[str]) -> None:
    with pytest.raises(OptionError, match="no such part"):
        small(OWN_METHOD).let_move(names)


@pytest.mark.parametrize(("name", "width_divisor"), [("alexnet", 1), ("3dvgg", 0)])
def test_networks_that_the_paper_does_not_have_are_refused(name: str, width_divisor: int) -> None:
    with pytest.raises(OptionError, match="no such network"):
        build_paper_network(name, COARSE_GRID, width_divisor)


def _means(cnn: nn.Module) -> list[Tensor]:
    """Running means of the batch normalisations."""
    return [value for key, value in cnn.named_buffers() if key.endswith("running_mean")]
