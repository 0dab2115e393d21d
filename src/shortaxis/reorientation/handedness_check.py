"""The handedness network at work: what it is shown of a volume, and the rule that judges it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from shortaxis.geometry.arrays import CountsArray, FloatArray
from shortaxis.geometry.pose import RigidPose
from shortaxis.reorientation.handedness import Handedness, HandednessRule, judged
from shortaxis.reorientation.network_grid import NetworkGrid, SmoothedVolume
from shortaxis.reorientation.seen_shell import seen_shell_part
from shortaxis.spect.stored_directions import statement_of

__all__ = ["HandednessCheck", "handedness_crops"]


@dataclass(frozen=True, eq=False)
class HandednessCheck:
    """The network, what it is shown, and the rule that its energies are judged by."""

    grids: tuple[NetworkGrid, ...]
    energies: Callable[[CountsArray], CountsArray]
    rule: HandednessRule

    def look(self, volume: SmoothedVolume, center_mm: FloatArray) -> Handedness:
        """Judge the way round of a volume whose heart was found at `center_mm`, LPS mm."""
        seen = seen_shell_part(volume.original, center_mm)
        if seen < self.rule.seen_part:
            return Handedness(seen)
        found = judged(self.energies_of(volume, center_mm), self.rule, seen)
        if not found.is_doubted:
            return found
        return replace(
            found, stated=statement_of(volume.original.patient_from_index, found.likeliest)
        )

    def energies_of(self, volume: SmoothedVolume, center_mm: FloatArray) -> CountsArray:
        """Energies ``(order, flip)`` as the network gives them."""
        crops = handedness_crops(self.grids, volume, center_mm)
        energies: CountsArray = self.energies(crops[np.newaxis])[0]
        return energies


def handedness_crops(
    grids: Sequence[NetworkGrid], volume: SmoothedVolume, center_mm: FloatArray
) -> CountsArray:
    """Normalised counts ``(grid, size, size, size)`` around a heart, in the patient's axes."""
    frame = RigidPose(np.eye(3), center_mm).matrix
    return np.stack(
        [grid.normalised(grid.sampled(volume.at(grid.spacing_mm), frame)) for grid in grids]
    )
