"""Training of the paper's networks: stages follow each other, and a stopped run goes on exactly."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from shortaxis.errors import OptionError
from shortaxis.network.spatial_transformer import ViewGrid
from shortaxis.training.exams import SeedRange
from shortaxis.training.paper.images import PaperImages, paper_exam
from shortaxis.training.paper.run import predicted, train_paper_network, trained_network
from shortaxis.training.paper.settings import PaperRun
from shortaxis.training.paper.stages import THREE_STAGES, WITHOUT_STAGES

GRID = ViewGrid((8, 16, 16), 25.6)
RUN = PaperRun("cnn-stn-three-stages", GRID, width_divisor=8, epoch_part=0.025, seed=3)


@pytest.fixture(scope="module")
def images(training_cohorts: Path) -> tuple[PaperImages, PaperImages]:
    stored = SeedRange(training_cohorts / "train", "paper", 20, 2).exams()
    exams = [paper_exam(each, GRID) for each in stored]
    return PaperImages(exams, draws=7), PaperImages(exams, draws=0)


def test_stages_have_their_part_of_the_published_epochs() -> None:
    assert [RUN.epochs_of(stage) for stage in THREE_STAGES] == [2, 2, 1]
    assert [PaperRun("cnn-stn").epochs_of(stage) for stage in THREE_STAGES] == [80, 80, 40]
    assert [PaperRun("cnn-stn").epochs_of(stage) for stage in WITHOUT_STAGES] == [160]
    alike = PaperRun("cnn-stn", epochs_without_stages=200)
    assert [alike.epochs_of(stage) for stage in WITHOUT_STAGES] == [200]
    with pytest.raises(OptionError, match="part of the epochs"):
        PaperRun("cnn-stn", epoch_part=1.5)


def test_a_stopped_run_goes_on_exactly(
    images: tuple[PaperImages, PaperImages], tmp_path: Path
) -> None:
    whole = train_paper_network(RUN, *images, tmp_path / "whole")
    train_paper_network(RUN, *images, tmp_path / "stopped", epochs=1)
    assert not (tmp_path / "stopped" / "rotation").exists()
    went_on = train_paper_network(RUN, *images, tmp_path / "stopped")

    for name, value in whole.state_dict().items():
        torch.testing.assert_close(went_on.state_dict()[name], value, msg=name)
    again = trained_network(RUN, tmp_path / "whole")
    estimates, truths = predicted(again, images[1])
    np.testing.assert_allclose(estimates, predicted(whole, images[1])[0], atol=1e-4)
    assert estimates.shape == truths.shape == (2, 6)


def test_what_a_stage_does_not_train_stays_as_it_was(
    images: tuple[PaperImages, PaperImages], tmp_path: Path
) -> None:
    train_paper_network(RUN, *images, tmp_path)
    stages = [
        torch.load(tmp_path / stage.name / "last.ckpt", weights_only=True)["state_dict"]
        for stage in THREE_STAGES
    ]
    translation = [name for name in stages[0] if "cnns.translation" in name and "weight" in name]
    rotation = [name for name in stages[0] if "cnns.rotation" in name and "weight" in name]
    fresh = {f"network.{name}": value for name, value in RUN.fresh().state_dict().items()}
    assert all(torch.equal(stages[0][name], fresh[name]) for name in rotation)
    assert all(torch.equal(stages[1][name], stages[0][name]) for name in translation)
    assert any(not torch.equal(stages[1][name], stages[0][name]) for name in rotation)
    for names in (translation, rotation):
        assert any(not torch.equal(stages[2][name], stages[1][name]) for name in names)


def test_an_unfinished_training_predicts_nothing(
    images: tuple[PaperImages, PaperImages], tmp_path: Path
) -> None:
    train_paper_network(RUN, *images, tmp_path)
    longer = replace(RUN, epoch_part=0.05)
    with pytest.raises(OptionError, match="has not been trained"):
        trained_network(longer, tmp_path)


def test_a_loss_is_the_papers_or_the_compound_one() -> None:
    generator = torch.Generator().manual_seed(0)
    images = torch.rand(2, 2, *GRID.shape, generator=generator)
    truth = torch.randn(2, 6, generator=generator)
    estimate, (stage,) = truth + 3, WITHOUT_STAGES
    paper, compound = (
        PaperRun("cnn-stn", GRID, has_compound_loss=kind).loss(images, estimate, truth, stage)
        for kind in (False, True)
    )
    assert float(paper) == pytest.approx(0.3 + 0.09)
    assert float(compound) > 0.09
    assert float(compound) != pytest.approx(float(paper), abs=0.01)
