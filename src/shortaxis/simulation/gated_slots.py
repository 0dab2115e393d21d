"""What the time slots of a gated study hold of the phases of the mean beat."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

import torch
from torch import Tensor

from shortaxis.simulation.gating import Gating, slot_shares

__all__ = ["gated"]

Phase = TypeVar("Phase", Tensor, Tensor | None)


def gated(gating: Gating | None, phases: Sequence[Phase]) -> Iterator[Phase]:
    """What each time slot in turn holds of what every phase of the mean beat looks like.

    Parameters
    ----------
    gating : Gating or None
        None leaves everything as it is.
    phases : sequence of tensors, or of None where there is nothing to mix
        Expected counts or images.
    """
    there = [each for each in phases if each is not None]
    if gating is None or len(there) < len(phases):
        yield from phases
        return
    for shares in slot_shares(gating, len(phases)).tolist():
        slot = torch.zeros_like(there[0])
        for share, phase in zip(shares, there, strict=True):
            if share:
                slot.add_(phase, alpha=share)
        yield slot
