"""What the wall network learns from."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from shortaxis.anatomy.hybrid_grid import BODY_HEIGHTS_MM, POLAR_ROWS, ray_directions
from shortaxis.network.wall import WallOutput
from shortaxis.training.wall.samples import WallSample

__all__ = ["wall_errors", "wall_loss"]

BEYOND_MM, BEYOND_WEIGHT = 8.0, 0.2
"""How far beyond the valve plane the surfaces still count, and how much."""

MIN_ERROR = 0.02
"""Keeps the logarithm of an error finite."""

LEVER_MM = 25.0
"""Distance at which a slope of the valve plane is an error in mm."""


def wall_loss(output: WallOutput, sample: WallSample) -> dict[str, Tensor]:
    """Terms of the loss, and their sum under ``loss``."""
    inner, outer = sample["endocardium"], sample["epicardium"]
    half = output.thickness_mm / 2
    weight = _weights(sample)
    total = weight.sum(dim=(1, 2))

    def mean(values: Tensor) -> Tensor:
        return ((values * weight).sum(dim=(1, 2)) / total).mean()

    off = torch.stack([output.middle_mm - half - inner, output.middle_mm + half - outer], dim=1)
    scale = output.log_scale
    laplace = (off.abs() * torch.exp(-scale) + scale).sum(dim=1)
    middle_off = output.middle_mm - (inner + outer) / 2
    thick_off = output.thickness_mm - (outer - inner)
    whole_off = (thick_off * weight).sum(dim=(1, 2)) / total
    size_off = _log_size(output.middle_mm - half, weight) - _log_size(inner, weight)
    valve_off = output.valve - sample["valve"]
    lever = valve_off.new_tensor((1.0, LEVER_MM, LEVER_MM, 0.5, 0.5))
    terms = {
        "laplace": mean(laplace),
        "middle": mean(middle_off.abs()),
        "thickness": mean(thick_off.abs()),
        "whole": whole_off.abs().mean(),
        "size": size_off.abs().mean(),
        "valve": functional.smooth_l1_loss(
            valve_off * lever, torch.zeros_like(valve_off), beta=0.5
        ),
        "is_wall": _crossed(output.is_wall, sample["is_wall"]),
        "is_seen": _crossed(output.is_seen, sample["is_seen"]),
        "spread": _spread_loss(output.log_spread, wall_errors(output, sample)),
    }
    terms["loss"] = sum(
        (WEIGHTS[name] * value for name, value in terms.items()), start=torch.zeros(())
    )
    return terms


WEIGHTS = {
    "laplace": 0.5, "middle": 1.0, "thickness": 0.5, "whole": 0.5, "size": 3.0, "valve": 2.0,
    "is_wall": 1.0, "is_seen": 0.3, "spread": 0.05,
}  # fmt: skip


def wall_errors(output: WallOutput, sample: WallSample) -> Tensor:
    """Errors (batch, 5) that the network is to expect, in the order of `EXPECTED_ERRORS`."""
    inner, outer = sample["endocardium"], sample["epicardium"]
    found = output.middle_mm - output.thickness_mm / 2
    weight = _weights(sample)
    total = weight.sum(dim=(1, 2))
    middle = (output.middle_mm - (inner + outer) / 2).abs()
    middle_off = (middle * weight).sum(dim=(1, 2)) / total
    off = output.valve - sample["valve"]
    aside = (off[:, 0] ** 2 + off[:, 3] ** 2 + off[:, 4] ** 2).sqrt()
    tilt = torch.rad2deg(off[:, 1:3].norm(dim=1))
    cavity = (_log_size(found, weight) - _log_size(inner, weight)).abs()
    length = (_length(output.middle_mm + output.thickness_mm / 2, output.valve)) - _length(
        outer, sample["valve"]
    )
    return torch.stack([middle_off, aside, tilt, cavity, length.abs()], dim=1)


def _length(epicardium: Tensor, valve: Tensor) -> Tensor:
    """About from the apex to the valve plane, without the hinge's height."""
    return epicardium[:, 0].mean(dim=1) + valve[:, 0]


def _weights(sample: WallSample) -> Tensor:
    """How much every ray counts (batch, row, angle): muscle wholly, what is beyond a little."""
    points = torch.tensor(BODY_HEIGHTS_MM, dtype=torch.float32)[:, None]
    turns = torch.tensor(ray_directions()[POLAR_ROWS, :, :2], dtype=torch.float32)
    middle = (sample["endocardium"] + sample["epicardium"])[:, POLAR_ROWS:] / 2
    valve = sample["valve"]
    slope = valve[:, 1:2] * turns[:, 0] + valve[:, 2:3] * turns[:, 1]
    plane = valve[:, 0, None, None] + slope[:, None] * middle
    weight = torch.full_like(sample["is_wall"], BEYOND_WEIGHT)
    weight[:, POLAR_ROWS:] *= (points <= plane + BEYOND_MM).float()
    return torch.maximum(weight, sample["is_wall"])


def _log_size(inner: Tensor, weight: Tensor) -> Tensor:
    """Logarithm of about the cavity's volume: by the squares of its radii."""
    square = inner.clamp_min(0.5) ** 2
    return torch.log((square * weight).sum(dim=(1, 2)) / weight.sum(dim=(1, 2)))


def _crossed(logits: Tensor, truth: Tensor) -> Tensor:
    return functional.binary_cross_entropy_with_logits(logits, truth)


def _spread_loss(log_spread: Tensor, errors: Tensor) -> Tensor:
    """Negative log likelihood of an exponential law: its mean is the expected error."""
    known = errors.detach().clamp_min(MIN_ERROR)
    return (log_spread + known * torch.exp(-log_spread)).sum(dim=1).mean()
