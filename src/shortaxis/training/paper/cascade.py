"""Our own cascade on the paper's terms: the same exams, and as many samples.

Localiser and refiner have half of the samples each. They are varied as in
`shortaxis.training.samples`, from the exams themselves; the paper's augmentation is not used, and
exams whose patient moved much are left out, as ever.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from shortaxis.inference.onnx_session import OnnxBlock
from shortaxis.network.export import onnx_bytes
from shortaxis.reorientation.network_cascade import Block, Cascade
from shortaxis.reorientation.weights import BLOCKS
from shortaxis.simulation.exam_files import StoredExam
from shortaxis.training.config import Stage
from shortaxis.training.exams import TrainingExam, is_learnt_from, training_exam
from shortaxis.training.loop import NumberedData, fit_stage, read_block
from shortaxis.training.module import block_of, grid_of

__all__ = ["CASCADE_EPOCHS", "cascade_stages", "train_cascade"]

CASCADE_EPOCHS = 8
"""Of each block, at the end of which there is a checkpoint."""


def cascade_stages(samples: int, precision: str, seed: int) -> tuple[Stage, ...]:
    """A stage for each block, with half of the samples, rounded down to whole batches."""
    batch = Stage.batch
    whole = max(samples // len(BLOCKS) // CASCADE_EPOCHS // batch, 1) * batch
    return tuple(
        Stage(
            block,
            block,
            samples=whole * CASCADE_EPOCHS,
            epoch_samples=whole,
            precision=precision,
            seed=seed,
        )
        for block in BLOCKS
    )


def train_cascade(
    stages: Sequence[Stage],
    learnt_from: Sequence[StoredExam],
    watched: Sequence[StoredExam],
    folder: Path,
    *,
    workers: int = 0,
) -> Cascade:
    """Train both blocks; a folder with checkpoints goes on from them.

    Parameters
    ----------
    stages : sequence of Stage
        Of `cascade_stages`.
    learnt_from, watched : sequence of StoredExam
        Exams that it learns from, and that errors are logged of.
    folder : Path
        Gets a folder a block.
    workers : int
        Processes that draw samples.

    Returns
    -------
    Cascade
        By ONNX Runtime, as it is installed.
    """
    blocks = []
    for stage in stages:
        seen = _exams(watched, stage)
        data = NumberedData(stage, _exams(learnt_from, stage), seen, workers, len(seen))
        own = folder / stage.name
        own.mkdir(parents=True, exist_ok=True)
        block = block_of(stage)
        block.load_state_dict(read_block(fit_stage(data, own)))
        grid = grid_of(stage)
        blocks.append(Block(grid, OnnxBlock(onnx_bytes(block.eval()), grid.size)))
    localiser, refiner = blocks
    return Cascade(localiser, refiner)


def _exams(exams: Sequence[StoredExam], stage: Stage) -> list[TrainingExam]:
    return [training_exam(each, grid_of(stage)) for each in exams if is_learnt_from(each.strata)]
