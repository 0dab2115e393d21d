"""Train one of the paper's networks on one fold, stage by stage, and predict with it.

A run that was stopped goes on with the epoch after the last whole one, and ends with the same
weights: the order of the images follows from seed, stage and epoch.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytorch_lightning as lightning
import torch
from pytorch_lightning.callbacks import ModelCheckpoint
from pytorch_lightning.loggers import CSVLogger
from pytorch_lightning.utilities.types import OptimizerLRScheduler
from torch import Tensor
from torch.utils.data import DataLoader, Subset

from shortaxis.errors import OptionError
from shortaxis.geometry.arrays import FloatArray
from shortaxis.network.paper_networks import PaperNetwork, build_paper_network
from shortaxis.network.spatial_transformer import PAPER_GRID, ViewGrid
from shortaxis.training.loop import (
    LAST_CHECKPOINT,
    epochs_behind,
    read_block,
    silence_advice,
)
from shortaxis.training.paper.images import PaperImage, PaperImages
from shortaxis.training.paper.losses import parameter_loss
from shortaxis.training.paper.stages import BATCH, PaperStage, begin_stage, stages_of

__all__ = ["PaperRun", "predicted", "train_paper_network", "trained_network"]


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
    seed : int
        Of the first weights and the order of the images.
    """

    network: str
    grid: ViewGrid = PAPER_GRID
    width_divisor: int = 1
    epoch_part: float = 1.0
    seed: int = 0

    def __post_init__(self) -> None:
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
        return max(round(stage.epochs * self.epoch_part), 1)


def train_paper_network(
    run: PaperRun,
    training: PaperImages,
    watched: PaperImages,
    folder: Path,
    *,
    workers: int = 0,
    epochs: int | None = None,
) -> PaperNetwork:
    """Train a network through its stages; a folder with checkpoints goes on from the last one.

    Parameters
    ----------
    run : PaperRun
        What to train.
    training, watched : PaperImages
        What is learnt from, and what errors are logged of after every epoch.
    folder : Path
        Gets a folder a stage, with ``last.ckpt`` and ``logs/NUMBER/metrics.csv``.
    workers : int
        Processes that make images; 0: the same one. The result does not depend on it.
    epochs : int, optional
        Stop when a stage has had so many epochs, unless that is all of them; a later call goes on.

    Returns
    -------
    PaperNetwork
        As far as it was trained, in evaluation mode.
    """
    logging.getLogger("pytorch_lightning.utilities.rank_zero").setLevel(logging.WARNING)
    silence_advice()
    network = run.fresh()
    for number, stage in enumerate(stages_of(network)):
        data = _Data(run, number, training, watched, workers)
        if not _train_stage(run, network, stage, data, folder, epochs):
            break
    return network.eval()


def trained_network(run: PaperRun, folder: Path) -> PaperNetwork:
    """The network at the end of a training.

    Raises
    ------
    OptionError
        If a stage has not been trained to its end.
    """
    network = run.fresh()
    for stage in stages_of(network):
        if not _load(network, folder / stage.name, run.epochs_of(stage)):
            raise OptionError(
                "has not been trained",
                path=folder / stage.name,
                expected=f"{run.epochs_of(stage)} epochs",
                found="fewer, or none",
                cause="a training that was stopped; run it again to go on",
            )
    return network.eval()


@torch.inference_mode()
def predicted(network: PaperNetwork, images: PaperImages) -> tuple[FloatArray, FloatArray]:
    """Predicted and true parameters of images, each ``(image, 6)``, mm and degrees."""
    network.eval()
    estimates, truths = [], []
    for batch in DataLoader(images, batch_size=BATCH):
        estimates.append(network(batch["counts"]).double().numpy())
        truths.append(batch["parameters"].double().numpy())
    return np.concatenate(estimates), np.concatenate(truths)


class _Data(lightning.LightningDataModule):
    """Images in an order that follows from the seed, the stage and the epoch."""

    def __init__(
        self, run: PaperRun, number: int, training: PaperImages, watched: PaperImages, workers: int
    ) -> None:
        super().__init__()
        self.seed = (run.seed, number)
        self.training = training
        self.watched = watched
        self.workers = workers

    def train_dataloader(self) -> DataLoader[PaperImage]:
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
        return DataLoader(self.watched, batch_size=BATCH, num_workers=self.workers)

    @property
    def steps(self) -> int:
        """Of an epoch."""
        return max(len(self.training) // BATCH, 1)


class _StageModule(lightning.LightningModule):
    """The loop's view of a network in one stage."""

    def __init__(self, network: PaperNetwork, stage: PaperStage, steps: int) -> None:
        super().__init__()
        self.network = network
        self.stage = stage
        self.steps = steps
        self.errors: list[Tensor] = []

    def training_step(self, batch: PaperImage, batch_idx: int) -> Tensor:
        estimate = self.network(batch["counts"], self.stage.blocks)
        terms = parameter_loss(estimate, batch["parameters"], self.stage.loss_terms)
        self.log_dict({f"train/{name}": value.detach() for name, value in terms.items()})
        return terms["loss"]

    def validation_step(self, batch: PaperImage, batch_idx: int) -> None:
        estimate = self.network(batch["counts"], self.stage.blocks)
        self.errors.append((estimate - batch["parameters"]).abs())

    def on_validation_epoch_end(self) -> None:
        means = torch.cat(self.errors).mean(dim=0)
        self.errors.clear()
        self.log("watched/translation_mm", means[:3].mean(), prog_bar=True)
        self.log("watched/rotation_deg", means[3:].mean(), prog_bar=True)

    def configure_optimizers(self) -> OptimizerLRScheduler:
        optimizer, schedule = begin_stage(self.network, self.stage, self.steps)
        return {
            "optimizer": optimizer,
            "lr_scheduler": {"scheduler": schedule, "interval": "step"},
        }


def _train_stage(
    run: PaperRun,
    network: PaperNetwork,
    stage: PaperStage,
    data: _Data,
    folder: Path,
    most_epochs: int | None,
) -> bool:
    """Train one stage, or what is left of it; whether it has come to its end."""
    own, epochs = folder / stage.name, run.epochs_of(stage)
    if _load(network, own, epochs):
        return True
    checkpoint = own / LAST_CHECKPOINT
    network.let_move(stage.moving)
    network.train()
    trainer = lightning.Trainer(
        max_epochs=epochs if most_epochs is None else min(most_epochs, epochs),
        logger=CSVLogger(own, name="logs"),
        callbacks=[ModelCheckpoint(own, filename="last", enable_version_counter=False)],
        reload_dataloaders_every_n_epochs=1,
        num_sanity_val_steps=0,
        log_every_n_steps=1,
        enable_model_summary=False,
        deterministic="warn",
    )
    trainer.fit(
        _StageModule(network, stage, epochs * data.steps),
        datamodule=data,
        ckpt_path=checkpoint if checkpoint.exists() else None,
        weights_only=True,
    )
    return _load(network, own, epochs)


def _load(network: PaperNetwork, folder: Path, epochs: int) -> bool:
    """Load the end of a stage; False if it was not reached."""
    checkpoint = folder / LAST_CHECKPOINT
    if epochs_behind(checkpoint) < epochs:
        return False
    network.load_state_dict(read_block(checkpoint, "network."))
    return True
