"""The paper's six parameters as tensors, and how the moves of several blocks add up to them.

The parameters are those of `shortaxis.geometry.euler`, in the order ``x_m, y_m, z_m, alpha, beta,
theta``: mm from the centre of the input grid, and degrees. Their rotation is ``R = E R0`` with the
turn ``E = Rz(theta) Rx(alpha) Ry(beta)``, which is what the blocks estimate: without a turn the
long axis points straight anterior, and a view that was turned by ``E`` shows it like that.
So every block sees, and says, the same: where the heart is and how it is turned from there.

The paper gives neither units nor ranges. Here a network's output of 1 is 10 mm or 10 degrees:
about the spread of hearts about their mean, so that both kinds of parameters weigh alike.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

__all__ = [
    "ANGLE_UNIT_DEG",
    "TRANSLATION_UNIT_MM",
    "Move",
    "compose_moves",
    "move_from_parameters",
    "no_move",
    "parameters_from_move",
    "patient_from_cardiac",
    "unit_of_parameters",
]

TRANSLATION_UNIT_MM = 10.0
ANGLE_UNIT_DEG = 10.0


class Move(NamedTuple):
    """Takes a view's ``(x, y, z)`` mm to the input grid's: ``turn @ view + shift``.

    ``turn`` (batch, 3, 3) is a proper rotation, ``shift_mm`` (batch, 3); both frames have their
    origin in the centre of the grid and axes along patient left, posterior and superior, as far
    as the view is not turned.
    """

    turn: Tensor
    shift_mm: Tensor


def unit_of_parameters(like: Tensor) -> Tensor:
    """Units ``(6,)`` of the parameters, mm and degrees, on the device of a tensor."""
    return like.new_tensor([TRANSLATION_UNIT_MM] * 3 + [ANGLE_UNIT_DEG] * 3)


def no_move(batch: int, like: Tensor) -> Move:
    """The move of a view that is the input itself."""
    return Move(torch.eye(3).to(like).expand(batch, 3, 3), like.new_zeros(batch, 3))


def move_from_parameters(parameters: Tensor) -> Move:
    """Move to the heart with these parameters ``(batch, 6)``."""
    alpha, beta, theta = torch.deg2rad(parameters[:, 3:]).unbind(1)
    sin_a, sin_b, sin_t = alpha.sin(), beta.sin(), theta.sin()
    cos_a, cos_b, cos_t = alpha.cos(), beta.cos(), theta.cos()
    entries = [
        cos_t * cos_b - sin_t * sin_a * sin_b,
        -sin_t * cos_a,
        cos_t * sin_b + sin_t * sin_a * cos_b,
        sin_t * cos_b + cos_t * sin_a * sin_b,
        cos_t * cos_a,
        sin_t * sin_b - cos_t * sin_a * cos_b,
        -cos_a * sin_b,
        sin_a,
        cos_a * cos_b,
    ]
    return Move(torch.stack(entries, dim=1).reshape(-1, 3, 3), parameters[:, :3])


def parameters_from_move(move: Move) -> Tensor:
    """Parameters ``(batch, 6)``: the inverse, derived in `shortaxis.geometry.euler`."""
    turn = move.turn
    alpha = torch.atan2(turn[:, 2, 1], torch.hypot(turn[:, 0, 1], turn[:, 1, 1]))
    beta = torch.atan2(-turn[:, 2, 0], turn[:, 2, 2])
    theta = torch.atan2(-turn[:, 0, 1], turn[:, 1, 1])
    angles = torch.rad2deg(torch.stack([alpha, beta, theta], dim=1))
    return torch.cat([move.shift_mm, angles], dim=1)


def compose_moves(outer: Move, inner: Move) -> Move:
    """Apply `inner` first: ``outer.turn @ (inner.turn @ view + inner.shift) + outer.shift``."""
    # Not as matrix products, which autocast would round to bfloat16.
    turn = (outer.turn[:, :, :, None] * inner.turn[:, None, :, :]).sum(dim=2)
    shift = (outer.turn * inner.shift_mm[:, None, :]).sum(dim=2) + outer.shift_mm
    return Move(turn, shift)


def patient_from_cardiac(move: Move) -> Tensor:
    """Rotation ``R = E R0`` (batch, 3, 3) with the cardiac axes as columns."""
    left, posterior, superior = move.turn.unbind(2)
    return torch.stack([left, -superior, posterior], dim=2)
