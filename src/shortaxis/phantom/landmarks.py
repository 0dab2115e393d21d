"""Where the apex, the valve and the insertions of the right ventricle lie, in cardiac mm."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import ArrayLike

from shortaxis.errors import GeometryError
from shortaxis.geometry.arrays import FloatArray
from shortaxis.phantom.formed_crescent import MID_HEIGHT, insertion_angles_deg
from shortaxis.phantom.heart import Heart
from shortaxis.phantom.ventricle_surface import (
    VentricleSurface,
    WallCoordinates,
    rest_instant,
)

__all__ = [
    "apex_mm",
    "right_ventricle_insertions_mm",
    "valve_center_mm",
    "valve_rim_mm",
]


def apex_mm(heart: Heart) -> FloatArray:
    """Epicardial apex, averaged over the cycle: ``(0, 0, -length / 2)``."""
    return np.array([0.0, 0.0, -heart.left_ventricle.length_mm / 2])


def valve_center_mm(heart: Heart) -> FloatArray:
    """Centre of the mitral valve plane, averaged over the cycle: ``(0, 0, +length / 2)``."""
    return np.array([0.0, 0.0, heart.left_ventricle.length_mm / 2])


def valve_rim_mm(heart: Heart, points: int = 72) -> FloatArray:
    """Where the epicardium meets the valve plane, ``(points, 3)``, from the lateral wall on."""
    angles = np.linspace(0.0, 360.0, points, endpoint=False)
    return _epicardial_points(heart, 1.0, angles)


def right_ventricle_insertions_mm(heart: Heart, height: float | None = None) -> FloatArray:
    """Anterior and inferior insertion of the right ventricle, ``(2, 3)``.

    `height` is a fraction of the long axis from the widest height (the default) to 1; lower
    down the insertions of an ellipse come together towards ``-x_c``. Those of a crescent with a
    form are known from its apex on; the default is mid-height, where their middle is at ``-x_c``.
    """
    shape = heart.left_ventricle
    right = heart.right_ventricle
    lowest = shape.widest_height if right.form is None else right.apex_height
    usual = shape.widest_height if right.form is None else MID_HEIGHT
    at_height = usual if height is None else height
    if not heart.has_right_ventricle or not lowest <= at_height <= 1:
        raise GeometryError(
            "no insertions of the right ventricle here",
            expected=f"a right ventricle and a height from {lowest:g} to 1",
            found=f"height {at_height:g}, right ventricle: {heart.has_right_ventricle}",
        )
    if right.form is not None:
        return _epicardial_points(
            heart, at_height, insertion_angles_deg(right, right.form, at_height)
        )
    half_angle = right.insertion_angle_deg
    return _epicardial_points(heart, at_height, np.array([180.0 + half_angle, 180.0 - half_angle]))


def _epicardial_points(heart: Heart, height: float, angles_deg: ArrayLike) -> FloatArray:
    surface = VentricleSurface(heart, rest_instant(heart))
    angles = torch.from_numpy(np.radians(angles_deg))
    unit = WallCoordinates(torch.full_like(angles, height), torch.cos(angles), torch.sin(angles))
    radius = surface.radius_mm * surface.relative_radius(unit) * surface.closing(unit.height, 0.0)
    on_wall = WallCoordinates(unit.height, unit.x * radius, unit.y * radius)
    points: FloatArray = torch.stack(surface.positions(on_wall), dim=1).numpy()
    return points
