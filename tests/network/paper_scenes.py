"""Poses as the moves of the paper's spatial transformer."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from shortaxis.geometry.euler import PATIENT_FROM_CARDIAC_AT_ZERO
from shortaxis.geometry.pose import RigidPose
from shortaxis.network.six_parameters import Move

__all__ = ["float_tensor", "move_to", "turned_only"]


def float_tensor(*rows: object) -> Tensor:
    return torch.from_numpy(np.array(rows, dtype=np.float32))


def turned_only(pose: RigidPose) -> RigidPose:
    """What takes a view's coordinates to the grid's: the pose without the heart's own axes."""
    return RigidPose(pose.patient_from_cardiac @ PATIENT_FROM_CARDIAC_AT_ZERO.T, pose.center_mm)


def move_to(pose: RigidPose, batch: int = 1) -> Move:
    """Every exam of the batch seen from the pose."""
    turned = turned_only(pose)
    turn = float_tensor(turned.patient_from_cardiac).expand(batch, 3, 3)
    return Move(turn, float_tensor(turned.center_mm).expand(batch, 3))
