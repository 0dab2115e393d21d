"""The loop's view of a stage: the images of an epoch, and what a step does with them."""

from __future__ import annotations

import numpy as np
import pytorch_lightning as lightning
import torch
from pytorch_lightning.utilities.types import OptimizerLRScheduler
from torch import Tensor
from torch.utils.data import DataLoader, Subset

from shortaxis.network.paper_networks import PaperNetwork
from shortaxis.training.paper.images import PaperImage, PaperImages, with_both_channels
from shortaxis.training.paper.prepared import PreparedImages
from shortaxis.training.paper.settings import PaperRun
from shortaxis.training.paper.stages import BATCH, PaperStage, begin_stage

__all__ = ["Images", "StageData", "StageModule"]

Images = PaperImages | PreparedImages | Subset[PaperImage]
"""Numbered images."""


class StageData(lightning.LightningDataModule):
    """Images in an order that follows from the seed, the stage and the epoch."""

    def __init__(
        self, run: PaperRun, number: int, training: Images, watched: Images, workers: int
    ) -> None:
        super().__init__()
        self.seed = (run.seed, number)
        self.training = training
        self.watched = watched
        self.workers = workers

    def train_dataloader(self) -> DataLoader[PaperImage]:
        """Images of the present epoch, in its order."""
        epoch = self.trainer.current_epoch if self.trainer else 0
        order = np.random.default_rng((*self.seed, epoch)).permutation(len(self.training))
        return DataLoader(
            Subset(self.training, order.tolist()),
            batch_size=BATCH,
            num_workers=self.workers,
            # A batch of one has no statistics to normalise by.
            drop_last=len(self.training) > BATCH,
        )

    def val_dataloader(self) -> DataLoader[PaperImage]:
        """Images that errors are logged of."""
        return DataLoader(self.watched, batch_size=BATCH, num_workers=self.workers)

    @property
    def steps(self) -> int:
        """Of an epoch."""
        return max(len(self.training) // BATCH, 1)


class StageModule(lightning.LightningModule):
    """The loop's view of a network in one stage."""

    def __init__(self, run: PaperRun, network: PaperNetwork, stage: PaperStage, steps: int) -> None:
        super().__init__()
        self.run = run
        self.network = network
        self.stage = stage
        self.steps = steps
        self.errors: list[Tensor] = []

    def training_step(self, batch: PaperImage, batch_idx: int) -> Tensor:
        """One step; logs the loss."""
        images = with_both_channels(batch["counts"])
        estimate = self.network(images, self.stage.blocks)
        loss = self.run.loss(images, estimate, batch["parameters"], self.stage)
        self.log("train/loss", loss.detach())
        return loss

    def validation_step(self, batch: PaperImage, batch_idx: int) -> None:
        """Absolute errors of a batch."""
        estimate = self.network(with_both_channels(batch["counts"]), self.stage.blocks)
        self.errors.append((estimate - batch["parameters"]).abs())

    def on_validation_epoch_end(self) -> None:
        """Log the mean errors, mm and degrees."""
        means = torch.cat(self.errors).mean(dim=0)
        self.errors.clear()
        self.log("watched/translation_mm", means[:3].mean(), prog_bar=True)
        self.log("watched/rotation_deg", means[3:].mean(), prog_bar=True)

    def configure_optimizers(self) -> OptimizerLRScheduler:
        """As `shortaxis.training.paper.stages` has it."""
        optimizer, schedule = begin_stage(self.network, self.stage, self.steps)
        return {
            "optimizer": optimizer,
            "lr_scheduler": {"scheduler": schedule, "interval": "step"},
        }
