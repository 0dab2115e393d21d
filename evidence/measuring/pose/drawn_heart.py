"""A heart drawn from ellipsoids in a drawn torso: for the demo study and for tests.

It is no simulation: no camera, no attenuation, no reconstruction. It has a known pose, a
wall, a right ventricle, a liver and noise, and that is enough to see whether slices come
out the right way round.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from shortaxis.geometry.affines import apply_affine
from shortaxis.geometry.arrays import FloatArray
from shortaxis.geometry.euler import PoseParameters, pose_from_parameters
from shortaxis.geometry.grids import Grid
from shortaxis.geometry.pose import RigidPose
from shortaxis.spect.volume import SpectVolume

FWHM_PER_SIGMA = 2 * np.sqrt(2 * np.log(2))


@dataclass(frozen=True)
class DrawnHeart:
    """Sizes in mm, uptake relative to the left ventricular wall (1)."""

    length_mm: float = 88.0
    radius_mm: float = 31.0
    wall_mm: float = 11.0
    right_ventricle_uptake: float = 0.35
    liver_uptake: float = 0.6
    blood_uptake: float = 0.08
    body_uptake: float = 0.06
    lung_uptake: float = 0.03
    defect_uptake: float = 1.0
    """Uptake of the inferolateral wall."""


def transaxial_grid(shape: tuple[int, int, int] = (32, 64, 64), spacing_mm: float = 6.4) -> Grid:
    """Slices from inferior to superior, centred 10 mm left and 20 mm anterior of the origin."""
    patient_from_index = np.eye(4)
    patient_from_index[:3, :3] = spacing_mm * np.array([(0, 0, 1), (0, 1, 0), (1, 0, 0)])
    middle = apply_affine(patient_from_index, (np.array(shape) - 1) / 2)
    patient_from_index[:3, 3] = np.array([10.0, -20.0, 0.0]) - middle
    return Grid(shape, patient_from_index)


def usual_pose(grid: Grid) -> RigidPose:
    """A pose as most patients have it."""
    parameters = PoseParameters(x_m=42, y_m=-28, z_m=4, alpha=24, beta=0, theta=42)
    return pose_from_parameters(parameters, grid.center_mm)


def draw_study(
    grid: Grid,
    pose: RigidPose,
    heart: DrawnHeart = DrawnHeart(),
    *,
    counts_per_voxel: float = 400.0,
    fwhm_mm: float = 12.0,
    seed: int | None = 1,
) -> SpectVolume:
    """Draw heart and torso on `grid`, blur, and add Poisson noise unless `seed` is None.

    `counts_per_voxel` is the level of the wall before blur.
    """
    indices = np.moveaxis(np.indices(grid.shape), 0, -1)
    patient = apply_affine(grid.patient_from_index, indices)
    activity = _draw_torso(patient, grid.center_mm, pose.center_mm, heart)
    _draw_heart(activity, pose.to_cardiac(patient), heart)
    sigma = fwhm_mm / FWHM_PER_SIGMA / grid.spacing_mm
    expected = ndimage.gaussian_filter(activity * counts_per_voxel, sigma)
    if seed is not None:
        # Reconstruction smooths the noise of neighbouring voxels together.
        noise = np.random.default_rng(seed).poisson(expected) - expected
        expected = np.maximum(expected + ndimage.gaussian_filter(noise, 0.7), 0)
    return SpectVolume(expected.astype(np.float32), grid.patient_from_index)


def _draw_torso(
    patient: FloatArray, body_center: FloatArray, heart_center: FloatArray, heart: DrawnHeart
) -> FloatArray:
    x, y, _ = np.moveaxis(patient - body_center, -1, 0)
    activity = np.zeros(x.shape)
    activity[_ellipse(x, 175, y, 115)] = heart.body_uptake
    for side in (-1, 1):
        activity[_ellipse(x - side * 85, 62, y, 85)] = heart.lung_uptake
    # The diaphragm domes under the heart, 62 mm below its centre, with the liver to the right.
    from_heart = np.moveaxis(patient - heart_center, -1, 0)
    liver = _ellipsoid(from_heart - np.array([-95, 30, -105])[:, None, None, None], (110, 85, 60))
    activity[liver] = heart.liver_uptake
    return activity


def _draw_heart(activity: FloatArray, cardiac: FloatArray, heart: DrawnHeart) -> None:
    x, y, z = np.moveaxis(cardiac, -1, 0)
    half = heart.length_mm / 2
    below_valve = z <= half
    # The widest place lies 20 % of the length on the basal side of the centre.
    toward_base = z - 0.2 * heart.length_mm
    epicardium = (heart.radius_mm, heart.radius_mm, 0.7 * heart.length_mm)
    endocardium = tuple(axis - heart.wall_mm for axis in epicardium)
    inside_epi = _ellipsoid((x, y, toward_base), epicardium) & below_valve
    inside_endo = _ellipsoid((x, y, toward_base), endocardium) & below_valve
    shift = 0.75 * heart.radius_mm
    right = _ellipsoid(
        (x + shift, y, z - 0.25 * heart.length_mm),
        (1.15 * heart.radius_mm, 1.05 * heart.radius_mm, 0.6 * heart.length_mm),
    )
    right_cavity = _ellipsoid(
        (x + shift, y, z - 0.25 * heart.length_mm),
        (1.15 * heart.radius_mm - 5, 1.05 * heart.radius_mm - 5, 0.6 * heart.length_mm - 5),
    )
    activity[right & below_valve] = heart.right_ventricle_uptake
    activity[right_cavity & below_valve] = heart.blood_uptake
    activity[inside_epi] = 1.0
    activity[inside_epi & (x > 0) & (y > 0)] = heart.defect_uptake
    activity[inside_endo] = heart.blood_uptake


def _ellipse(x: FloatArray, x_radius: float, y: FloatArray, y_radius: float) -> np.ndarray:
    return (x / x_radius) ** 2 + (y / y_radius) ** 2 <= 1


def _ellipsoid(
    offsets: tuple[FloatArray, ...] | FloatArray, radii: tuple[float, ...]
) -> np.ndarray:
    x, y, z = (offset / radius for offset, radius in zip(offsets, radii, strict=True))
    inside: np.ndarray = x**2 + y**2 + z**2 <= 1
    return inside
