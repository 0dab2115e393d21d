"""Run a training to its end, or on from where it was stopped."""

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
from shortaxis.network.handedness import HANDEDNESS
from shortaxis.training.config import Stage, TrainingConfig
from shortaxis.training.exams import TrainingExam, exams_made, load_exams
from shortaxis.training.handedness.module import HandednessModule
from shortaxis.training.handedness.samples import HandednessSamples, handedness_exam
from shortaxis.training.module import BlockModule, StageModule, grid_of
from shortaxis.training.samples import Samples
from shortaxis.training.stage_facts import (
    facts_of,
    read_stage_facts,
    require_same,
    write_stage_facts,
)
from shortaxis.training.trained_ranges import write_trained_ranges

__all__ = [
    "LAST_CHECKPOINT",
    "NumberedData",
    "StageData",
    "epochs_behind",
    "fit_stage",
    "is_trained",
    "read_block",
    "silence_advice",
    "train_stage",
    "trained_alone",
]

LAST_CHECKPOINT, LOCK_FILE = "last.ckpt", ".training.lock"

WATCHED_SAMPLES = 512
"""Selection samples that errors are logged of after every epoch."""


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


def train_stage(
    config: TrainingConfig,
    stage: Stage,
    folder: Path,
    *,
    workers: int = 0,
    epochs: int | None = None,
) -> Path:
    """Train one block; a folder with a checkpoint goes on from it, with the same samples.

    What the stage is trained on is kept beside the checkpoint, and going on with anything else is
    refused; so is the range of its voxels, for the record of the weights.

    Parameters
    ----------
    config : TrainingConfig
        The exams.
    stage : Stage
        What to train on them.
    folder : Path
        Of the run; the stage has a folder in it, with ``stage.json``, ``last.ckpt`` and, for every
        start, a log ``logs/000/metrics.csv``.
    workers : int
        Processes that draw samples; 0: the same one. The result does not depend on it.
    epochs : int, optional
        Stop after so many of the stage's epochs; a later call goes on.

    Returns
    -------
    Path
        The last checkpoint.

    Raises
    ------
    OptionError
        If exams are missing or not those of their range, if the stage or the one that it starts
        from was begun with other settings, or that one has not been trained.
    OutputError
        If another process trains the stage in the same folder.
    """
    config.require_exams(("train", "selection"))
    own = folder / stage.name
    facts = facts_of(config, stage)
    start = None
    if (own / LAST_CHECKPOINT).exists():
        require_same(own, facts.fields, read_stage_facts(own).fields)
    else:
        start = _start_of(config, stage, folder) if stage.start else None
    own.mkdir(parents=True, exist_ok=True)
    with trained_alone(own):
        if not (own / LAST_CHECKPOINT).exists():
            write_stage_facts(own, facts)
        if stage.block == HANDEDNESS:
            data = _handedness_data(config, stage, own, workers)
            return fit_stage(data, own, start=start, epochs=epochs, module_of=HandednessModule)
        data = _pose_data(config, stage, own, workers)
        return fit_stage(data, own, start=start, epochs=epochs)


def _pose_data(config: TrainingConfig, stage: Stage, folder: Path, workers: int) -> StageData:
    learnt_from, watched = (
        load_exams(ranges, grid_of(stage), max(workers, 1))
        for ranges in (config.train, config.selection)
    )
    write_trained_ranges(folder, (exam.volume for exam in learnt_from))
    return NumberedData(stage, learnt_from, watched, workers, WATCHED_SAMPLES)


def _handedness_data(config: TrainingConfig, stage: Stage, folder: Path, workers: int) -> StageData:
    learnt_from, watched = (
        exams_made(ranges, handedness_exam, max(workers, 1))
        for ranges in (config.train, config.selection)
    )
    write_trained_ranges(folder, (exam.by_grid[0].volume for exam in learnt_from))
    count, seed = stage.epochs * stage.epoch_samples, stage.seed
    return StageData(
        stage,
        HandednessSamples(learnt_from, count=count, seed=seed),
        HandednessSamples(watched, count=WATCHED_SAMPLES, seed=seed + 1, varied=False),
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


def is_trained(config: TrainingConfig, stage: Stage, folder: Path) -> bool:
    """Whether a folder holds the end of a stage, so that its training exams are not needed.

    Raises
    ------
    OptionError
        If the stage was begun with other settings.
    """
    own = folder / stage.name
    if not (own / LAST_CHECKPOINT).exists():
        return False
    require_same(own, facts_of(config, stage).fields, read_stage_facts(own).fields)
    return epochs_behind(own / LAST_CHECKPOINT) >= stage.epochs


def epochs_behind(checkpoint: Path) -> int:
    """Whole epochs that a checkpoint has behind it; 0 if there is none."""
    if not checkpoint.exists():
        return 0
    return int(torch.load(checkpoint, map_location="cpu", weights_only=True)["epoch"]) + 1


def _start_of(config: TrainingConfig, stage: Stage, folder: Path) -> dict[str, Tensor]:
    """State of the stage that another one starts from."""
    (start,) = config.chosen([stage.start])
    own = folder / start.name
    state = read_block(own / LAST_CHECKPOINT)
    require_same(own, facts_of(config, start).fields, read_stage_facts(own).fields)
    return state


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
