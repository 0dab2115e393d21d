"""What is exactly known of a simulated heart besides its pose.

Everything is given in the cardiac frame of the exam's pose, mm, and follows from the parameters
alone: surfaces by `shortaxis.phantom.wall_radii`, volumes by integration, fields of contraction as
they were drawn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from shortaxis.geometry.arrays import FloatArray
from shortaxis.phantom.contraction import (
    AVERAGING_SLOTS,
    cavity_volume_ml,
    instant_at,
    wall_volume_ml,
)
from shortaxis.phantom.heart import Heart
from shortaxis.phantom.heart_drawing import wall_uptake
from shortaxis.phantom.local_motion import amplitude_field, delay_field
from shortaxis.phantom.regional_contraction import RegionalContraction
from shortaxis.phantom.ventricle_surface import HeartInstant, VentricleSurface, rest_instant
from shortaxis.phantom.wall_radii import WallRadii, ray_points_mm, wall_radii

__all__ = ["ExamTruth", "truth_of"]

Rays = npt.NDArray[np.float32]

FINE_PHASES = 32
"""At which end diastole and end systole are looked for."""
DEPTHS = (0.1, 0.3, 0.5, 0.7, 0.9)
"""Of the wall, at which its uptake is averaged."""


@dataclass(frozen=True, eq=False)
class ExamTruth:
    """Wall, valve, volumes, uptake and contraction of one exam.

    A gated exam has a row for each time slot, an ungated one a single row: the mean of the radii
    and volumes over the cycle.

    Parameters
    ----------
    endocardium_mm, epicardium_mm : (slot, row, angle) float32 arrays
        Radii on the hybrid grid, see `shortaxis.phantom.wall_radii`.
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


def truth_of(heart: Heart, time_slots: int = 0) -> ExamTruth:
    """Work out what is known of a heart.

    Parameters
    ----------
    heart : Heart
        Its parameters.
    time_slots : int
        Of the cycle; 0 for an ungated exam, which shows the mean.
    """
    count = time_slots or AVERAGING_SLOTS
    instants = [instant_at(heart, slot / count) for slot in range(count)]
    radii = [wall_radii(heart, instant) for instant in instants]
    valves = [_valve(heart, instant) for instant in instants]
    rows: dict[str, np.ndarray] = {
        "endocardium_mm": np.stack([each.endocardium_mm for each in radii]),
        "epicardium_mm": np.stack([each.epicardium_mm for each in radii]),
        "is_wall": np.stack([each.is_wall for each in radii]).astype(np.float32),
        "valve_center_mm": np.stack([center for center, _ in valves]),
        "valve_normal": np.stack([normal for _, normal in valves]),
        "cavity_ml": np.array([cavity_volume_ml(heart, each) for each in instants]),
        "wall_ml": np.array([wall_volume_ml(heart, each) for each in instants]),
    }
    if not time_slots:
        rows = {name: each.mean(axis=0, keepdims=True) for name, each in rows.items()}
    fine = [cavity_volume_ml(heart, instant_at(heart, k / FINE_PHASES)) for k in range(FINE_PHASES)]
    is_wall = rows.pop("is_wall") >= 0.5
    return ExamTruth(
        **{name: each.astype(np.float32) for name, each in rows.items()},
        **_fields(heart, wall_radii(heart, rest_instant(heart))),
        is_wall=is_wall,
        end_diastolic_ml=max(fine),
        end_systolic_ml=min(fine),
        end_systole=heart.motion.end_systole,
    )


def _valve(heart: Heart, instant: HeartInstant) -> tuple[FloatArray, FloatArray]:
    """Centre and normal of the valve plane, towards the base, in the cardiac frame."""
    # Its equation is z = apex + length + tilt . (x, y).
    tilt_x, tilt_y = VentricleSurface(heart, instant).tilt
    normal = np.array([-tilt_x, -tilt_y, 1.0])
    center = np.array([0.0, 0.0, instant.apex_z_mm + instant.length_mm])
    return center, normal / np.linalg.norm(normal)


def _fields(heart: Heart, radii: WallRadii) -> dict[str, Rays]:
    """Uptake, delay and amplitude where the rays pass the wall at rest."""
    surface = VentricleSurface(heart, rest_instant(heart))
    regional = heart.contraction or RegionalContraction()
    layers = []
    for depth in DEPTHS:
        radius = radii.endocardium_mm + depth * (radii.epicardium_mm - radii.endocardium_mm)
        at = surface.coordinates(*_points(radius))
        layers.append(wall_uptake(surface, at, torch.full_like(at.height, depth)))
    middle = surface.coordinates(*_points((radii.endocardium_mm + radii.epicardium_mm) / 2))
    found = {
        "uptake": torch.stack(layers).mean(dim=0),
        "contraction_delay": delay_field(regional, middle),
        "contraction_amplitude": amplitude_field(regional, middle),
    }
    return {name: each.numpy().astype(np.float32) for name, each in found.items()}


def _points(radius_mm: FloatArray) -> Sequence[torch.Tensor]:
    return [torch.from_numpy(each) for each in np.moveaxis(ray_points_mm(radius_mm), -1, 0).copy()]
