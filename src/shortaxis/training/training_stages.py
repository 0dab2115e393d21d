"""The stages of a run: what each is trained on, and whether it has been."""

from __future__ import annotations

from pathlib import Path

from torch import Tensor
from torch.utils.data import DataLoader, Subset

from shortaxis.network.handedness import HANDEDNESS
from shortaxis.training.config import Stage, TrainingConfig
from shortaxis.training.exams import exams_made, load_exams
from shortaxis.training.handedness.module import HandednessModule
from shortaxis.training.handedness.samples import HandednessSamples, handedness_exam
from shortaxis.training.loop import (
    LAST_CHECKPOINT,
    NumberedData,
    StageData,
    epochs_behind,
    fit_stage,
    read_block,
    trained_alone,
)
from shortaxis.training.module import block_of, grid_of
from shortaxis.training.read_back import find_exported, load_exported, spread_normalisations
from shortaxis.training.stage_facts import (
    facts_of,
    read_stage_facts,
    require_same,
    write_stage_facts,
)
from shortaxis.training.trained_ranges import write_trained_ranges

__all__ = ["WATCHED_SAMPLES", "is_trained", "train_stage"]

NORMALISING_SAMPLES = 1024
"""Of a stage that starts from an exported block, to know what its normalisations see."""

WATCHED_SAMPLES = 512
"""Selection samples that errors are logged of after every epoch."""


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
        start = _start_of(config, stage, folder)
    own.mkdir(parents=True, exist_ok=True)
    with trained_alone(own):
        if not (own / LAST_CHECKPOINT).exists():
            write_stage_facts(own, facts)
        if stage.block == HANDEDNESS:
            data = _handedness_data(config, stage, own, workers)
            return fit_stage(data, own, start=start, epochs=epochs, module_of=HandednessModule)
        data = _pose_data(config, stage, own, workers)
        if stage.start_sha256 and not (own / LAST_CHECKPOINT).exists():
            start = _exported_start(config, stage, data)
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


def _start_of(config: TrainingConfig, stage: Stage, folder: Path) -> dict[str, Tensor] | None:
    """State of the stage that another one starts from, if it does."""
    if stage.start_sha256:
        find_exported(stage.start_sha256, config.cohorts)
    if not stage.start:
        return None
    (start,) = config.chosen([stage.start])
    own = folder / start.name
    state = read_block(own / LAST_CHECKPOINT)
    require_same(own, facts_of(config, start).fields, read_stage_facts(own).fields)
    return state


def _exported_start(config: TrainingConfig, stage: Stage, data: StageData) -> dict[str, Tensor]:
    """State of the block that an ONNX file holds, normalised by the first samples of the stage."""
    block = block_of(stage)
    load_exported(block, find_exported(stage.start_sha256, config.cohorts))
    first = Subset(
        data.samples, range(min(NORMALISING_SAMPLES, stage.epochs * stage.epoch_samples))
    )
    spread_normalisations(
        block, (batch["counts"] for batch in DataLoader(first, batch_size=stage.batch))
    )
    return block.state_dict()
