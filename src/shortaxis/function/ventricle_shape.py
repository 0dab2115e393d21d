"""How round a left ventricle is: two numbers of its shape at one moment of the beat."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from shortaxis.anatomy.hybrid_grid import POLAR_ROWS
from shortaxis.function.pooled_profile import ray_areas_mm2
from shortaxis.geometry.arrays import FloatArray
from shortaxis.ventricle.integration import apex_z_mm
from shortaxis.ventricle.surfaces import VentricleSurfaces

__all__ = ["VentricleShape", "fitted_ellipsoid", "ventricle_shape"]

SHORTEST_MM = 1.0


@dataclass(frozen=True)
class VentricleShape:
    """Shape of the cavity and of the wall.

    Parameters
    ----------
    sphericity : float
        Widest diameter of the cavity across the axis over its length from the endocardial apex to
        the valve plane: 1 for a ball that is cut nowhere, less for a long ventricle. It is the
        shape index of Abidov et al., J Nucl Cardiol 2006;13:660.
    eccentricity : float or None
        ``sqrt(1 - rx * ry / rz**2)`` of the ellipsoid that fits the middle of the wall best, with
        half axes `rz` along the ventricle and `rx`, `ry` across it, as Cedars-Sinai's QGS tells
        it: 0 for a ball, towards 1 for a line. None where no ellipsoid fits.
    """

    sphericity: float
    eccentricity: float | None


def ventricle_shape(surfaces: VentricleSurfaces) -> VentricleShape:
    """Read the shape of one moment from its surfaces, up to the valve plane."""
    return VentricleShape(_sphericity(surfaces), _eccentricity(surfaces))


def fitted_ellipsoid(points_mm: FloatArray, weights: FloatArray) -> FloatArray | None:
    """Half axes (3,) along x, y and z of the ellipsoid that fits points best; None where none does.

    ``a x**2 + b y**2 + c z**2 + d x + e y + f z = 1`` is solved by least squares: the centre is
    free, the directions are those of the frame.

    Parameters
    ----------
    points_mm : (point, 3) array
        In the frame of the pose.
    weights : (point,) array
        Such as the area that each stands for.
    """
    rows = np.concatenate([points_mm**2, points_mm], axis=1)
    root = np.sqrt(weights)
    solved, _, rank, _ = np.linalg.lstsq(rows * root[:, None], root, rcond=None)
    squares, linear = solved[:3], solved[3:]
    if rank < rows.shape[1] or not (squares != 0).all():
        return None
    # Completing the squares: what is left on the right side over each factor.
    found = (1 + (linear**2 / (4 * squares)).sum()) / squares
    if not (found > 0).all():
        return None
    axes: FloatArray = np.sqrt(found)
    return axes


def _eccentricity(surfaces: VentricleSurfaces) -> float | None:
    points = surfaces.points_mm()
    below = surfaces.valve.above_mm(points) <= 0
    axes = fitted_ellipsoid(points[below], ray_areas_mm2(surfaces.middle_mm)[below])
    if axes is None:
        return None
    across = float(axes[0] * axes[1])
    return float(np.sqrt(max(1 - across / float(axes[2] ** 2), 0.0)))


def _sphericity(surfaces: VentricleSurfaces) -> float:
    below = surfaces.valve.above_mm(surfaces.points_mm(0.0)) <= 0
    radius = np.where(below, surfaces.endocardium_mm, 0).mean(axis=1)[POLAR_ROWS:]
    length = float(surfaces.valve.center_mm[2]) - apex_z_mm(surfaces.endocardium_mm)
    return 2 * float(radius.max()) / max(length, SHORTEST_MM)
