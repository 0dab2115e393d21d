"""What one of the paper's networks is trained with."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from shortaxis.errors import OptionError
from shortaxis.network.paper_networks import PaperNetwork, build_paper_network
from shortaxis.network.spatial_transformer import PAPER_GRID, ViewGrid
from shortaxis.training.checks import require_choice
from shortaxis.training.config import PRECISIONS
from shortaxis.training.paper.losses import compound_loss, parameter_loss
from shortaxis.training.paper.stages import WITHOUT_STAGES, PaperStage

__all__ = ["PaperRun"]


@dataclass(frozen=True)
class PaperRun:
    """What one network is trained with, the same for every network of an experiment.

    Parameters
    ----------
    network : str
        One of `shortaxis.network.paper_networks.PAPER_NETWORKS`.
    grid : ViewGrid
        Of its input.
    width_divisor : int
        Of all its channels; 1 as published.
    epoch_part : float
        Of the published number of epochs of each stage, at least one epoch.
    has_compound_loss : bool
        Whether it learns from `compound_loss`, and not from the paper's.
    epochs_without_stages : int
        What `epoch_part` is a part of for networks that are not trained in stages; the paper has
        160, and 200 for those that are.
    precision : str
        One of `shortaxis.training.config.PRECISIONS`.
    seed : int
        Of the first weights and the order of the images.
    """

    network: str
    grid: ViewGrid = PAPER_GRID
    width_divisor: int = 1
    epoch_part: float = 1.0
    has_compound_loss: bool = False
    epochs_without_stages: int = WITHOUT_STAGES[0].epochs
    precision: str = "32-true"
    seed: int = 0

    def __post_init__(self) -> None:
        require_choice("precision", self.precision, PRECISIONS)
        if not 0 < self.epoch_part <= 1:
            raise OptionError(
                "no part of the epochs", expected="above 0, at most 1", found=f"{self.epoch_part}"
            )

    def fresh(self) -> PaperNetwork:
        """The network before training; the same weights every time."""
        torch.manual_seed(self.seed)
        return build_paper_network(self.network, self.grid, self.width_divisor)

    def epochs_of(self, stage: PaperStage) -> int:
        """Epochs of a stage."""
        whole = self.epochs_without_stages if stage in WITHOUT_STAGES else stage.epochs
        return max(round(whole * self.epoch_part), 1)

    def loss(self, images: Tensor, estimate: Tensor, truth: Tensor, stage: PaperStage) -> Tensor:
        """What a stage learns from.

        Of ``images`` (batch, 2, slice, row, column) and parameters (batch, 6), mm and degrees.
        """
        if self.has_compound_loss:
            return compound_loss(estimate, truth, images, self.grid)["loss"]
        return parameter_loss(estimate, truth, stage.loss_terms)["loss"]
