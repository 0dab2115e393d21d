"""Known changes of an exam: motion, defects, hot organs, noise, a field of view that ends early.

Every function takes an `Exam` and a generator and returns a changed exam with the true pose; the
draw of its numbers comes first, what follows is fixed by them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from scipy import ndimage

from evidence.measuring.pose.drawn_heart import DrawnHeart, draw_study, transaxial_grid
from evidence.measuring.real_studies.real_studies import MAX_SHIFT_MM, MAX_TURN_DEG
from shortaxis.geometry.affines import apply_affine
from shortaxis.geometry.arrays import FloatArray
from shortaxis.geometry.euler import PoseParameters, pose_from_parameters
from shortaxis.geometry.motions import sample_motion
from shortaxis.geometry.pose import RigidPose, compose
from shortaxis.reorientation.moved_volumes import with_moved_counts
from shortaxis.spect.volume import SpectVolume

__all__ = ["ALTERATIONS", "Exam", "sample_drawn_exam"]

WALL_REACH_MM = 12.0
"""From the mid-wall surface to beyond the epicardium."""


@dataclass(frozen=True, eq=False)
class Exam:
    """Counts, the true pose and size of the heart, and what was changed."""

    volume: SpectVolume
    pose: RigidPose
    length_mm: float
    radius_mm: float
    changes: tuple[str, ...] = ()

    def with_counts(self, counts: np.ndarray, change: str) -> Exam:
        """The same heart with other counts, never below zero."""
        volume = SpectVolume(
            np.maximum(counts, 0).astype(np.float32), self.volume.patient_from_index
        )
        return replace(self, volume=volume, changes=(*self.changes, change))

    @property
    def cardiac_positions(self) -> FloatArray:
        """Cardiac coordinates of every voxel, mm, (slice, row, column, 3)."""
        indices = np.moveaxis(np.indices(self.volume.shape), 0, -1)
        return self.pose.to_cardiac(apply_affine(self.volume.patient_from_index, indices))

    @property
    def wall_level(self) -> float:
        """Upper level of the counts around the heart."""
        near = np.linalg.norm(self.cardiac_positions, axis=-1) < self.length_mm * 0.6
        return float(np.percentile(self.volume.counts[near], 92))


def sample_drawn_exam(rng: np.random.Generator) -> Exam:
    """Draw a heart over the range of poses and sizes of adults, in a torso with a liver."""
    spacing_mm = rng.uniform(3.0, 6.4)
    grid = transaxial_grid(
        (int(200 / spacing_mm), int(280 / spacing_mm), int(280 / spacing_mm)), spacing_mm
    )
    x_m, y_m, z_m = rng.uniform(-1, 1, 3) * (25, 25, 15)
    alpha, beta, theta = rng.uniform((-20, -20, -10), (60, 20, 70))
    pose = pose_from_parameters(PoseParameters(x_m, y_m, z_m, alpha, beta, theta), grid.center_mm)
    length_mm = rng.uniform(65, 115)
    heart = DrawnHeart(
        length_mm=length_mm,
        radius_mm=float(np.clip(length_mm * rng.uniform(0.3, 0.42), 20, 40)),
        wall_mm=rng.uniform(8, 12),
        liver_uptake=rng.uniform(0.3, 2),
    )
    volume = draw_study(
        grid,
        pose,
        heart,
        counts_per_voxel=rng.uniform(50, 400),
        fwhm_mm=rng.uniform(9, 15),
        seed=int(rng.integers(2**31)),
    )
    return Exam(volume, pose, length_mm, heart.radius_mm - heart.wall_mm / 2)


def move(exam: Exam, rng: np.random.Generator) -> Exam:
    """Turn the patient by up to 15 degrees and shift by up to 10 mm."""
    motion = sample_motion(rng, exam.pose.center_mm, MAX_TURN_DEG, MAX_SHIFT_MM)
    volume = with_moved_counts(exam.volume, motion)
    moved = replace(exam, volume=volume, pose=compose(motion.pose, exam.pose))
    return moved.with_counts(volume.counts, "motion")


def add_defect(exam: Exam, rng: np.random.Generator) -> Exam:
    """Lower the uptake of a sector of the wall, of the apex, or of both, to 10-50 %."""
    x, y, z = np.moveaxis(exam.cardiac_positions, -1, 0)
    radius, half = np.hypot(x, y), exam.length_mm / 2
    where = rng.integers(3)
    middle, width = rng.uniform(-np.pi, np.pi), np.deg2rad(rng.uniform(40, 110))
    start, end = rng.uniform(-half, 0), rng.uniform(30, 90)
    apical, uptake = rng.uniform(20, 35), rng.uniform(0.1, 0.5)
    heart = (radius < exam.radius_mm + WALL_REACH_MM) & (np.abs(z) < half + WALL_REACH_MM / 2)
    turn = np.abs((np.arctan2(y, x) - middle + np.pi) % (2 * np.pi) - np.pi)
    sector = heart & (turn < width) & (z > start) & (z < start + end)
    apex = heart & (z < apical - half)
    defect = (sector, apex, sector | apex)[where]
    share = ndimage.gaussian_filter(defect.astype(np.float64), 1.2)
    blood = np.percentile(exam.volume.counts[heart], 10)
    excess = np.maximum(exam.volume.counts - blood, 0)
    return exam.with_counts(exam.volume.counts - share * (1 - uptake) * excess, "defect")


def add_hot_organ(exam: Exam, rng: np.random.Generator) -> Exam:
    """Lay an organ of 0.7 to 3 times the wall's counts against or near the inferior wall."""
    sizes, angle = rng.uniform(18, 45, 3), np.deg2rad(rng.uniform(30, 170))
    height, gap = rng.uniform(-0.5, 0.5) * exam.length_mm, rng.uniform(-4, 20)
    uptake = rng.uniform(0.7, 3)
    reach = exam.radius_mm + WALL_REACH_MM / 2 + gap + sizes.min()
    center = np.array([reach * np.cos(angle), reach * np.sin(angle), height])
    positions = exam.cardiac_positions
    x, y, z = np.moveaxis(positions, -1, 0)
    heart = (np.hypot(x, y) < exam.radius_mm + 5) & (np.abs(z) < exam.length_mm / 2)
    organ = (((positions - center) / sizes) ** 2).sum(axis=-1) < 1
    blurred = ndimage.gaussian_filter((organ & ~heart) * uptake * exam.wall_level, 1.25)
    seen = exam.volume.counts > 0
    return exam.with_counts(exam.volume.counts + blurred * seen, "hot organ")


def add_noise(exam: Exam, rng: np.random.Generator) -> Exam:
    """Add smoothed noise of 5 to 45 % of the wall's counts, growing with their square root."""
    relative = rng.uniform(0.05, 0.45)
    noise = ndimage.gaussian_filter(rng.normal(size=exam.volume.shape), 0.7)
    level = np.sqrt(np.maximum(exam.volume.counts, 0) * exam.wall_level)
    counts = exam.volume.counts + relative * noise / noise.std() * level
    return exam.with_counts(counts * (exam.volume.counts > 0), "noise")


def cut_field(exam: Exam, rng: np.random.Generator) -> Exam:
    """End the field of view 8 to 30 mm inside the apex, the base or a wall."""
    side = np.array([(0, 0, -1), (0, 0, 1), (0, 1, 0), (0.7, 0.7, 0)])[rng.integers(4)]
    outermost = exam.length_mm / 2 if side[2] else exam.radius_mm + 5
    kept = exam.cardiac_positions @ side < outermost - rng.uniform(8, 30)
    return exam.with_counts(exam.volume.counts * kept, "cut field")


ALTERATIONS: tuple[tuple[float, Callable[[Exam, np.random.Generator], Exam]], ...] = (
    (0.8, move),
    (0.45, add_defect),
    (0.4, add_hot_organ),
    (0.4, add_noise),
    (0.12, cut_field),
)
"""Probability and function of every change, applied one after the other."""
