"""Counts of the wall over the beat, along every ray, and their first harmonic as a smooth field.

Of one ray the first harmonic is mostly noise. Over the wall it changes smoothly: so it is written
as the mean of the wall and ten slow waves over it, and each group of waves is kept as far as it
stands out from noise (James and Stein, Proc 4th Berkeley Symp 1961;1:361). Places that beat more or
less than others are common, places that beat at another time are not: so what is in step with the
mean of the wall and what is out of step are kept each by itself. What noise does to the waves is
read from the harmonics of the counts that no heart makes.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from shortaxis.anatomy.hybrid_grid import (
    BODY_HEIGHTS_MM,
    BODY_STEP_MM,
    HINGE_Z_MM,
    POLAR_ROWS,
    RAY_ROWS,
)
from shortaxis.function.beating_wall import BeatingWall
from shortaxis.function.harmonics import FIRST_MIDDLE
from shortaxis.function.pooled_profile import counts_at
from shortaxis.function.segment_means import WallPlaces
from shortaxis.geometry.arrays import FloatArray

__all__ = ["WallCounts", "wall_counts"]

ComplexArray = npt.NDArray[np.complex128]

ACROSS_MM = np.array([-3.0, 0.0, 3.0])
"""Places about the moving middle of the wall whose counts are averaged."""

HIGHEST = 0.92
"""Part of the long axis up to which waves are fitted: beyond it blur mixes wall and atrium."""

FADE_HEIGHT = 0.3
"""Below it there is no lateral wall or septum to tell apart: waves around the axis fade."""


@dataclass(frozen=True, eq=False)
class WallCounts:
    """Counts in the wall.

    Parameters
    ----------
    counts : (slot, row, angle) array
        As a part of the wall's mean over the beat.
    mean : (row, angle) array
        Over the beat.
    wave : (row, angle) complex array
        First harmonic as a part of the mean: its angle is the moment of most counts after the
        middle of the first slot, its size how far they rise above the mean.
    noise : float
        Standard deviation of `wave` by noise before any of it is left out, as a part of its mean
        size.
    """

    counts: FloatArray
    mean: FloatArray
    wave: ComplexArray
    noise: float

    @cached_property
    def peak_deg(self) -> FloatArray:
        """Moment of most counts, degrees of the cycle from the R wave, 0 to 360.

        A camera fills the first slot from the R wave on, so its middle, from which the angle of
        `wave` counts, lies half a slot later.
        """
        half_slot_deg = 360 * FIRST_MIDDLE / len(self.counts)
        peak: FloatArray = (np.degrees(np.angle(self.wave)) + half_slot_deg) % 360
        return peak

    @cached_property
    def amplitude(self) -> FloatArray:
        """How far counts rise above their mean, as a part of it."""
        size: FloatArray = np.abs(self.wave)
        return size


def wall_counts(beating: BeatingWall, places: WallPlaces) -> WallCounts:
    """Follow the counts along the moving middle of the wall."""
    fit = beating.fit
    counts = _followed(beating)
    weights = places.areas_mm2 * beating.is_seen * (places.heights <= HIGHEST)
    weights = weights / max(float(weights.sum()), 1e-9)
    level = max(float((counts[fit.is_used].mean(axis=0) * weights).sum()), 1e-9)
    counts = counts / level
    found = fit.coefficients(counts)
    mean = np.maximum(found[0], 0.05)
    wave = (found[1] + 1j * found[2]) / mean
    rest = _rest(counts, fit.is_used, fit.smoothed(counts)) / mean
    free = max(len(rest) - (2 * fit.harmonics + 1), 1)
    smooth, noise = _smoothed(wave, rest, mean, weights, places, free)
    return WallCounts(fit.smoothed(counts), mean, smooth, noise)


def _followed(beating: BeatingWall) -> FloatArray:
    """Counts (slot, row, angle) of the muscle that lies on each ray on average over the beat.

    The base moves along the axis, and muscle with it: less so the nearer to the apex it lies.
    """
    counts = np.stack(
        [
            counts_at(rays, middle + ACROSS_MM[:, None, None]).mean(axis=0)
            for rays, middle in zip(beating.rays, beating.middle_mm, strict=True)
        ]
    )
    base = np.array([each.center_mm[2] for each in beating.valves])
    part = np.clip((BODY_HEIGHTS_MM - HINGE_Z_MM) / max(base.mean() - HINGE_Z_MM, 5.0), 0, 1)
    moved = (base - base.mean())[:, None] * part / BODY_STEP_MM
    rows = np.arange(RAY_ROWS) + np.pad(moved, ((0, 0), (POLAR_ROWS, 0)))
    low = np.clip(rows.astype(int), 0, RAY_ROWS - 2)
    above = (rows - low)[..., None]
    slot = np.arange(len(counts))[:, None]
    followed: FloatArray = counts[slot, low] * (1 - above) + counts[slot, low + 1] * above
    return followed


def _rest(counts: FloatArray, is_used: npt.NDArray[np.bool_], smooth: FloatArray) -> FloatArray:
    return (counts - smooth)[is_used]


def _smoothed(
    wave: ComplexArray,
    rest: FloatArray,
    mean: FloatArray,
    weights: FloatArray,
    places: WallPlaces,
    free: int,
) -> tuple[ComplexArray, float]:
    """The field as a mean and a few waves, each kept as far as it stands out; and its noise.

    `free` numbers of the rest of all slots are left by the fit.
    """
    # Noise of a wave is one part of the counts, so dim places tell less.
    trusted = weights * np.clip(mean, 0, BRIGHT) ** 2
    root = np.sqrt(trusted / max(float(trusted.sum()), 1e-12)).ravel()
    whole = complex((wave * root.reshape(wave.shape) ** 2).sum())
    size, turn = max(abs(whole), LEAST_WAVE), np.exp(1j * np.angle(whole))
    waves = np.concatenate([np.ones((root.size, 1)), _waves(places).reshape(root.size, -1)], axis=1)
    columns, _ = np.linalg.qr(waves * root[:, None])
    told = columns.T @ (root * (wave / (size * turn)).ravel())
    variance = _variance((rest.reshape(len(rest), -1) * root) @ columns / size, free)
    in_step, out_of_step = told.real.copy(), told.imag.copy()
    for group in (slice(1, 1 + FIRST_WAVES), slice(1 + FIRST_WAVES, None)):
        for part in (in_step, out_of_step):
            power = float((part[group] ** 2).mean())
            part[group] *= max(1 - variance / max(power, 1e-12), 0.0)
    # Back to the plain waves: the same combination without the weights.
    turned = np.linalg.lstsq(waves * root[:, None], columns, rcond=None)[0]
    field: ComplexArray = (waves @ (turned @ (in_step + 1j * out_of_step)) * size * turn).reshape(
        wave.shape
    )
    if abs(whole) < LEAST_WAVE:
        return field, np.pi
    return field, float(np.sqrt(variance * (told.size - 1) / NOISE_FACTOR))


def _variance(noise_of_slot: FloatArray, free: int) -> float:
    """Of one part of a wave, from the rests (slot, wave) of all slots that were used."""
    used = len(noise_of_slot)
    # Each slot's rest has the noise of a slot, less what the fit took.
    return NOISE_FACTOR * 2 * float((noise_of_slot**2).sum(axis=0).mean()) / free / used


NOISE_FACTOR = 1.5
"""Slow waves of reconstructed noise are stronger in the first harmonic than in those that no heart
makes; chosen on calibration exams, where hearts in step should be found in step."""

LEAST_WAVE = 1e-3
"""Of the mean counts: below it nothing beats, and every phase is as likely."""

BRIGHT = 1.5
"""Of the mean counts."""

FIRST_WAVES = 3


def _waves(places: WallPlaces) -> FloatArray:
    """Ten waves (row, angle, wave) over the wall; first those of one turn or one length."""
    height = np.clip(places.heights, 0, 1)
    turn = np.deg2rad(places.angles_deg)
    fade = np.minimum(height / FADE_HEIGHT, 1.0)
    along = 2 * height - 1
    once = [fade * np.cos(turn), fade * np.sin(turn)]
    twice = [fade * np.cos(2 * turn), fade * np.sin(2 * turn)]
    rising = [each * along for each in (*once, *twice)]
    return np.stack([along, *once, *twice, (3 * along**2 - 1) / 2, *rising], axis=-1)
