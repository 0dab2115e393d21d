"""Run a training to its end, or on from where it was stopped."""

from __future__ import annotations

import os
from pathlib import Path

import pytorch_lightning as lightning
import torch
from pytorch_lightning.callbacks import ModelCheckpoint
from pytorch_lightning.loggers import CSVLogger
from torch.utils.data import DataLoader, Dataset, Subset

from shortaxis.training.config import TrainingConfig
from shortaxis.training.exams import load_exams
from shortaxis.training.module import BlockModule
from shortaxis.training.samples import Sample, Samples

__all__ = ["LAST_CHECKPOINT", "train_block"]

LAST_CHECKPOINT = "last.ckpt"

WATCHED_SAMPLES = 512
"""Selection samples looked at after every epoch."""


class NumberedData(lightning.LightningDataModule):
    """Samples in the order of their numbers: those of an epoch follow from the epoch alone."""

    def __init__(self, config: TrainingConfig, workers: int) -> None:
        super().__init__()
        self.config = config
        self.workers = workers
        size = BlockModule(config).block.size
        is_localiser = config.block == "localiser"
        self.samples = Samples(
            load_exams(config.train, size.grid),
            size,
            is_localiser=is_localiser,
            count=config.epochs * config.epoch_samples,
            seed=config.seed,
        )
        self.watched = Samples(
            load_exams(config.selection, size.grid),
            size,
            is_localiser=is_localiser,
            count=WATCHED_SAMPLES,
            seed=config.seed + 1,
            varied=False,
        )

    def train_dataloader(self) -> DataLoader[Sample]:
        """Samples of the present epoch."""
        epoch = self.trainer.current_epoch if self.trainer else 0
        first = epoch * self.config.epoch_samples
        return self._loader(Subset(self.samples, range(first, first + self.config.epoch_samples)))

    def val_dataloader(self) -> DataLoader[Sample]:
        """Exams of the selection range, the same ones every time."""
        return self._loader(self.watched)

    def _loader(self, samples: Dataset[Sample]) -> DataLoader[Sample]:
        return DataLoader(samples, batch_size=self.config.batch, num_workers=self.workers)


def train_block(config: TrainingConfig, folder: Path, *, workers: int = 0) -> Path:
    """Train one block; a folder with a checkpoint goes on from it, with the same samples.

    Parameters
    ----------
    config : TrainingConfig
        What to train on what.
    folder : Path
        Of checkpoints and of ``metrics.csv``.
    workers : int
        Processes that draw samples; 0: the same one. The result does not depend on it.

    Returns
    -------
    Path
        The last checkpoint.
    """
    lightning.seed_everything(config.seed, workers=True, verbose=False)
    folder.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))
    checkpoint = folder / LAST_CHECKPOINT
    # A run that goes on adds to the log that it has.
    logger = CSVLogger(folder.parent, name=folder.name, version="")
    trainer = lightning.Trainer(
        max_epochs=config.epochs,
        precision=config.precision,  # type: ignore[arg-type]
        logger=logger,
        callbacks=[ModelCheckpoint(folder, filename="last", enable_version_counter=False)],
        reload_dataloaders_every_n_epochs=1,
        num_sanity_val_steps=0,
        log_every_n_steps=16,
        gradient_clip_val=1.0,
        enable_model_summary=False,
        deterministic=True,
    )
    module = BlockModule(config)
    trainer.fit(
        module,
        datamodule=NumberedData(config, workers),
        ckpt_path=checkpoint if checkpoint.exists() else None,
    )
    return checkpoint
