"""The loop of a training, to its end, or on from where it was stopped."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import Any

import pytorch_lightning as lightning
import torch
from pytorch_lightning.callbacks import ModelCheckpoint
from pytorch_lightning.loggers import CSVLogger
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, Subset

from shortaxis.errors import OptionError
from shortaxis.files.folder_lock import locked_folder
from shortaxis.training.config import Stage
from shortaxis.training.exams import TrainingExam
from shortaxis.training.module import BlockModule, StageModule, grid_of
from shortaxis.training.samples import Samples

__all__ = [
    "LAST_CHECKPOINT",
    "NumberedData",
    "StageData",
    "epochs_behind",
    "fit_stage",
    "read_block",
    "silence_advice",
    "trained_alone",
]

LAST_CHECKPOINT, LOCK_FILE = "last.ckpt", ".training.lock"


class StageData(lightning.LightningDataModule):
    """Samples in the order of their numbers: those of an epoch follow from the epoch alone.

    Parameters
    ----------
    stage : Stage
        Its epochs and batches.
    samples, watched : Dataset
        Those of the whole stage, and those that errors are logged of after every epoch.
    workers : int
        Processes that draw them.
    """

    def __init__(
        self, stage: Stage, samples: Dataset[Any], watched: Dataset[Any], workers: int
    ) -> None:
        super().__init__()
        self.stage = stage
        self.samples = samples
        self.watched = watched
        self.workers = workers

    def train_dataloader(self) -> DataLoader[Any]:
        """Samples of the present epoch."""
        epoch = self.trainer.current_epoch if self.trainer else 0
        first = epoch * self.stage.epoch_samples
        return self._loader(Subset(self.samples, range(first, first + self.stage.epoch_samples)))

    def val_dataloader(self) -> DataLoader[Any]:
        """Exams of the selection range, the same ones every time."""
        return self._loader(self.watched)

    def _loader(self, samples: Dataset[Any]) -> DataLoader[Any]:
        return DataLoader(samples, batch_size=self.stage.batch, num_workers=self.workers)


class NumberedData(StageData):
    """Samples of a block of the cascade."""

    def __init__(
        self,
        stage: Stage,
        learnt_from: Sequence[TrainingExam],
        watched: Sequence[TrainingExam],
        workers: int,
        watched_samples: int,
    ) -> None:
        drawn = partial(Samples, grid=grid_of(stage), is_localiser=stage.block == "localiser")
        super().__init__(
            stage,
            drawn(learnt_from, count=stage.epochs * stage.epoch_samples, seed=stage.seed),
            drawn(watched, count=watched_samples, seed=stage.seed + 1, varied=False),
            workers,
        )


def trained_alone(folder: Path) -> AbstractContextManager[None]:
    """Keep a second training out of a folder: both would write the same checkpoints.

    Raises
    ------
    OutputError
        If another one works there.
    """
    return locked_folder(folder, LOCK_FILE, "another training works in this folder")


def fit_stage(
    data: StageData,
    folder: Path,
    *,
    start: dict[str, Tensor] | None = None,
    epochs: int | None = None,
    module_of: Callable[[Stage], StageModule] = BlockModule,
) -> Path:
    """Train the block of a stage on its samples, on from the checkpoint in its own folder.

    Parameters
    ----------
    data : StageData
        The stage and its samples.
    folder : Path
        Of the stage.
    start : dict of str to tensor, optional
        State of the block where there is no checkpoint; fresh weights by default.
    epochs : int, optional
        Stop after so many epochs.
    module_of : callable
        Makes what trains it, with fresh weights.

    Returns
    -------
    Path
        The last checkpoint.
    """
    # It advertises services of its makers.
    logging.getLogger("pytorch_lightning.utilities.rank_zero").setLevel(logging.WARNING)
    silence_advice()
    stage, checkpoint = data.stage, folder / LAST_CHECKPOINT
    lightning.seed_everything(stage.seed, workers=True, verbose=False)
    module = module_of(stage)
    if start is not None:
        module.block.load_state_dict(start)
    trainer = lightning.Trainer(
        max_epochs=stage.epochs if epochs is None else epochs,
        precision=stage.precision,  # type: ignore[arg-type]  # a name that Lightning checks
        logger=CSVLogger(folder, name="logs", version=f"{_log_number(folder):03d}"),
        callbacks=[ModelCheckpoint(folder, filename="last", enable_version_counter=False)],
        reload_dataloaders_every_n_epochs=1,
        num_sanity_val_steps=0,
        log_every_n_steps=16,
        gradient_clip_val=1.0,
        enable_model_summary=False,
        # Some layers have no deterministic form on a GPU.
        deterministic="warn",
    )
    trainer.fit(
        module,
        datamodule=data,
        ckpt_path=checkpoint if checkpoint.exists() else None,
        weights_only=True,
    )
    return checkpoint


def epochs_behind(checkpoint: Path) -> int:
    """Whole epochs that a checkpoint has behind it; 0 if there is none."""
    if not checkpoint.exists():
        return 0
    return int(torch.load(checkpoint, map_location="cpu", weights_only=True)["epoch"]) + 1


def silence_advice() -> None:
    """Leave out what the loop knows: it goes on in its folder, copied or not; few workers do."""
    for message in (
        "Checkpoint directory .* exists",
        "The dirpath has changed",
        "The '.*' does not have many workers",
        "The number of training batches",
        ".*treespec",
        # What a stage holds still is meant to be.
        "Found .* module.* in eval mode",
    ):
        warnings.filterwarnings("ignore", message=message)


def _log_number(folder: Path) -> int:
    """Every start of a stage writes a log of its own."""
    return len(list((folder / "logs").glob("*/metrics.csv")))


def read_block(checkpoint: Path, prefix: str = "block.") -> dict[str, Tensor]:
    """State of the block in a checkpoint, for `PoseBlock.load_state_dict`.

    `prefix` is what the loop's module calls it.

    Raises
    ------
    OptionError
        If there is no checkpoint.
    """
    if not checkpoint.exists():
        raise OptionError(
            "has not been trained",
            path=checkpoint,
            expected="a checkpoint",
            found="none",
            cause="an earlier stage was left out; run it first",
        )
    state = torch.load(checkpoint, map_location="cpu", weights_only=True)["state_dict"]
    return {name.removeprefix(prefix): value for name, value in state.items()}
