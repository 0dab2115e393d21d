"""What the time slots of a gated study hold of the phases of the mean beat."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import torch
from torch import Tensor

from shortaxis.simulation.gating import Gating, slot_shares

__all__ = ["gated"]

Phase = TypeVar("Phase", Tensor, Tensor | None)


def gated(gating: Gating | None, phases: Sequence[Phase]) -> list[Phase]:
    """What the time slots hold of what every phase of the mean beat looks like.

    Parameters
    ----------
    gating : Gating or None
        None leaves everything as it is.
    phases : sequence of tensors, or of None where there is nothing to mix
        Expected counts or images.
    """
    there = [each for each in phases if each is not None]
    if gating is None or len(there) < len(phases):
        return list(phases)
    shares = slot_shares(gating, len(phases))
    stacked = torch.stack(there)
    mixed = torch.einsum("sp,p...->s...", torch.from_numpy(shares).to(stacked), stacked)
    return list(mixed)
