"""A left ventricle of known wall, drawn from a formula for tests of the quantification.

The wall is a shell of even thickness around an ellipsoid that is open at the valve plane, blurred
once; so the middle of the wall, its ends and its area are known.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from shortaxis.geometry.affines import apply_affine
from shortaxis.geometry.arrays import FloatArray
from shortaxis.geometry.grids import Grid
from shortaxis.geometry.pose import RigidPose
from shortaxis.spect.volume import SpectVolume

WALL_MM = 10.0
SHARPNESS_MM = 4.5
"""Standard deviation of the blur."""

Uptake = Callable[[FloatArray, FloatArray], FloatArray]
"""Of heights (0 epicardial apex, 1 valve plane) and cardiac angles in degrees."""


@dataclass(frozen=True)
class Shell:
    """Sizes of the mid-wall surface, mm: its length from epicardial apex to valve plane.

    `bluntness` is the exponent of the superellipse below the widest place: 2 is an ellipse.
    """

    length_mm: float = 84.0
    radius_mm: float = 27.0
    bluntness: float = 2.0

    @property
    def axial_mm(self) -> float:
        """From the widest place to the middle of the wall at the apex."""
        return (self.length_mm - WALL_MM / 2) / 1.5

    @property
    def widest_z_mm(self) -> float:
        """Where it is widest; half of `axial_mm` before the valve plane."""
        return -self.length_mm / 2 + WALL_MM / 2 + self.axial_mm

    def off_mm(self, radius: FloatArray, z: FloatArray) -> FloatArray:
        """Distance from the mid-wall surface, to first order; outside it is positive."""
        n = self.bluntness
        across = radius / self.radius_mm
        along = np.abs(np.minimum(z - self.widest_z_mm, 0)) / self.axial_mm
        shape = np.maximum(across**n + along**n, 1e-9) ** (1 / n)
        slope = np.hypot(
            (across / shape) ** (n - 1) / self.radius_mm, (along / shape) ** (n - 1) / self.axial_mm
        )
        return (shape - 1) / np.maximum(slope, 1e-6)


def even(heights: FloatArray, angles: FloatArray) -> FloatArray:
    """A healthy wall."""
    return np.ones_like(heights)


def draw_shell(
    grid: Grid, pose: RigidPose, shell: Shell = Shell(), uptake: Uptake = even
) -> SpectVolume:
    """Counts of a blurred shell, 100 in an even wall before the blur."""
    fine = Grid(
        tuple(2 * n for n in grid.shape),
        grid.patient_from_index @ _halved(),
    )
    cardiac = pose.to_cardiac(apply_affine(fine.patient_from_index, _indices(fine.shape)))
    x, y, z = np.moveaxis(cardiac, -1, 0)
    counts = 5.0 + 95.0 * _wall(shell, np.hypot(x, y), z) * uptake(
        (z + shell.length_mm / 2) / shell.length_mm, np.rad2deg(np.arctan2(y, x))
    )
    blurred = ndimage.gaussian_filter(counts, SHARPNESS_MM / fine.spacing_mm)
    shape = [size for n in grid.shape for size in (n, 2)]
    return SpectVolume(blurred.reshape(shape).mean(axis=(1, 3, 5)), grid.patient_from_index)


def _wall(shell: Shell, radius: FloatArray, z: FloatArray) -> FloatArray:
    distance = shell.off_mm(radius, z)
    return ((np.abs(distance) < WALL_MM / 2) & (z < shell.length_mm / 2)).astype(float)


def _halved() -> FloatArray:
    affine = np.diag([0.5, 0.5, 0.5, 1.0])
    affine[:3, 3] = -0.25
    return affine


def _indices(shape: tuple[int, ...]) -> FloatArray:
    return np.moveaxis(np.indices(shape).astype(float), 0, -1)


def patient_grid(spacing_mm: float = 4.0, edge_mm: float = 168.0) -> Grid:
    """A cube of transaxial slices around the patient's origin."""
    n = round(edge_mm / spacing_mm)
    affine = np.zeros((4, 4))
    affine[:3, :3] = spacing_mm * np.eye(3)[:, ::-1]
    affine[:3, 3] = -spacing_mm * (n - 1) / 2
    affine[3, 3] = 1.0
    return Grid((n, n, n), affine)
