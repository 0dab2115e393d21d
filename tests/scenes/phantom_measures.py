"""The pose of a drawn heart measured from its voxels with numpy alone, and grids to draw on."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from shortaxis.geometry.affines import affine_from_axes, apply_affine
from shortaxis.geometry.grids import Grid
from shortaxis.phantom.drawing import draw_phantom
from shortaxis.phantom.heart import BloodPools, HeartMotion
from shortaxis.phantom.organs import (
    Body,
    EllipsoidOrgan,
    Liver,
    Lungs,
    Respiration,
    Skeleton,
    Stomach,
)
from shortaxis.phantom.phantom import Phantom
from shortaxis.phantom.torso import Torso

STILL = HeartMotion(ejection_fraction=0.0, base_excursion_mm=0.0, apex_excursion_mm=0.0)
NO_BLOOD = BloodPools(uptake=0.0)
CAP_MM = (1.5, 4.5)
"""Depth below the epicardial apex, where the wall is solid."""


def upright_grid(shape: tuple[int, int, int], spacing_mm: float, center_mm: tuple = (0, 0, 0)):
    affine = affine_from_axes(((0, 0, 1), (0, 1, 0), (1, 0, 0)), spacing_mm, (0, 0, 0))
    affine[:3, 3] = np.asarray(center_mm) - apply_affine(affine, (np.array(shape) - 1) / 2)
    return Grid(shape, affine)


def silent_torso() -> Torso:
    """A torso that attenuates but holds no activity."""
    nothing = EllipsoidOrgan((0, 0, -100), (20, 20, 20), uptake=0.0)
    return Torso(
        body=Body(uptake=0.0, fat_uptake=0.0),
        lungs=Lungs(uptake=0.0),
        skeleton=Skeleton(uptake=0.0),
        liver=Liver(uptake=0.0),
        stomach=Stomach(wall_uptake=0.0, content_uptake=0.0),
        gall_bladder=nothing,
        spleen=nothing,
        right_kidney=nothing,
        left_kidney=nothing,
        bowel=(),
        respiration=Respiration(0.0, 0.0),
    )


@dataclass(frozen=True)
class MeasuredPose:
    center_mm: np.ndarray
    patient_from_cardiac: np.ndarray


def voxels(occupancy: np.ndarray, grid: Grid, threshold: float = 0.5) -> np.ndarray:
    return apply_affine(grid.patient_from_index, np.argwhere(occupancy > threshold))


def measure_pose(phantom: Phantom, grid: Grid, wall: np.ndarray) -> MeasuredPose:
    """Apex, rim of the valve and insertions of the right ventricle, from voxels only."""
    muscle = voxels(wall, grid)
    apex, valve, axis = measure_long_axis(muscle)
    lateral = -measure_septal_direction(phantom, grid, muscle, (valve, axis))
    rotation = np.stack([lateral, np.cross(axis, lateral), axis], axis=1)
    return MeasuredPose((apex + valve) / 2, rotation)


def measure_long_axis(muscle: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Epicardial apex, centre of the valve's rim, and the direction from one to the other."""
    middle = muscle.mean(axis=0)
    axis = np.linalg.eigh(np.cov((muscle - middle).T))[1][:, -1]
    along = (muscle - middle) @ axis
    off = np.linalg.norm(muscle - middle - along[:, None] * axis, axis=1)
    # The base is open: near the axis, there is muscle at the apex only.
    axis = axis if along[off < 10].mean() < 0 else -axis
    for _ in range(6):
        apex, valve = _apex(muscle, axis), _valve(muscle, axis)
        axis = (valve - apex) / np.linalg.norm(valve - apex)
    return apex, valve, axis


def _apex(muscle: np.ndarray, axis: np.ndarray) -> np.ndarray:
    along = muscle @ axis
    # Voxel centres: the surface is where the cross-section would vanish, r^2 being linear.
    steps = along.min() + np.arange(0.5, 6.5, 0.5)
    areas = [((along >= step - 0.75) & (along < step + 0.75)).sum() for step in steps]
    slope, offset = np.polyfit(steps[2:], areas[2:], 1)
    depth = along + offset / slope
    cap = muscle[(depth > CAP_MM[0]) & (depth < CAP_MM[1])].mean(axis=0)
    return cap - (cap @ axis + offset / slope) * axis


def _valve(muscle: np.ndarray, axis: np.ndarray) -> np.ndarray:
    """Centre of the area within the outer rim, in the plane through the upper end of the wall."""
    middle = muscle.mean(axis=0)
    first, second = across(axis)
    x, y, z = ((muscle - middle) @ direction for direction in (first, second, axis))
    sector = sectors(x, y)
    highest = [max(np.flatnonzero(sector == each), key=z.__getitem__) for each in range(60)]
    ones = np.ones_like(x)
    plane = np.linalg.lstsq(np.stack([ones, x, y], 1)[highest], z[highest], rcond=None)[0]
    near = plane @ np.stack([ones, x, y]) - z < 3.0
    center_x, center_y = outline_center(x[near], y[near])
    height = plane @ (1.0, center_x, center_y)
    return middle + center_x * first + center_y * second + height * axis


def across(axis: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    first = np.cross(axis, (1.0, 0.3, 0.2))
    first /= np.linalg.norm(first)
    return first, np.cross(axis, first)


def sectors(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return np.floor((np.arctan2(y, x) + np.pi) / (2 * np.pi) * 60).astype(int) % 60


def outline_center(x: np.ndarray, y: np.ndarray) -> tuple[float, float]:
    """Centre of area (shoelace formula) of the polygon through the outermost points."""
    radius, sector = np.hypot(x, y), sectors(x, y)
    outermost = [radius[sector == each].max() for each in range(60)]
    turns = (np.arange(60) + 0.5) / 60 * 2 * np.pi - np.pi
    rim_x, rim_y = outermost * np.cos(turns), outermost * np.sin(turns)
    cross = rim_x * np.roll(rim_y, -1) - np.roll(rim_x, -1) * rim_y
    return tuple(
        ((rim + np.roll(rim, -1)) * cross).sum() / (3 * cross.sum()) for rim in (rim_x, rim_y)
    )


def measure_septal_direction(
    phantom: Phantom, grid: Grid, muscle: np.ndarray, long_axis: tuple[np.ndarray, np.ndarray]
) -> np.ndarray:
    """Halfway between the insertions of the right ventricle, seen from the centre of the ring."""
    maps = []
    for has_right_ventricle in (True, False):
        heart = replace(phantom.heart, has_right_ventricle=has_right_ventricle, blood=NO_BLOOD)
        alone = replace(phantom, heart=heart, torso=silent_torso())
        maps.append(draw_phantom(alone, grid, supersampling=1).activity.numpy())
    level = phantom.heart.right_ventricle.uptake
    free_wall = voxels((maps[0] - maps[1]) / level, grid)
    valve, axis = long_axis
    first, second = across(axis)
    directions = np.stack([first, second, axis], axis=1)
    ring = (muscle - valve) @ directions
    ring = ring[abs(ring[:, 2] + 18) < 2]
    center = np.array(outline_center(ring[:, 0], ring[:, 1]))
    slab = (free_wall - valve) @ directions
    slab = slab[abs(slab[:, 2] + 18) < 2, :2] - center
    radius = np.linalg.norm(ring[:, :2] - center, axis=1)
    sector = sectors(*(ring[:, :2] - center).T)
    outermost = np.array([radius[sector == each].max() for each in range(60)])
    touching = slab[np.linalg.norm(slab, axis=1) < outermost[sectors(*slab.T)] + 2.5]
    septal = touching.mean(axis=0)
    side = np.sign(touching @ (-septal[1], septal[0]))
    unit = touching / np.linalg.norm(touching, axis=1, keepdims=True)
    ends = [unit[side == each].mean(axis=0) for each in (-1, 1)]
    middle = sum(end / np.linalg.norm(end) for end in ends)
    direction = middle[0] * first + middle[1] * second
    return direction / np.linalg.norm(direction)


def angle_deg(first: np.ndarray, second: np.ndarray) -> float:
    return float(np.degrees(np.arccos(np.clip(first @ second, -1, 1))))
