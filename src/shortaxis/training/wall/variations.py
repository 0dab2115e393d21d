"""How a sample of the wall's training differs from its exam: drawn first, then applied."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage
from scipy.spatial.transform import Rotation

from shortaxis.anatomy.hybrid_grid import RAY_ANGLES, RAY_ROWS
from shortaxis.geometry.arrays import CountsArray, FloatArray
from shortaxis.geometry.pose import RigidPose
from shortaxis.training.variations import Blob, draw_direction
from shortaxis.ventricle.ray_counts import depth_points_mm

__all__ = [
    "PLAIN",
    "RARELY_FAR",
    "FarFrames",
    "WallVariation",
    "draw_frame_error",
    "draw_wall_variation",
    "varied",
]

TILT_DEG, SHIFT_MM, ROLL_DEG = 3.0, 2.0, 6.0
"""Standard deviations of the frame that an estimator gives: somewhat more than those of the shipped
one, which is off by 1.4 degrees and 1.6 mm in half of the exams."""

FAR_SHIFT = 3.0
"""A frame is never shifted more than so many times as usual: rays must start in the cavity."""


@dataclass(frozen=True)
class FarFrames:
    """Frames of estimators that erred: a `part` of the samples, off up to `times` as much."""

    part: float = 0.1
    times: float = 2.0

    def draw(self, rng: np.random.Generator) -> float:
        """How many times as far as usual one frame is off."""
        if rng.random() >= self.part:
            return 1.0
        return float(np.exp(rng.uniform(np.log(2.0), np.log(self.times))))


RARELY_FAR = FarFrames()


@dataclass(frozen=True, eq=False)
class WallVariation:
    """What one sample changes, besides its frame.

    `scale` is how many times as large the heart is drawn, voxels and blur included; `is_mirrored`
    exchanges anterior and inferior.
    """

    scale: float = 1.0
    is_mirrored: bool = False
    gamma: float = 1.0
    blobs: tuple[Blob, ...] = ()
    unevenness: float = 0.0
    noise: float = 0.0
    context_noise: float = 0.0
    seed: int = 0


PLAIN = WallVariation()


def draw_frame_error(rng: np.random.Generator, far: FarFrames) -> RigidPose:
    """Where a frame lies in the true one: tilted and shifted as an estimated pose, and rolled."""
    worse = far.draw(rng)
    across = rng.normal(0, TILT_DEG * worse / np.sqrt(2), size=2)
    roll = rng.normal(0, ROLL_DEG)
    turn = Rotation.from_rotvec(np.deg2rad([*across, roll])).as_matrix()
    shift_mm = SHIFT_MM * min(worse, FAR_SHIFT)
    return RigidPose(turn, rng.normal(0, shift_mm / np.sqrt(3), size=3))


def draw_wall_variation(rng: np.random.Generator, tone: float) -> WallVariation:
    """Draw one; `tone` is the standard deviation of the logarithm of `gamma`."""
    return WallVariation(
        scale=float(np.exp(rng.uniform(-0.16, 0.14))),
        is_mirrored=bool(rng.random() < 0.25),
        gamma=float(np.exp(rng.normal(0, tone))) if rng.random() < 0.5 else 1.0,
        blobs=tuple(_organ(rng) for _ in range(rng.choice(3, p=(0.65, 0.25, 0.1)))),
        unevenness=float(rng.uniform(0.0, 0.15)) if rng.random() < 0.5 else 0.0,
        noise=float(rng.uniform(0.0, 0.06)) if rng.random() < 0.4 else 0.0,
        context_noise=float(rng.uniform(0.0, 0.1)),
        seed=int(rng.integers(2**31)),
    )


def varied(counts: CountsArray, context: FloatArray, one: WallVariation) -> tuple[CountsArray, ...]:
    """Counts (depth, row, angle) and context of a sample, before counts are normalised."""
    rng = np.random.default_rng(one.seed)
    level = float(np.percentile(counts.max(axis=0), 60.0)) or 1.0
    changed = counts / np.float32(level)
    if one.gamma != 1.0:
        changed = changed ** np.float32(one.gamma)
    for blob in one.blobs:
        away = (POINTS_MM - blob.place_mm.astype(np.float32)) / blob.reach_mm.astype(np.float32)
        changed = changed + np.float32(blob.amount) * np.exp(-0.5 * (away**2).sum(axis=-1))
    if one.unevenness:
        changed = changed * (1 + one.unevenness * _smooth(rng))
    if one.noise:
        # Noise of a reconstruction is smooth: along a ray it changes over some millimetres.
        rough = rng.standard_normal(changed.shape, dtype=np.float32)
        grain = ndimage.gaussian_filter1d(rough, 1.5, axis=0) * np.float32(2.3)
        changed = changed + np.float32(one.noise) * grain
    told = context + one.context_noise * rng.standard_normal(context.size)
    return np.maximum(changed, 0).astype(np.float32), told.astype(np.float32)


def _smooth(rng: np.random.Generator) -> CountsArray:
    """A smooth field of unit size over rows and angles."""
    field = ndimage.gaussian_filter(
        rng.standard_normal((RAY_ROWS, RAY_ANGLES)), (4, 4), mode=("nearest", "wrap")
    )
    uneven: CountsArray = (field / max(float(field.std()), 1e-6)).astype(np.float32)
    return uneven


def _organ(rng: np.random.Generator) -> Blob:
    """Liver or gut, mostly on the inferior side, close to the wall or away from it."""
    direction = draw_direction(rng)
    if rng.random() < 0.7:
        direction[1] = abs(direction[1])
    reach = np.exp(rng.uniform(np.log(8), np.log(25), size=3))
    place = direction * (rng.uniform(42, 75) + reach.mean())
    return Blob(place, reach, float(np.exp(rng.uniform(np.log(0.2), np.log(2.5)))))


POINTS_MM: CountsArray = depth_points_mm().astype(np.float32)
