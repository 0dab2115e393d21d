"""What is exactly known of a simulated heart besides its pose, as it is stored.

Everything is given in the cardiac frame of the exam's pose, mm. `shortaxis.simulation.truth` works
it out; here nothing needs torch, so that evaluations can read it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["ExamTruth", "Rays"]

Rays = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class ExamTruth:
    """Wall, valve, volumes, uptake and contraction of one exam.

    A gated exam has a row for each time slot, an ungated one a single row: the mean of the radii
    and volumes over the cycle.

    Parameters
    ----------
    endocardium_mm, epicardium_mm : (slot, row, angle) float32 arrays
        Radii on the hybrid grid, see `shortaxis.anatomy.hybrid_grid`.
    is_wall : (slot, row, angle) bool array
        Where there is muscle: below the valve plane and the membranous septum.
    valve_center_mm, valve_normal : (slot, 3) float32 arrays
        Of the mitral valve plane; the normal points from apex to base.
    cavity_ml, wall_ml : (slot,) float32 arrays
        Below the valve plane; papillary muscles are part of the cavity.
    end_diastolic_ml, end_systolic_ml : float
        Largest and smallest volume of the cavity over the cycle.
    uptake : (row, angle) float32 array
        Mean over the depth of the wall, relative to healthy myocardium, as it was drawn.
    contraction_delay, contraction_amplitude : (row, angle) float32 arrays
        How much later a place contracts than the whole, as a part of the cycle; how much, relative
        to a normal wall.
    end_systole : float
        Part of the cycle at which a place without delay is at its smallest.
    """

    endocardium_mm: Rays
    epicardium_mm: Rays
    is_wall: npt.NDArray[np.bool_]
    valve_center_mm: Rays
    valve_normal: Rays
    cavity_ml: Rays
    wall_ml: Rays
    uptake: Rays
    contraction_delay: Rays
    contraction_amplitude: Rays
    end_diastolic_ml: float
    end_systolic_ml: float
    end_systole: float

    @property
    def ejection_fraction(self) -> float:
        """Part of the end-diastolic volume that is ejected, 0 to 1."""
        return 1 - self.end_systolic_ml / self.end_diastolic_ml

    @property
    def thickness_mm(self) -> Rays:
        """Between the surfaces along the rays, (slot, row, angle)."""
        return self.epicardium_mm - self.endocardium_mm

    def to_arrays(self) -> dict[str, Any]:
        """Plain arrays and numbers by name, for a file of arrays."""
        return {each.name: getattr(self, each.name) for each in fields(self)}

    @classmethod
    def from_arrays(cls, stored: Mapping[str, Any]) -> ExamTruth:
        """Read what `to_arrays` gave."""
        values = {each.name: stored[each.name] for each in fields(cls)}
        numbers = ("end_diastolic_ml", "end_systolic_ml", "end_systole")
        return cls(**{**values, **{name: float(values[name]) for name in numbers}})
