"""Volumes as the drawn walls have them, and what tells how far they are off.

A network that draws single images makes thin walls thick and small cavities large, and sees next to
nothing of the thickening. What it misses shows elsewhere: in how far the wall as a whole moves and
brightens, in how wide and how sharp its image is, and in how the volumes lie to each other. All of
it together is described by a few numbers, from which `shortaxis.function.correction` corrects.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from shortaxis.anatomy.hybrid_grid import HINGE_Z_MM, POLAR_ROWS
from shortaxis.function.beating_wall import BeatingWall
from shortaxis.function.contraction_course import ContractionCourse, contraction_course
from shortaxis.function.harmonics import BeatFit
from shortaxis.function.pooled_profile import PooledProfile, pooled_profile, ray_areas_mm2
from shortaxis.function.ring_model import BeatingRing, beating_ring
from shortaxis.function.segment_means import wall_places
from shortaxis.geometry.arrays import FloatArray
from shortaxis.ventricle.integration import cavity_ml, wall_ml
from shortaxis.ventricle.valve_plane import ValvePlane
from shortaxis.ventricle.wall_network import MIN_RADIUS_MM

__all__ = ["DESCRIBED", "UncorrectedBeat", "uncorrected_beat"]

DESCRIBED = (
    "end_diastolic", "end_systolic", "mid_end_diastolic", "mid_end_systolic",
    "conserved_end_diastolic", "conserved_end_systolic", "bright_end_systolic", "brightening",
    "shift", "inner_shift", "outer_shift", "radius", "valve", "valve_move", "shift_part",
    "wall_to_middle", "width", "thickness", "noise", "hollow_end_diastolic", "hollow_end_systolic",
    "seen", *(f"sharpness_{number}" for number in range(11)), "expected_wall", "expected_cavity",
    "ring_end_diastolic", "ring_end_systolic", "ring_blur", "ring_wall", "ring_inside",
    "ring_outside", "ring_misfit",
)  # fmt: skip
"""Names of the numbers of `UncorrectedBeat.described`. Volumes are logarithms of ml."""

LEAST_ML = 1.0

GAIN_TO_THICKENING = 0.5
"""Brightening over thickening of a wall as thick as the image is sharp: the slope of the recovery
curve. Its change from camera to camera is left to the correction."""


@dataclass(frozen=True, eq=False)
class UncorrectedBeat:
    """What was found before any correction.

    Parameters
    ----------
    beating : BeatingWall
        The walls.
    profile : PooledProfile
        Of the wall as a whole.
    cavity_ml, middle_ml : (slot,) arrays
        Inside the endocardium and inside the middle of the wall, up to the valve plane.
    conserved_ml, bright_ml : (slot,) arrays
        Of the cavity, if the wall kept its volume: as its middle moves, and as it brightens.
    wall_ml : float
        Of the muscle, mean over the slots.
    """

    beating: BeatingWall
    profile: PooledProfile
    cavity_ml: FloatArray
    middle_ml: FloatArray
    conserved_ml: FloatArray
    bright_ml: FloatArray
    wall_ml: float

    @cached_property
    def fit(self) -> BeatFit:
        """Over all slots: the walls are given in each."""
        return BeatFit(np.ones(self.cavity_ml.size, dtype=bool), self.beating.fit.harmonics)

    @cached_property
    def course(self) -> ContractionCourse:
        """Of contraction, common to all that is measured."""
        return contraction_course(self.profile.near, self.fit.smoothed(self.middle_ml), self.fit)

    @property
    def middle_change(self) -> float:
        """Largest less smallest volume inside the middle of the wall, as a part of the mean."""
        fine = self.fit.fine(self.middle_ml)
        return float(np.ptp(fine)) / max(float(fine.mean()), LEAST_ML)

    @cached_property
    def ring(self) -> BeatingRing:
        """The body as a blurred ring."""
        places = wall_places(self.beating.summed.surfaces, self.beating.pose)
        return beating_ring(self.beating, places.heights)

    @cached_property
    def described(self) -> FloatArray:
        """The numbers that `DESCRIBED` names."""
        return np.array(
            [*self._volumes, *self._motion, *self._image, *self._ring], dtype=np.float64
        )

    @property
    def _volumes(self) -> list[float]:
        """Logarithms, at both ends of the beat."""
        both = (self.cavity_ml, self.middle_ml, self.conserved_ml)
        ends = [self._ends_of(each) for each in both]
        last = self._ends_of(self.bright_ml)[1]
        return [float(np.log(each)) for pair in ends for each in pair] + [float(np.log(last))]

    @property
    def _motion(self) -> list[float]:
        change = self.profile.change_along(self.course)
        middle = self.beating.middle_mm.mean(axis=0)
        weights = ray_areas_mm2(middle) * self.beating.is_seen
        radius = float((weights * middle).sum() / max(float(weights.sum()), 1e-9))
        high, low = self.course.ends(self.beating.valve[:, 0])
        shifts = (change.shift_mm, change.inner_mm, change.outer_mm)
        return [
            change.brightening, *shifts, float(np.log(max(radius, 1.0))), high, high - low,
            change.shift_mm / max(radius, 1.0),
        ]  # fmt: skip

    @property
    def _image(self) -> list[float]:
        """What the walls and their image look like, whatever the beat."""
        hollow = self._hollow
        fine = self.fit.fine(self.middle_ml)
        thickness = float(self.beating.thickness_mm[:, self.beating.is_seen].mean())
        spread = self.beating.summed.prediction.spread
        part = max(self.wall_ml, LEAST_ML) / max(float(self.middle_ml.mean()), LEAST_ML)
        return [
            float(np.log(part)),
            float(np.log(self.profile.width_mm)),
            float(np.log(max(thickness, 1.0))),
            float(np.log(self.profile.noise + 0.01)),
            float(np.log(hollow[int(fine.argmax())] + 0.1)),
            float(np.log(hollow[int(fine.argmin())] + 0.1)),
            self.beating.summed.surfaces.seen_part,
            *self.beating.sharpness.astype(np.float64).tolist(),
            float(np.log(spread["wall_mm"])),
            float(np.log(spread["cavity_part"])),
        ]

    @property
    def _ring(self) -> list[float]:
        ring = self.ring
        largest, smallest = self.course.ends(ring.cavity_mm2)
        return [
            float(np.log(max(largest, LEAST_ML))),
            float(np.log(max(smallest, 0.3) + 1)),
            float(np.log(ring.blur_mm)),
            float(np.log(ring.wall_mm)),
            ring.inside,
            ring.outside,
            ring.misfit,
        ]

    def _ends_of(self, volumes_ml: FloatArray) -> tuple[float, float]:
        largest, smallest = self.course.ends(volumes_ml)
        return max(largest, LEAST_ML), max(smallest, LEAST_ML)

    @property
    def _hollow(self) -> FloatArray:
        """Counts on the long axis in parts of the wall's, all over the cycle, at least 0."""
        rays = self.beating.rays
        axis = rays[:, 0, POLAR_ROWS : POLAR_ROWS + 6].mean(axis=(1, 2))
        top = np.maximum(rays.max(axis=1)[:, self.beating.is_seen].mean(axis=1), 1e-9)
        hollow: FloatArray = np.maximum(self.beating.fit.fine(axis / top), 0)
        return hollow


def uncorrected_beat(beating: BeatingWall) -> UncorrectedBeat:
    """Measure the walls of all slots."""
    profile = pooled_profile(beating)
    middle, thickness, valves = beating.middle_mm, beating.thickness_mm, beating.valves
    still = thickness.mean(axis=0)
    gain = 1 + profile.brightening / GAIN_TO_THICKENING
    return UncorrectedBeat(
        beating,
        profile,
        _cavities(middle, thickness, valves),
        _cavities(middle, np.zeros_like(thickness), valves),
        _cavities(middle, conserved_thickness_mm(middle, still, valves), valves),
        _cavities(*_brightened(middle, still, gain), valves),
        _wall(beating),
    )


def conserved_thickness_mm(
    middle_mm: FloatArray, mean_mm: FloatArray, valves: list[ValvePlane]
) -> FloatArray:
    """Thickness (slot, row, angle) of a wall that keeps its volume as its middle moves.

    A ring is thicker as it is smaller and as the ventricle is shorter; a cap as its area is
    smaller.
    """
    ratio: FloatArray = middle_mm.mean(axis=0) / np.maximum(middle_mm, MIN_RADIUS_MM)
    length = np.array([each.center_mm[2] - HINGE_Z_MM for each in valves])
    ratio[:, :POLAR_ROWS] **= 2
    ratio[:, POLAR_ROWS:] *= (length.mean() / np.maximum(length, 5.0))[:, None, None]
    conserved: FloatArray = mean_mm * ratio
    return conserved


def _brightened(
    middle_mm: FloatArray, still_mm: FloatArray, gain: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Middle and thickness of a wall that thickens everywhere by the same part."""
    times = np.clip(gain, 0.3, 3.0)[:, None, None]
    still = middle_mm.mean(axis=0)
    moved = np.concatenate(
        [still[:POLAR_ROWS] / np.sqrt(times), still[POLAR_ROWS:] / times**BODY_POWER], axis=1
    )
    return moved, still_mm * times


BODY_POWER = 0.7
"""Of a thickening wall, how its radius gives way: the length takes the rest."""


def _cavities(
    middle_mm: FloatArray, thickness_mm: FloatArray, valves: list[ValvePlane]
) -> FloatArray:
    inner = np.maximum(middle_mm - thickness_mm / 2, MIN_RADIUS_MM)
    return np.array([cavity_ml(each, valve) for each, valve in zip(inner, valves, strict=True)])


def _wall(beating: BeatingWall) -> float:
    inner = np.maximum(beating.middle_mm - beating.thickness_mm / 2, MIN_RADIUS_MM)
    outer = np.maximum(beating.middle_mm + beating.thickness_mm / 2, inner)
    is_wall = beating.is_wall.astype(np.float64)
    valves = beating.valves
    each = [wall_ml(a, b, is_wall, c) for a, b, c in zip(inner, outer, valves, strict=True)]
    return float(np.mean(each))
