"""What a block learns from."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from shortaxis.network.block import BlockOutput
from shortaxis.network.heads import landmarks_of
from shortaxis.training.samples import Sample

__all__ = ["PoseErrorsOfBatch", "block_loss", "errors_of_batch"]

LANDMARK_UNIT_MM = 10.0
MIN_SPREAD = 0.05
"""Degrees or mm; keeps the logarithm finite for an error of zero."""


@dataclass(frozen=True, eq=False)
class PoseErrorsOfBatch:
    """Errors ``(batch,)``: long axis and roll in degrees, centre in mm."""

    long_axis_deg: Tensor
    roll_deg: Tensor
    center_mm: Tensor

    def stacked(self) -> Tensor:
        """Shape (batch, 3), in this order."""
        return torch.stack([self.long_axis_deg, self.roll_deg, self.center_mm], dim=1)


def errors_of_batch(output: BlockOutput, sample: Sample) -> PoseErrorsOfBatch:
    """Errors of a batch; the roll is what remains about the true long axis."""
    estimate, truth = output.rotation.float(), sample["rotation"]
    # truth.T @ estimate, but not as a matrix product, which autocast would round to bfloat16.
    relative = (truth[:, :, :, None] * estimate[:, :, None, :]).sum(dim=1)
    long_axis = torch.atan2(relative[:, :2, 2].norm(dim=1), relative[:, 2, 2])
    # The twist about z is 2 atan2(q_z, q_w) of the quaternion, whatever the tilt: the terms below
    # are 4 q_w q_z and 2 (q_w^2 - q_z^2).
    roll = torch.atan2(relative[:, 1, 0] - relative[:, 0, 1], relative[:, 0, 0] + relative[:, 1, 1])
    apart = (output.center_mm - sample["center_mm"]).norm(dim=1)
    return PoseErrorsOfBatch(torch.rad2deg(long_axis), torch.rad2deg(roll).abs(), apart)


def block_loss(output: BlockOutput, sample: Sample) -> dict[str, Tensor]:
    """Terms of the loss, and their sum under ``loss``.

    Rotations by the mean square, translations by a mean of absolute values with a rounded tip, as
    the paper found best; landmarks by the square up to 20 mm. Only samples with a heart count,
    but for the presence. The spreads learn from errors that they cannot change.
    """
    weight = sample["has_heart"]
    heart = weight.sum().clamp_min(1.0)

    def mean(values: Tensor) -> Tensor:
        return (values * weight).sum() / heart

    truth = landmarks_of(sample["rotation"], sample["center_mm"])
    apart = (output.landmarks_mm - truth) / LANDMARK_UNIT_MM
    terms = {
        "landmarks": mean(
            functional.huber_loss(apart, torch.zeros_like(apart), reduction="none", delta=2.0).mean(
                dim=(1, 2)
            )
        ),
        "rotation": mean(_rotation_loss(output.rotation, sample)),
        "center": mean(
            functional.smooth_l1_loss(
                output.center_mm, sample["center_mm"], reduction="none", beta=1.0
            ).mean(dim=1)
        )
        / 10,
        "size": mean((output.log_size - sample["log_size"]).abs().mean(dim=1)),
        "presence": functional.binary_cross_entropy_with_logits(output.presence, weight),
        "spread": mean(_spread_loss(output.log_spread, errors_of_batch(output, sample).stacked())),
    }
    terms["loss"] = (
        terms["landmarks"]
        + terms["rotation"]
        + terms["center"]
        + 0.3 * terms["size"]
        + 0.3 * terms["presence"]
        + 0.03 * terms["spread"]
    )
    return terms


def _rotation_loss(rotation: Tensor, sample: Sample) -> Tensor:
    """Squares of the axes' differences (batch,); those across the long axis count by the roll."""
    squares = (rotation - sample["rotation"]).square().sum(dim=1)
    return squares[:, 2] + sample["roll_weight"] * squares[:, :2].sum(dim=1)


def _spread_loss(log_spread: Tensor, errors: Tensor) -> Tensor:
    """Negative log likelihood of an exponential law: its mean is the expected error."""
    known = errors.detach().clamp_min(MIN_SPREAD)
    return (log_spread + known * torch.exp(-log_spread)).sum(dim=1)
