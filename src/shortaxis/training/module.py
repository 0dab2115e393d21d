"""The loop's view of a block: a training step, selection exams, and the schedule."""

from __future__ import annotations

import math
from dataclasses import replace

import pytorch_lightning as lightning
import torch
from pytorch_lightning.utilities.types import OptimizerLRScheduler
from torch import Tensor, nn

from shortaxis.network.block import PoseBlock
from shortaxis.network.sizes import BLOCK_SIZES
from shortaxis.reorientation.network_grid import NetworkGrid
from shortaxis.training.config import Stage
from shortaxis.training.losses import block_loss, errors_of_batch
from shortaxis.training.samples import Sample

__all__ = ["BlockModule", "StageModule", "block_of", "grid_of"]

WARM_UP = 0.05


def block_of(stage: Stage) -> PoseBlock:
    """The block that a stage names, with fresh weights."""
    return PoseBlock(replace(BLOCK_SIZES[stage.block], head=stage.head))


def grid_of(stage: Stage) -> NetworkGrid:
    """The grid that a stage's block sees."""
    size = BLOCK_SIZES[stage.block]
    return NetworkGrid(size.voxels, size.spacing_mm, size.level_radius_mm)


class StageModule(lightning.LightningModule):
    """Trains the network of a stage, which the loop calls its block.

    Its checkpoint holds weights and the state of the optimiser; which network they belong to says
    the stage, which `shortaxis.training.stage_facts` keeps beside it.
    """

    def __init__(self, stage: Stage, block: nn.Module) -> None:
        super().__init__()
        self.stage = stage
        self.block = block

    def configure_optimizers(self) -> OptimizerLRScheduler:
        """AdamW; weight decay on kernels alone."""
        kernels = [p for p in self.block.parameters() if p.ndim > 1]
        others = [p for p in self.block.parameters() if p.ndim <= 1]
        optimizer = torch.optim.AdamW(
            [
                {"params": kernels, "weight_decay": self.stage.weight_decay},
                {"params": others, "weight_decay": 0.0},
            ],
            lr=self.stage.learning_rate,
        )
        steps = self.stage.epochs * (self.stage.epoch_samples // self.stage.batch)
        schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: rate(step / steps))
        return {
            "optimizer": optimizer,
            "lr_scheduler": {"scheduler": schedule, "interval": "step"},
        }


class BlockModule(StageModule):
    """Trains one block of the cascade."""

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage, block_of(stage))
        # A third faster on processors, with channels beside each other in memory.
        self.block.to(memory_format=torch.channels_last_3d)  # type: ignore[call-overload]  # of any rank
        self.watched: list[Tensor] = []

    def training_step(self, batch: Sample, batch_idx: int) -> Tensor:
        """One step; logs every term of the loss."""
        counts = batch["counts"].contiguous(memory_format=torch.channels_last_3d)
        terms = block_loss(self.block(counts), batch)
        self.log_dict({f"train/{name}": value.detach() for name, value in terms.items()})
        return terms["loss"]

    def validation_step(self, batch: Sample, batch_idx: int) -> None:
        """Errors of selection exams."""
        self.watched.append(errors_of_batch(self.block(batch["counts"]), batch).stacked())

    def on_validation_epoch_end(self) -> None:
        """Log medians and 95th percentiles."""
        errors = torch.cat(self.watched).float()
        self.watched.clear()
        for name, column in zip(("long_axis_deg", "roll_deg", "center_mm"), errors.T, strict=True):
            self.log(f"selection/{name}_median", column.median(), prog_bar=name != "roll_deg")
            self.log(f"selection/{name}_95th", column.quantile(0.95))


def rate(done: float) -> float:
    """Part of the highest learning rate after a part of the run."""
    if done < WARM_UP:
        return done / WARM_UP
    return 0.5 * (1 + math.cos(math.pi * min((done - WARM_UP) / (1 - WARM_UP), 1.0)))
