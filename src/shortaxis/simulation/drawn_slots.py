"""The patient of a scenario, drawn at every time slot."""

from __future__ import annotations

from collections.abc import Iterator

from torch import Tensor

from shortaxis.geometry.grids import Grid
from shortaxis.phantom.drawing import PhantomMaps, StillTorso
from shortaxis.simulation.scenario import ExamScenario

__all__ = ["DrawnSlots"]


class DrawnSlots:
    """Maps of every time slot in turn; of an ungated exam one, the mean over the cycle."""

    def __init__(self, scenario: ExamScenario, grid: Grid) -> None:
        energy_kev, slots = scenario.acquisition.energy_kev, scenario.time_slots
        self._torso = StillTorso.of(scenario.phantom, grid, energy_kev, supersampling=2)
        self._maps = (
            self._torso.with_heart(slot if slots else None, slots or 1)
            for slot in range(slots or 1)
        )

    def __iter__(self) -> Iterator[PhantomMaps]:
        return self._maps

    def myocardium(self) -> Tensor:
        """Occupancy of the wall, averaged over the cycle; cheapest when all slots are drawn."""
        return self._torso.myocardium_and_cavity()[0]
