"""How far a heart reaches: points that bound both ventricles, without drawing them."""

from __future__ import annotations

import numpy as np

from shortaxis.geometry.arrays import FloatArray
from shortaxis.phantom.heart import Heart

__all__ = ["outermost_points_mm"]

RING_HEIGHTS = (0.3, 0.6, 1.0)
RIGHT_HEIGHTS = (0.4, 0.7, 0.95)
RING_DEG = np.arange(0.0, 360.0, 30.0)
SEPTAL_DEG = np.arange(150.0, 211.0, 15.0)


def outermost_points_mm(heart: Heart) -> FloatArray:
    """Points that the ventricles reach, in the cardiac frame, (n, 3), averaged over the cycle.

    The apex, rings of the epicardium at its widest harmonics, and a free right wall that lies a
    whole width beyond the septum: no less than what is drawn of any form.
    """
    rings = [_ring(heart, height, RING_DEG, 0.0) for height in RING_HEIGHTS]
    apex = np.array([[0.0, 0.0, -heart.left_ventricle.length_mm / 2]])
    right = heart.right_ventricle
    walls = [
        _ring(heart, height, SEPTAL_DEG, right.width_mm + right.wall_mm)
        for height in RIGHT_HEIGHTS
        if heart.has_right_ventricle
    ]
    return np.vstack([apex, *rings, *walls])


def _ring(heart: Heart, height: float, angles_deg: FloatArray, beyond_mm: float) -> FloatArray:
    shape = heart.left_ventricle
    below = max((shape.widest_height - height) / shape.widest_height, 0.0)
    closing = (1 - below**shape.apex_bluntness) ** (1 / shape.apex_bluntness)
    widest = shape.radius_mm * (1 + shape.ellipticity + shape.triangularity)
    radius = widest * closing + beyond_mm
    x, y = radius * np.cos(np.radians(angles_deg)), radius * np.sin(np.radians(angles_deg))
    slope = np.tan(np.radians(shape.valve_tilt_deg))
    direction = np.radians(shape.valve_tilt_direction_deg)
    rise = slope * (np.cos(direction) * x + np.sin(direction) * y)
    z = -shape.length_mm / 2 + height * (shape.length_mm + rise)
    return np.column_stack([x, y, z])
