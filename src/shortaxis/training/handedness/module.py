"""The loop's view of the handedness network: a training step and selection exams."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from shortaxis.network.handedness import HandednessNetwork
from shortaxis.training.config import Stage
from shortaxis.training.handedness.samples import HandednessSample
from shortaxis.training.module import StageModule

__all__ = ["HandednessModule", "handedness_loss"]


STEPS = 10_000_000
"""More than any stage has."""


class HandednessModule(StageModule):
    """Trains the network by a softmax over the 48 ways round."""

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage, HandednessNetwork())
        self.watched: list[Tensor] = []

    def training_step(self, batch: HandednessSample, batch_idx: int) -> Tensor:
        """One step; logs the loss."""
        # What is dropped follows from the step alone, so that a stopped run goes on exactly.
        torch.manual_seed(self.stage.seed * STEPS + self.global_step)
        loss = handedness_loss(self.block(batch["counts"]), batch["order"]).mean()
        self.log("train/loss", loss.detach())
        return loss

    def validation_step(self, batch: HandednessSample, batch_idx: int) -> None:
        """Loss and mistakes on selection exams."""
        energies, order = self.block(batch["counts"]), batch["order"]
        likeliest = energies.flatten(1).argmax(dim=1)
        flips = energies.shape[2]
        own = energies[torch.arange(len(order)), order]
        columns = (
            handedness_loss(energies, order),
            (own.argmax(dim=1) != 0).float(),
            (likeliest // flips != order).float(),
        )
        self.watched.append(torch.stack(columns, dim=1))

    def on_validation_epoch_end(self) -> None:
        """Log means: the loss, and parts with a wrong flip and with a wrong order."""
        means = torch.cat(self.watched).float().mean(dim=0)
        self.watched.clear()
        for name, value in zip(("loss", "wrong_flip", "wrong_order"), means, strict=True):
            self.log(f"selection/{name}", value, prog_bar=True)


def handedness_loss(energies: Tensor, order: Tensor) -> Tensor:
    """Cross entropy ``(batch,)`` of samples that are not flipped, in an order of their axes.

    Parameters
    ----------
    energies : (batch, order, flip) tensor
        Of the network.
    order : (batch,) tensor
        Number of the order in which the axes are shown.
    """
    return functional.cross_entropy(
        energies.flatten(1), order * energies.shape[2], reduction="none"
    )
