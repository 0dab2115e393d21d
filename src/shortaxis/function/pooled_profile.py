"""What the wall as a whole does over the beat: the mean profile across it, of all its rays.

Along single rays a slot is mostly noise. Averaged over the wall, about the middle that does not
move, the counts of every slot are one clean profile. As the wall contracts, its profile shifts
inwards; as it thickens, it brightens, since blur leaves a thick wall more of its counts (partial
volume; Galt et al., J Nucl Med 1990;31:2034).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from shortaxis.anatomy.hybrid_grid import BODY_STEP_MM, POLAR_ROWS, POLAR_STEP_RAD, RAY_ANGLES
from shortaxis.function.beating_wall import BeatingWall
from shortaxis.function.contraction_course import ContractionCourse
from shortaxis.geometry.arrays import CountsArray, FloatArray
from shortaxis.ventricle.ray_counts import DEPTHS_MM

__all__ = ["PooledProfile", "ProfileChange", "counts_at", "pooled_profile", "ray_areas_mm2"]

ACROSS_MM: FloatArray = np.arange(-20.0, 20.5, 1.0)
"""Places of the profile, from the middle of the wall outwards."""

WALL_MM = 12.0
"""Half the width in which a profile is compared with the mean one: wall and blur."""


@dataclass(frozen=True)
class ProfileChange:
    """From end-diastole to end-systole: shifts inwards (mm), and brightening as a part."""

    shift_mm: float
    inner_mm: float
    outer_mm: float
    brightening: float


@dataclass(frozen=True, eq=False)
class PooledProfile:
    """The mean profile over the beat.

    Parameters
    ----------
    profile : (41,) array
        Mean over the beat, relative to its highest value.
    profiles : (slot, 41) array
        In every slot, smooth over the beat, on the scale of the counts.
    shift_mm : (slot,) array
        Outwards, from the mean over the beat.
    inner_mm, outer_mm : (slot,) arrays
        The same of its inner and outer half alone, which follow endo- and epicardium.
    brightening : (slot,) array
        Counts above the mean over the beat, as a part of them.
    noise : float
        Of one slot's counts in the middle of the wall, along one ray, as a part of them.
    """

    profile: FloatArray
    profiles: FloatArray
    shift_mm: FloatArray
    inner_mm: FloatArray
    outer_mm: FloatArray
    brightening: FloatArray
    noise: float

    @property
    def near(self) -> FloatArray:
        """The profiles where wall and blur lie, (slot, place)."""
        near: FloatArray = self.profiles[:, np.abs(ACROSS_MM) <= WALL_MM]
        return near

    def change_along(self, course: ContractionCourse) -> ProfileChange:
        """What a course of contraction changes of the profile, from end-diastole to end-systole."""
        mean = self.profiles.mean(axis=0)
        moved = -np.gradient(mean, ACROSS_MM)
        inwards = ACROSS_MM < 0
        changes = course.change(self.profiles)[None]
        shift, gain = _as_parts(changes, moved, mean)[:, 0]
        inner, outer, _ = _as_parts(changes, moved * inwards, moved * ~inwards, mean)[:, 0]
        return ProfileChange(-float(shift), -float(inner), -float(outer), float(gain))

    @property
    def width_mm(self) -> float:
        """Full width at half of the highest counts, above those of the cavity."""
        floor = min(float(self.profile[ACROSS_MM <= 0].min()), 0.9)
        above = self.profile > (1 + floor) / 2
        middle = int(np.argmax(np.where(np.abs(ACROSS_MM) <= WALL_MM, self.profile, -1)))
        low, high = middle, middle
        while low > 0 and above[low - 1]:
            low -= 1
        while high < above.size - 1 and above[high + 1]:
            high += 1
        return float(ACROSS_MM[high] - ACROSS_MM[low] + 1)


def pooled_profile(beating: BeatingWall) -> PooledProfile:
    """Average the counts of all rays that show muscle, slot by slot."""
    middle = beating.middle_mm.mean(axis=0)
    weights = ray_areas_mm2(middle) * beating.is_seen
    weights = weights / max(float(weights.sum()), 1e-9)
    places = middle + ACROSS_MM[:, None, None]
    sampled = np.stack(
        [(counts_at(each, places) * weights).sum(axis=(1, 2)) for each in beating.rays]
    )
    profiles = beating.fit.smoothed(sampled)
    mean = profiles.mean(axis=0)
    top = max(float(mean[np.abs(ACROSS_MM) <= WALL_MM].max()), 1e-9)
    moved = -np.gradient(mean, ACROSS_MM)
    inwards = ACROSS_MM < 0
    shift, gain = _as_parts(profiles - mean, moved, mean)
    inner, outer, _ = _as_parts(profiles - mean, moved * inwards, moved * ~inwards, mean)
    return PooledProfile(
        mean / top, profiles, shift, inner, outer, gain, _noise(beating, middle, weights)
    )


def counts_at(rays: CountsArray, radius_mm: FloatArray) -> FloatArray:
    """Counts at distances (place, row, angle) along rays (depth, row, angle)."""
    step = float(DEPTHS_MM[0])
    place = np.clip(radius_mm / step - 1, 0, DEPTHS_MM.size - 1.001)
    low = place.astype(np.intp)
    part = place - low
    below, above = (np.take_along_axis(rays, low + k, axis=0).astype(np.float64) for k in (0, 1))
    found: FloatArray = below * (1 - part) + above * part
    return found


def ray_areas_mm2(radius_mm: FloatArray) -> FloatArray:
    """Area (row, angle) of the surface at distances (row, angle) that each ray stands for."""
    turn = 2 * np.pi / RAY_ANGLES
    tilt = (np.arange(POLAR_ROWS) + 0.5) * POLAR_STEP_RAD
    polar = radius_mm[:POLAR_ROWS] ** 2 * (np.sin(tilt) * POLAR_STEP_RAD * turn)[:, None]
    body = radius_mm[POLAR_ROWS:] * BODY_STEP_MM * turn
    return np.concatenate([polar, body])


def _as_parts(changes: FloatArray, *parts: FloatArray) -> FloatArray:
    """How much (part, slot) of each part (place,) the changes (slot, place) hold, near the wall."""
    near = np.abs(ACROSS_MM) <= WALL_MM
    columns = np.stack(parts, axis=1)[near]
    solved = np.linalg.lstsq(columns, changes[:, near].T, rcond=None)[0]
    found: FloatArray = solved.astype(np.float64)
    return found


def _noise(beating: BeatingWall, middle: FloatArray, weights: FloatArray) -> float:
    counts = np.stack([counts_at(each, middle[None])[0] for each in beating.rays])
    level = max(float((counts[beating.fit.is_used].mean(axis=0) * weights).sum()), 1e-9)
    return float(np.sqrt((beating.fit.noise_of(counts) ** 2 * weights).sum())) / level
