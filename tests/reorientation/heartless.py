"""Volumes without a heart: other organs that are imaged with the same cameras, and noise."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import ndimage

from shortaxis.geometry.affines import affine_from_axes, apply_affine
from shortaxis.geometry.grids import Grid
from shortaxis.spect.volume import SpectVolume

SPACING_MM = 5.0
SHAPE = (48, 72, 72)
RESOLUTION_MM = 5.0
"""Standard deviation of a camera's blur: 12 mm FWHM."""


def usual_grid() -> Grid:
    """Transaxial, slices towards the head, centred on the origin."""
    axes = ((0, 0, 1), (0, 1, 0), (1, 0, 0))
    origin = -SPACING_MM * (np.array(SHAPE)[::-1] - 1) / 2
    return Grid(SHAPE, affine_from_axes(axes, SPACING_MM, origin))


def as_seen(activity: np.ndarray, rng: np.random.Generator, counts: float = 60.0) -> SpectVolume:
    """Blurred and noisy, as a reconstruction."""
    blurred = ndimage.gaussian_filter(activity, RESOLUTION_MM / SPACING_MM)
    noisy = rng.poisson(counts * blurred / blurred.max()).astype(np.float32)
    smooth = ndimage.gaussian_filter(noisy, 0.7)
    return SpectVolume(smooth, usual_grid().patient_from_index)


def places() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """x, y, z (LPS mm) of every voxel."""
    index = np.moveaxis(np.indices(SHAPE), 0, -1)
    x, y, z = np.moveaxis(apply_affine(usual_grid().patient_from_index, index), -1, 0)
    return x, y, z


def ellipsoid(center: tuple[float, float, float], radii: tuple[float, float, float]) -> np.ndarray:
    """Ones inside, zeros outside."""
    parts = zip(places(), center, radii, strict=True)
    return (sum(((p - c) / r) ** 2 for p, c, r in parts) < 1).astype(np.float64)


def body() -> np.ndarray:
    x, y, _ = places()
    return ((x / 165) ** 2 + (y / 110) ** 2 < 1).astype(np.float64)


def brain(rng: np.random.Generator) -> SpectVolume:
    """A perfusion study of the brain: hot cortex, cooler inside, dark ventricles."""
    whole = ellipsoid((0, 0, 0), (68, 85, 65))
    inside = ellipsoid((0, 0, 0), (52, 69, 50))
    ventricles = ellipsoid((-10, 0, 5), (7, 25, 10)) + ellipsoid((10, 0, 5), (7, 25, 10))
    return as_seen(whole - 0.6 * inside - 0.3 * ventricles, rng)


def bones(rng: np.random.Generator) -> SpectVolume:
    """A bone study of the chest: spine, ribs, breastbone."""
    x, y, z = places()
    spine = (x**2 + (y - 70) ** 2 < 20**2) & (np.abs((z + 300) % 30 - 15) < 11)
    rim = np.abs(np.hypot(x / 150, y / 100) - 1) < 0.05
    ribs = rim & (np.abs((z + 0.3 * y + 300) % 28 - 14) < 6)
    breastbone = (np.abs(x) < 15) & (np.abs(y + 95) < 8)
    return as_seen(0.08 * body() + 1.0 * spine + 0.6 * ribs + 0.7 * breastbone, rng)


def liver_alone(rng: np.random.Generator) -> SpectVolume:
    """An upper abdomen: liver, spleen and a kidney."""
    liver = ellipsoid((-60, -20, -20), (85, 75, 80))
    spleen = ellipsoid((100, 40, -10), (28, 38, 45))
    kidney = ellipsoid((60, 60, -70), (25, 25, 50))
    return as_seen(0.08 * body() + liver + 0.8 * spleen + 0.9 * kidney, rng)


def chest_without_heart(rng: np.random.Generator) -> SpectVolume:
    """Lungs, liver, stomach and a body around them, but no uptake of the heart."""
    lungs = ellipsoid((-75, 0, 40), (55, 80, 90)) + ellipsoid((75, 0, 40), (55, 80, 90))
    liver = ellipsoid((-60, -10, -90), (90, 80, 50))
    stomach = ellipsoid((70, -20, -85), (40, 40, 35))
    return as_seen(0.15 * body() * (1 - 0.6 * np.minimum(lungs, 1)) + liver + 0.7 * stomach, rng)


def white_noise(rng: np.random.Generator) -> SpectVolume:
    """Counts without any structure."""
    return SpectVolume(rng.poisson(20, SHAPE).astype(np.float32), usual_grid().patient_from_index)


def smooth_noise(rng: np.random.Generator) -> SpectVolume:
    """Noise as smooth as an image."""
    noise = ndimage.gaussian_filter(rng.normal(size=SHAPE), 2.5)
    counts = 100 * np.clip(noise / noise.std() + 1, 0, None)
    return SpectVolume(counts.astype(np.float32), usual_grid().patient_from_index)


def clots(rng: np.random.Generator) -> SpectVolume:
    """A few hot spots anywhere."""
    activity = 0.05 * body()
    for _ in range(12):
        center = tuple(rng.uniform(-100, 100, size=3))
        activity = activity + rng.uniform(0.3, 1.0) * ellipsoid(
            center, tuple(rng.uniform(10, 40, size=3))
        )
    return as_seen(activity, rng)


HEARTLESS: dict[str, Callable[[np.random.Generator], SpectVolume]] = {
    "brain": brain,
    "bones": bones,
    "liver alone": liver_alone,
    "chest without heart": chest_without_heart,
    "white noise": white_noise,
    "smooth noise": smooth_noise,
    "clots": clots,
}
