"""The patient of a scenario, drawn at every time slot."""

from __future__ import annotations

from collections.abc import Iterator

from shortaxis.geometry.grids import Grid
from shortaxis.phantom.drawing import PhantomMaps, draw_phantom, draw_time_slots
from shortaxis.simulation.scenario import ExamScenario

__all__ = ["drawn_slots"]


def drawn_slots(scenario: ExamScenario, grid: Grid) -> Iterator[PhantomMaps]:
    """Maps of every time slot in turn; of an ungated exam one, the mean over the cycle."""
    phantom, energy_kev = scenario.phantom, scenario.acquisition.energy_kev
    if scenario.time_slots:
        return draw_time_slots(phantom, grid, scenario.time_slots, energy_kev=energy_kev)
    return iter([draw_phantom(phantom, grid, energy_kev=energy_kev)])
