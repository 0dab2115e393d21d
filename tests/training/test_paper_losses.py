"""The paper's losses in numbers a person can check, and which parts move in which stage."""

from __future__ import annotations

from collections import Counter
from itertools import chain

import pytest
import torch
from torch import Tensor

from shortaxis.errors import OptionError
from shortaxis.network.paper_networks import PAPER_NETWORKS, PaperNetwork, build_paper_network
from shortaxis.network.spatial_transformer import COARSE_GRID, ViewGrid
from shortaxis.training.paper.losses import compound_loss, parameter_loss
from shortaxis.training.paper.stages import (
    BATCH,
    LEARNING_RATE,
    THREE_STAGES,
    WITHOUT_STAGES,
    PaperStage,
    begin_stage,
    stages_of,
)

WITH_STAGES = [name for name, record in PAPER_NETWORKS.items() if record.has_stages]

TRUTH = torch.tensor([[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]])


def test_translations_cost_their_absolute_and_rotations_their_square_errors() -> None:
    """30, 0 and 0 mm; 0, 30 and 0 degrees: in tens, a mean of 3 / 3 and one of 9 / 3."""
    estimate = TRUTH + torch.tensor([[-30.0, 0, 0, 0, 30, 0]])
    terms = parameter_loss(estimate, TRUTH)
    values = {name: pytest.approx(value.item()) for name, value in terms.items()}
    assert values == {"translation": 1.0, "rotation": 3.0, "loss": 4.0}


def test_the_weight_is_that_of_the_rotations() -> None:
    estimate = TRUTH + torch.tensor([[-30.0, 0, 0, 0, 30, 0]])
    assert parameter_loss(estimate, TRUTH, rotation_weight=0.5)["loss"] == pytest.approx(2.5)


@pytest.mark.parametrize("stage", THREE_STAGES)
def test_a_stage_s_loss_pulls_only_at_what_the_stage_is_about(stage: PaperStage) -> None:
    estimate = torch.zeros(1, 6, requires_grad=True)
    parameter_loss(estimate, TRUTH, stage.loss_terms)["loss"].backward()
    assert estimate.grad is not None
    pulled = estimate.grad[0] != 0
    assert bool(pulled[:3].all()) is bool(pulled[:3].any()) is ("translation" in stage.moving)
    assert bool(pulled[3:].all()) is bool(pulled[3:].any()) is ("rotation" in stage.moving)


@pytest.mark.parametrize("terms", [(), ("scale",)])
def test_terms_that_the_loss_does_not_have_are_refused(terms: tuple[str, ...]) -> None:
    with pytest.raises(OptionError, match="term of the loss"):
        parameter_loss(TRUTH, TRUTH, terms)


def heart_like(grid: ViewGrid) -> Tensor:
    axes = [torch.linspace(-2, 2, size) for size in grid.shape]
    slices, rows, columns = torch.meshgrid(*axes, indexing="ij")
    return torch.exp(-4 * slices**2 - 2 * rows**2 - 6 * columns**2)[None, None]


def test_the_compound_loss_is_zero_at_the_truth_and_falls_towards_it() -> None:
    images = heart_like(COARSE_GRID)
    estimate = (TRUTH + torch.tensor([[9.0, 0, 0, 0, 0, 12]])).requires_grad_()
    at_truth = compound_loss(TRUTH, TRUTH, images, COARSE_GRID)
    apart = compound_loss(estimate, TRUTH, images, COARSE_GRID)
    assert all(value == 0 for value in at_truth.values())
    assert apart["parameters"].item() == pytest.approx((0.9**2 + 1.2**2) / 6)
    assert 0 < apart["images"] < 2
    assert apart["loss"].item() == pytest.approx((apart["parameters"] + apart["images"]).item())
    (slope,) = torch.autograd.grad(apart["images"], estimate)
    assert slope[0, 0] > 0
    assert slope[0, 5] > 0


def test_an_empty_field_of_view_costs_no_image_discrepancy() -> None:
    empty = torch.zeros(1, 2, *COARSE_GRID.shape)
    assert compound_loss(TRUTH + 1, TRUTH, empty, COARSE_GRID)["images"] == 0


def test_epochs_are_the_published_ones() -> None:
    assert [stage.epochs for stage in THREE_STAGES] == [80, 80, 40]
    assert [stage.epochs for stage in WITHOUT_STAGES] == [160]
    assert BATCH == 8


@pytest.mark.parametrize("name", PAPER_NETWORKS)
def test_every_network_has_the_stages_that_it_was_published_with(name: str) -> None:
    stages = stages_of(build_paper_network(name, COARSE_GRID, width_divisor=32))
    assert len(stages) == (3 if name in WITH_STAGES else 1)


@pytest.mark.parametrize("name", PAPER_NETWORKS)
def test_each_stage_moves_its_own_parts_and_nothing_else(name: str) -> None:
    """Weights and the statistics of batch normalisation alike, from one stage to the next."""
    torch.manual_seed(0)
    network = build_paper_network(name, COARSE_GRID, width_divisor=16)
    for stage in stages_of(network):
        before = {key: value.clone() for key, value in network.state_dict().items()}
        _take_steps(network, stage)
        asked = Counter(chain.from_iterable(network.blocks[: stage.blocks]))
        for key, value in network.state_dict().items():
            _, part, number, *_ = key.split(".")
            if part not in stage.moving:
                assert torch.equal(value, before[key]), f"{key} moved in stage {stage.name}"
            elif value.ndim > 1 or ("running" in key and int(number) < asked[part]):
                assert not torch.equal(value, before[key]), f"{key} held still in {stage.name}"


def test_a_stage_of_another_network_is_refused() -> None:
    network = build_paper_network("3dvgg", COARSE_GRID, width_divisor=32)
    with pytest.raises(OptionError, match="no such part"):
        begin_stage(network, THREE_STAGES[0], steps=1)


def test_the_learning_rate_falls_to_zero_within_a_stage() -> None:
    network = build_paper_network("cnn-stn", COARSE_GRID, width_divisor=32)
    optimizer, schedule = begin_stage(network, WITHOUT_STAGES[0], steps=4)
    rates = []
    for _ in range(5):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    assert rates[0] == LEARNING_RATE
    assert rates[2] == pytest.approx(LEARNING_RATE / 2)
    assert rates[4] == pytest.approx(0, abs=1e-9)


def test_three_stages_find_where_a_spot_is() -> None:
    """All of it at work: a few steps of each stage bring the loss of two exams down."""
    torch.manual_seed(0)
    network = build_paper_network("cnn-stn-three-stages", COARSE_GRID, width_divisor=4)
    losses = [_take_steps(network, stage, steps=8) for stage in stages_of(network)]
    for first, *_, last in losses:
        assert last < first


def _take_steps(network: PaperNetwork, stage: PaperStage, steps: int = 1) -> list[float]:
    optimizer, schedule = begin_stage(network.train(), stage, steps)
    images = heart_like(COARSE_GRID).expand(2, 2, -1, -1, -1) * torch.tensor([1.0, 2.0]).view(
        2, 1, 1, 1, 1
    )
    truth = torch.tensor([[20.0, -20, 10, 20, 5, 45], [-20.0, 10, 5, 10, -10, 30]])
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        loss = parameter_loss(network(images, stage.blocks), truth, stage.loss_terms)["loss"]
        loss.backward()
        optimizer.step()
        schedule.step()
        losses.append(loss.item())
    return losses
