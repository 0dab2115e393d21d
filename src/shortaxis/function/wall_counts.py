"""Counts of the wall over the beat, along every ray, and their first harmonic as a smooth field.

Of one ray the first harmonic is mostly noise. Over the wall it changes smoothly: so it is written
as the mean of the wall and ten slow waves over it, and each group of waves is kept as far as it
stands out from noise (James and Stein, Proc 4th Berkeley Symp 1961;1:361). What noise does to the
waves is read from the harmonics of the counts that no heart makes.
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
        First harmonic as a part of the mean: its angle is the moment of most counts, its size how
        far they rise above the mean.
    noise : float
        Standard deviation of `wave` by noise, as a part of its mean size.
    """

    counts: FloatArray
    mean: FloatArray
    wave: ComplexArray
    noise: float

    @cached_property
    def peak_deg(self) -> FloatArray:
        """Moment of most counts, degrees of the cycle from the R wave, 0 to 360."""
        peak: FloatArray = np.degrees(np.angle(self.wave)) % 360
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
    smooth, noise = _smoothed(wave, rest, weights, places, int(fit.is_used.sum()))
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
    wave: ComplexArray, rest: FloatArray, weights: FloatArray, places: WallPlaces, used: int
) -> tuple[ComplexArray, float]:
    """The field as a mean and a few waves, each kept as far as it stands out; and its noise."""
    whole = complex((wave * weights).sum())
    size = max(abs(whole), 1e-3)
    root = np.sqrt(weights).ravel()
    basis = _waves(places).reshape(root.size, -1)
    columns, _ = np.linalg.qr(np.concatenate([np.ones((root.size, 1)), basis], 1) * root[:, None])
    told = columns.T @ (root * (wave / size).ravel())
    # Each slot's rest has the noise of a slot, less what the fit took.
    noise_of_slot = (rest.reshape(len(rest), -1) * root) @ columns / size
    free = max(used - FITTED, 1)
    variance = 2 * float((noise_of_slot**2).sum(axis=0).mean()) / free * 2 / used
    kept = np.ones(told.size)
    for group in (slice(1, 1 + FIRST_WAVES), slice(1 + FIRST_WAVES, None)):
        power = float((np.abs(told[group]) ** 2).mean())
        kept[group] = max(1 - variance / max(power, 1e-12), 0.0)
    waves = np.concatenate([np.ones((root.size, 1)), basis], axis=1)
    # Back to the plain waves: the same combination without the weights.
    turned = np.linalg.lstsq(waves * root[:, None], columns, rcond=None)[0]
    field: ComplexArray = (waves @ (turned @ (kept * told)) * size).reshape(wave.shape)
    return field, float(np.sqrt(variance * kept[1:].sum()))


FITTED = 5
"""Numbers of a fit of two harmonics."""

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
