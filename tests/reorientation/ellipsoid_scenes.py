"""Drawn exams for the ellipsoid method: hearts, things that are no heart, fields of view."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import ndimage
from scipy.spatial.transform import Rotation

from drawn_heart import DrawnHeart, draw_study, transaxial_grid
from shortaxis.geometry.affines import apply_affine
from shortaxis.geometry.euler import PoseParameters, pose_from_parameters
from shortaxis.geometry.grids import Grid
from shortaxis.geometry.pose import RigidPose
from shortaxis.spect.volume import SpectVolume

GRID = transaxial_grid((50, 70, 70), 4.0)


def voxel_positions(grid: Grid) -> np.ndarray:
    """LPS mm of every voxel, shape (slice, row, column, 3)."""
    return apply_affine(grid.patient_from_index, np.moveaxis(np.indices(grid.shape), 0, -1))


def heart_pose(grid: Grid = GRID, *, theta: float = 40, alpha: float = 20) -> RigidPose:
    """A heart somewhat off the middle of the field of view."""
    parameters = PoseParameters(x_m=12, y_m=-8, z_m=5, alpha=alpha, beta=0, theta=theta)
    return pose_from_parameters(parameters, grid.center_mm)


def drawn(pose: RigidPose, grid: Grid = GRID, seed: int | None = 1, **heart: float) -> SpectVolume:
    return draw_study(grid, pose, DrawnHeart(**heart), counts_per_voxel=200.0, seed=seed)


def random_exam(seed: int) -> tuple[SpectVolume, RigidPose]:
    """A heart in the range of DESIGN section 5, half of them in a round field with a hot rim."""
    rng = np.random.default_rng(seed)
    spacing = rng.uniform(3.2, 6.4)
    grid = transaxial_grid(tuple(int(size / spacing) for size in (200, 280, 280)), spacing)
    angles = {"alpha": rng.uniform(-20, 60), "beta": rng.uniform(-20, 20)}
    shift = dict(zip(("x_m", "y_m", "z_m"), rng.uniform(-20, 20, 3), strict=True))
    pose = pose_from_parameters(
        PoseParameters(**shift, **angles, theta=rng.uniform(-10, 70)), grid.center_mm
    )
    length = rng.uniform(70, 115)
    heart = DrawnHeart(
        length_mm=length,
        radius_mm=float(np.clip(length * rng.uniform(0.3, 0.4), 23, 40)),
        wall_mm=rng.uniform(8, 11),
        liver_uptake=rng.uniform(0.3, 2),
        defect_uptake=rng.choice([1.0, rng.uniform(0.2, 0.6)]),
    )
    volume = draw_study(
        grid, pose, heart, counts_per_voxel=rng.uniform(50, 400), seed=int(rng.integers(1 << 30))
    )
    return (volume if seed % 2 else in_round_field(volume)), pose


def in_round_field(volume: SpectVolume, radius_mm: float = 132.0) -> SpectVolume:
    """Zero outside a cylinder, and a rim twice as hot as anything inside on its right side."""
    offset = voxel_positions(volume.grid) - volume.center_mm
    radius = np.hypot(offset[..., 0], offset[..., 1])
    counts = volume.counts.copy()
    counts[(radius > radius_mm - 6) & (offset[..., 0] < 0)] = 2 * counts.max()
    counts[radius > radius_mm] = 0
    return SpectVolume(counts, volume.patient_from_index)


def cropped(
    volume: SpectVolume, pose: RigidPose, keep: Callable[[np.ndarray], np.ndarray]
) -> SpectVolume:
    """Zero where `keep` of the cardiac coordinates is False: a field of view that ends there."""
    inside = keep(pose.to_cardiac(voxel_positions(volume.grid)))
    return SpectVolume(volume.counts * inside, volume.patient_from_index)


def moved(volume: SpectVolume, motion: RigidPose) -> SpectVolume:
    """The same counts in a patient who moved: exact, for only the affine changes."""
    return SpectVolume(volume.counts, motion.matrix @ volume.patient_from_index)


def motion_about(center_mm: np.ndarray, angles_deg: tuple[float, float, float]) -> RigidPose:
    """Rotation about a point by Euler angles about x, y and z."""
    rotation = Rotation.from_euler("xyz", angles_deg, degrees=True).as_matrix()
    return RigidPose(rotation, center_mm - rotation @ center_mm)


def white_noise(seed: int) -> SpectVolume:
    rng = np.random.default_rng(seed)
    return SpectVolume(rng.poisson(20.0, GRID.shape), GRID.patient_from_index)


def smooth_noise(seed: int) -> SpectVolume:
    rng = np.random.default_rng(seed)
    noise = ndimage.gaussian_filter(rng.normal(size=GRID.shape), 1.5)
    return SpectVolume(np.maximum(100 + 40 * noise / noise.std(), 0), GRID.patient_from_index)


def solid_organ(seed: int) -> SpectVolume:
    """A uniform ellipsoid of random size in a faint background."""
    rng = np.random.default_rng(seed)
    offset = voxel_positions(GRID) - GRID.center_mm - rng.uniform(-30, 30, 3)
    inside = ((offset / rng.uniform(25, 90, 3)) ** 2).sum(axis=-1) < 1
    expected = ndimage.gaussian_filter(10 + 300.0 * inside, 1.5)
    return SpectVolume(rng.poisson(expected), GRID.patient_from_index)


def closed_shell(seed: int) -> SpectVolume:
    """A hollow ball: no apex, no base, no axis."""
    rng = np.random.default_rng(seed)
    offset = voxel_positions(GRID) - GRID.center_mm - rng.uniform(-20, 20, 3)
    radius = np.linalg.norm(offset, axis=-1)
    expected = ndimage.gaussian_filter(10 + 300.0 * ((radius > 28) & (radius < 40)), 1.5)
    return SpectVolume(rng.poisson(expected), GRID.patient_from_index)
