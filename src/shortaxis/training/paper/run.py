"""Train one of the paper's networks on one fold, stage by stage, and predict with it.

A run that was stopped goes on with the epoch after the last whole one, and ends with the same
weights: the order of the images follows from seed, stage and epoch.
"""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import pytorch_lightning as lightning
import torch
from pytorch_lightning.callbacks import ModelCheckpoint
from pytorch_lightning.loggers import CSVLogger
from torch.utils.data import DataLoader

from shortaxis.errors import OptionError
from shortaxis.geometry.arrays import FloatArray
from shortaxis.network.paper_networks import PaperNetwork
from shortaxis.training.loop import (
    LAST_CHECKPOINT,
    epochs_behind,
    read_block,
    silence_advice,
)
from shortaxis.training.paper.images import with_both_channels
from shortaxis.training.paper.module import Images, StageData, StageModule
from shortaxis.training.paper.settings import PaperRun
from shortaxis.training.paper.stages import BATCH, PaperStage, stages_of

__all__ = ["predicted", "train_paper_network", "trained_network"]


def train_paper_network(
    run: PaperRun,
    training: Images,
    watched: Images,
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
    training, watched : dataset of PaperImage
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
    if run.precision != "32-true":
        # Convolutions of half precision are faster so, on CPUs and GPUs.
        network.to(memory_format=torch.channels_last_3d)  # type: ignore[call-overload]  # no stub
    for number, stage in enumerate(stages_of(network)):
        data = StageData(run, number, training, watched, workers)
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
def predicted(network: PaperNetwork, images: Images) -> tuple[FloatArray, FloatArray]:
    """Predicted and true parameters of images, each ``(image, 6)``, mm and degrees.

    In float32, however the network was trained, on a GPU if there is one.
    """
    device = "cuda" if torch.cuda.is_available() else "cpu"
    network.to(device).eval()
    estimates, truths = [], []
    for batch in DataLoader(images, batch_size=BATCH):
        seen = with_both_channels(batch["counts"].to(device))
        estimates.append(network(seen).double().cpu().numpy())
        truths.append(batch["parameters"].double().numpy())
    return np.concatenate(estimates), np.concatenate(truths)


LOGGED_STEPS = 16
"""Between two lines of the log."""


def _train_stage(
    run: PaperRun,
    network: PaperNetwork,
    stage: PaperStage,
    data: StageData,
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
        log_every_n_steps=LOGGED_STEPS,
        enable_model_summary=False,
        precision=run.precision,  # type: ignore[arg-type]  # a name that Lightning checks
        # Some layers have no deterministic form on a GPU; there speed is wanted.
        deterministic=False if torch.cuda.is_available() else "warn",
        benchmark=torch.cuda.is_available(),
    )
    trainer.fit(
        StageModule(run, network, stage, epochs * data.steps),
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
