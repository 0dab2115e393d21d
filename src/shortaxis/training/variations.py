"""What a training sample varies: drawn first, as a frozen record, and applied afterwards.

Lengths in mm and directions in the patient's frame (LPS), positions relative to the heart's
centre; counts relative to the hot wall of the exam.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from shortaxis.geometry.arrays import FloatArray

__all__ = ["Blob", "FieldOfViewCut", "Tone", "Variation", "draw_direction", "draw_variation"]


@dataclass(frozen=True, eq=False)
class Blob:
    """Counts added (or, below zero, the part taken away) around a place; Gaussian."""

    place_mm: FloatArray
    reach_mm: FloatArray
    amount: float


@dataclass(frozen=True, eq=False)
class FieldOfViewCut:
    """A superellipsoid outside which nothing is seen, with a rim of false counts inside it."""

    place_mm: FloatArray
    reach_mm: FloatArray
    power: float
    rim: float
    rim_mm: float
    rim_wave: FloatArray


@dataclass(frozen=True)
class Tone:
    """What happens to the counts of the crop: gamma, blur (voxels), noise."""

    gamma: float = 1.0
    blur: float = 0.0
    noise: float = 0.0
    noise_blur: float = 0.0
    noise_seed: int = 0


@dataclass(frozen=True, eq=False)
class Variation:
    """Everything that one sample changes, besides where the grid lies."""

    scale: float = 1.0
    blobs: tuple[Blob, ...] = ()
    defects: tuple[Blob, ...] = ()
    cut: FieldOfViewCut | None = None
    lowest_mm: float = -np.inf
    highest_mm: float = np.inf
    tone: Tone = field(default_factory=Tone)


def draw_variation(rng: np.random.Generator) -> Variation:
    """Draw one; about a third of the samples keep their counts as they were simulated."""
    if rng.random() < 0.3:
        return Variation(scale=_scale(rng))
    lowest, highest = _slices(rng)
    return Variation(
        scale=_scale(rng),
        blobs=tuple(_organ(rng) for _ in range(rng.choice(3, p=(0.6, 0.3, 0.1)))),
        defects=(_defect(rng),) if rng.random() < 0.2 else (),
        cut=_cut(rng) if rng.random() < 0.35 else None,
        lowest_mm=lowest,
        highest_mm=highest,
        tone=_tone(rng),
    )


def _scale(rng: np.random.Generator) -> float:
    return float(np.exp(rng.uniform(-0.16, 0.16)))


def draw_direction(rng: np.random.Generator) -> FloatArray:
    """Unit vector (3,), uniform on the sphere, since a Gaussian has no direction of its own."""
    vector = rng.normal(size=3)
    unit: FloatArray = vector / np.linalg.norm(vector)
    return unit


def _organ(rng: np.random.Generator) -> Blob:
    """Liver, stomach or gut, mostly below the heart; now and then anything anywhere."""
    direction = draw_direction(rng)
    if rng.random() < 0.75:
        direction[2] = -abs(direction[2])
    reach = np.exp(rng.uniform(np.log(8), np.log(35), size=3))
    place = direction * (rng.uniform(45, 75) + reach.mean())
    return Blob(place, reach, float(np.exp(rng.uniform(np.log(0.2), np.log(2.5)))))


def _defect(rng: np.random.Generator) -> Blob:
    place = draw_direction(rng) * rng.uniform(20, 45)
    return Blob(place, rng.uniform(8, 28, size=3), float(rng.uniform(0.3, 0.9)))


def _cut(rng: np.random.Generator) -> FieldOfViewCut:
    across = rng.uniform(80, 150)
    return FieldOfViewCut(
        place_mm=draw_direction(rng) * rng.uniform(0, 35),
        reach_mm=np.array([across, across * rng.uniform(0.85, 1.0), rng.uniform(70, 130)]),
        power=float(rng.choice([2.0, 3.0, 6.0])),
        rim=float(rng.uniform(0, 1.8)) if rng.random() < 0.6 else 0.0,
        rim_mm=float(rng.uniform(4, 14)),
        rim_wave=draw_direction(rng) * rng.uniform(0, 0.05),
    )


def _slices(rng: np.random.Generator) -> tuple[float, float]:
    """Where the first and last slice lie, rarely through the heart."""
    if rng.random() < 0.6:
        return -np.inf, np.inf
    return float(-rng.uniform(45, 130)), float(rng.uniform(40, 130))


def _tone(rng: np.random.Generator) -> Tone:
    return Tone(
        gamma=float(np.exp(rng.normal(0, 0.18))),
        blur=float(rng.uniform(0.3, 0.8)) if rng.random() < 0.3 else 0.0,
        noise=float(rng.uniform(0.02, 0.14)) if rng.random() < 0.4 else 0.0,
        noise_blur=float(rng.uniform(0.4, 1.2)),
        noise_seed=int(rng.integers(2**31)),
    )
