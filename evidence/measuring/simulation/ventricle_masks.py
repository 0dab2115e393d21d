"""Masks of both ventricles as a CT would show them, and what can be measured on them.

Nothing of the phantom's formulas is used: only voxels in the cardiac frame. Angles are about the
axis, degrees, positive towards anterior; heights are parts of the length from the apex.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from shortaxis.anatomy.cardiac_views import CardiacView, view_grid
from shortaxis.geometry.arrays import FloatArray
from shortaxis.phantom.contraction import instant_at
from shortaxis.phantom.crescent import crescent_levels
from shortaxis.phantom.heart import Heart
from shortaxis.phantom.heart_drawing import ventricle_parts
from shortaxis.phantom.heart_points import HeartPoints
from shortaxis.phantom.phantom import usual_pose

__all__ = ["VentricleMasks", "draw_masks", "form_of"]

VOXEL_MM = 2.0
SHAPE = (90, 100, 100)
ANGLES = 72
DIASTASIS = 0.75
"""Part of the cycle in which hearts are scanned by CT."""
TOUCHING_MM = 6.0
"""The right ventricle lies on the left one where it begins within this distance outside it."""
PLACES = (-0.75, -0.5, -0.25, 0.0, 0.25, 0.5, 0.75)
"""Between the inferior (-1) and the anterior insertion (1)."""


@dataclass(frozen=True, eq=False)
class VentricleMasks:
    """Left ventricle with its wall, its wall alone, and blood of the right one, (z, y, x) bool.

    `apex_mm` and `length_mm` are those of the left mask along the axis.
    """

    left: np.ndarray
    wall: np.ndarray
    right: np.ndarray
    apex_mm: float
    length_mm: float

    def height(self, z_mm: np.ndarray) -> np.ndarray:
        """Part of the length from the apex."""
        return (z_mm - self.apex_mm) / self.length_mm


def draw_masks(heart: Heart) -> VentricleMasks:
    """Draw a heart in diastasis."""
    grid = view_grid(CardiacView.SHORT_AXIS, usual_pose(), SHAPE, VOXEL_MM)
    points = HeartPoints.around(heart, usual_pose(), grid, 1)
    if points is None:
        raise AssertionError("the grid misses a heart at its centre")
    instant = instant_at(heart, DIASTASIS)
    parts = ventricle_parts(heart, instant, points)
    right = torch.zeros_like(parts.enclosed)
    if heart.has_right_ventricle:
        inner = crescent_levels(heart, parts.surface, parts.at)[1]
        room = 1 if heart.right_ventricle.form else parts.below_valve
        right = points.occupancy(inner) * room * (1 - parts.enclosed)
    drawn = []
    for each in (parts.enclosed, parts.wall, right):
        whole = torch.zeros(SHAPE)
        whole[points.block.region] = points.averaged(each)
        drawn.append(whole.numpy() > 0.5)
    left, wall, right_mask = drawn
    # The axis ends where the left ventricle does, near the axis.
    z = _coordinates()[0][:, 0, 0]
    on_axis = left[:, SHAPE[1] // 2 - 1 : SHAPE[1] // 2 + 1, SHAPE[2] // 2 - 1 : SHAPE[2] // 2 + 1]
    inside = z[on_axis.any(axis=(1, 2))]
    apex, base = inside.min() - VOXEL_MM / 2, inside.max() + VOXEL_MM / 2
    return VentricleMasks(left, wall, right_mask, float(apex), float(base - apex))


def form_of(masks: VentricleMasks) -> dict[str, float]:
    """Everything that is compared with real hearts; NaN where a heart does not show it."""
    left = _radial(masks.left)
    return {**_left_form(masks, left), **_base(masks), **_right_form(masks)}


def _coordinates() -> FloatArray:
    axes = [(np.arange(size) - (size - 1) / 2) * VOXEL_MM for size in SHAPE]
    return np.stack(np.meshgrid(*axes, indexing="ij"))


def _polar() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Height in mm, angle from the septum towards anterior, distance from the axis."""
    z, y, x = _coordinates()
    # The septum is at 180 degrees of the cardiac angle, anterior at 270.
    angle = (np.degrees(np.arctan2(y, x)) % 360) - 180
    return z, angle, np.hypot(x, y)


def _radial(mask: np.ndarray) -> np.ndarray:
    """Mean radius of every slice, mm, from its area."""
    radius: np.ndarray = np.sqrt(mask.sum(axis=(1, 2)) * VOXEL_MM**2 / np.pi)
    return radius


def _left_form(masks: VentricleMasks, radius: np.ndarray) -> dict[str, float]:
    heights = masks.height(_coordinates()[0][:, 0, 0])
    largest = radius.max()
    parts = {
        f"radius at {height:g}": float(np.interp(height, heights, radius) / largest)
        for height in (0.1, 0.25, 0.5, 0.95)
    }
    return {
        "LV length (mm)": masks.length_mm,
        "epicardial radius (mm)": float(largest),
        "widest height": float(heights[radius.argmax()]),
        **parts,
    }


def _base(masks: VentricleMasks) -> dict[str, float]:
    """Tilt of the base, and where and by how much the septum is shorter."""
    z, angle, distance = _polar()
    rim, ends = [], []
    for low in range(-180, 180, 20):
        sector = (angle >= low) & (angle < low + 20)
        top = z[masks.left & sector & (distance > 12)]
        end = z[masks.wall & sector]
        rim.append(top.max() if top.size else np.nan)
        ends.append(end.max() if end.size else np.nan)
    middle = np.radians(np.arange(-180, 180, 20) + 10)
    along, across = _slope_of_top(masks.left)
    gap = np.array(rim) - np.array(ends)
    short = np.array(ends) - np.nanmax(ends)
    septal = np.abs(np.degrees(middle)) <= 90
    weight = np.where(septal, np.nan_to_num(gap), 0) ** 2
    turned = np.angle((weight * np.exp(1j * middle)).sum(), deg=True) if weight.sum() else np.nan
    return {
        "tilt of the base (deg)": float(np.degrees(np.arctan(np.hypot(along, across)))),
        # 0 is lateral and 90 inferior there.
        "longest wall (deg)": float(np.degrees(np.arctan2(across, along))),
        "septum shorter by (mm)": float(-np.nanmin(short[septal])),
        "centre of the gap (deg)": float(turned),
    }


def _slope_of_top(mask: np.ndarray) -> tuple[float, float]:
    """Rise of the upper end of a mask towards lateral (x) and inferior (y), by a fitted plane."""
    z, y, x = _coordinates()
    columns = mask.any(axis=0)
    top = np.where(mask, z, -np.inf).max(axis=0)
    # The rim is rounded by voxels; the middle of the base is not.
    near = columns & (np.hypot(y[0], x[0]) < 0.75 * np.sqrt(columns.sum() / np.pi) * VOXEL_MM)
    design = np.column_stack([np.ones(near.sum()), x[0][near], y[0][near]])
    _, along, across = np.linalg.lstsq(design, top[near], rcond=None)[0]
    return float(along), float(across)


def _right_form(masks: VentricleMasks) -> dict[str, float]:
    z, angle, distance = _polar()
    heights = masks.height(z)
    mid = _insertions(masks, heights, angle, distance, 0.5)
    middle = sum(mid) / 2
    values = {
        "insertion, anterior (deg)": mid[1] - middle,
        "insertion, inferior (deg)": mid[0] - middle,
        "septal arc (deg)": mid[1] - mid[0],
    }
    for name, height in (("apical", 0.23), ("basal", 0.83)):
        low, high = _insertions(masks, heights, angle, distance, height)
        values[f"septal arc, {name} (deg)"] = high - low
        values[f"middle of the septum, {name} (deg)"] = (low + high) / 2 - middle
    for name, height in (("apical", 0.23), ("mid", 0.5), ("basal", 0.83)):
        here = masks.right & (np.abs(heights - height) < 0.05)
        values[f"RV centroid, {name} (deg)"] = _centroid(here) - middle
        far = np.where(here, distance, 0)
        place = np.unravel_index(far.argmax(), far.shape)
        values[f"farthest RV point, {name} (deg)"] = (
            float(angle[place]) - middle if here.any() else np.nan
        )
    values |= _depths(masks, heights, angle, distance, mid)
    return {**values, **_extent(masks, heights, angle)}


def _insertions(
    masks: VentricleMasks,
    heights: np.ndarray,
    angle: np.ndarray,
    distance: np.ndarray,
    height: float,
) -> tuple[float, float]:
    """Angles between which the right ventricle lies on the left one in a slab, (low, high)."""
    slab = np.abs(heights - height) < 0.04
    touching = []
    for low in np.arange(-180, 180, 360 / ANGLES):
        sector = slab & (angle >= low) & (angle < low + 360 / ANGLES)
        edge = distance[sector & masks.left]
        begin = distance[sector & masks.right]
        close = edge.size and begin.size and begin.min() - edge.max() < TOUCHING_MM
        touching.append(bool(close))
    runs = np.flatnonzero(touching)
    if not runs.size:
        return np.nan, np.nan
    step = 360 / ANGLES
    return float(runs[0] * step - 180), float((runs[-1] + 1) * step - 180)


def _centroid(mask: np.ndarray) -> float:
    _, y, x = (each[mask].mean() if mask.any() else np.nan for each in _coordinates())
    return float((np.degrees(np.arctan2(y, x)) % 360) - 180)


def _depths(
    masks: VentricleMasks,
    heights: np.ndarray,
    angle: np.ndarray,
    distance: np.ndarray,
    mid: tuple[float, float],
) -> dict[str, float]:
    """How far the right ventricle reaches beyond the left one between the insertions, mm."""
    slab = np.abs(heights - 0.5) < 0.04
    values = {}
    for place in PLACES:
        at = (mid[0] + mid[1]) / 2 + place * (mid[1] - mid[0]) / 2
        sector = slab & (np.abs(angle - at) < 4)
        edge, far = distance[sector & masks.left], distance[sector & masks.right]
        reach = float(far.max() - edge.max()) if edge.size and far.size else np.nan
        values[f"RV depth at {place:+g} (mm)"] = reach
    return values


def _extent(masks: VentricleMasks, heights: np.ndarray, angle: np.ndarray) -> dict[str, float]:
    if not masks.right.any():
        names = ("RV volume (ml)", "RV from", "RV to", "RV top, anterior", "RV top, inferior")
        return dict.fromkeys(names, np.nan)
    inside = heights[masks.right]
    sides = {"anterior": angle > 20, "inferior": angle < -20}
    return {
        "RV volume (ml)": float(masks.right.sum()) * VOXEL_MM**3 / 1000,
        "RV from": float(np.percentile(inside, 0.5)),
        "RV to": float(np.percentile(inside, 99.5)),
        **{
            f"RV top, {name}": float(np.percentile(heights[masks.right & side], 99))
            for name, side in sides.items()
        },
    }
