"""A heart that beats by a formula, and a network that knows it."""

from __future__ import annotations

import numpy as np

from shortaxis.anatomy.hybrid_grid import RAY_ANGLES, RAY_ROWS
from shortaxis.function.beating_wall import BeatingWall, draw_beating_wall
from shortaxis.function.harmonics import BeatFit
from shortaxis.geometry.arrays import CountsArray, FloatArray
from shortaxis.geometry.pose import RigidPose
from shortaxis.reorientation.weights import BoundLaw
from shortaxis.spect.volume import SpectVolume
from shortaxis.ventricle.trust import BOUNDED_WALL_ERRORS, WallLimits, WallTrust
from shortaxis.ventricle.wall_network import WallDrawer

GRID = (RAY_ROWS, RAY_ANGLES)
POSE = RigidPose(np.eye(3), np.array([4.0, -6.0, 10.0]))
VOXEL_MM, SIZE, VALVE_MM = 6.0, 26, 34.0
SLOTS = 8


def contraction(slots: int = SLOTS) -> FloatArray:
    """0 at end-diastole, 1 at end-systole; two harmonics."""
    turn = 2 * np.pi * np.arange(slots) / slots
    return 0.5 - 0.5 * np.cos(turn) + 0.15 * np.sin(turn)


def radii_mm(slots: int = SLOTS) -> FloatArray:
    """Of the middle of the wall."""
    return 30.0 - 5.0 * contraction(slots)


def beating_gates(slots: int = SLOTS, late: float = 0.0) -> tuple[CountsArray, SpectVolume]:
    """A bullet whose wall moves inwards and brightens; its lateral side `late`, in cycles."""
    affine = np.zeros((4, 4))
    affine[0, 2] = affine[1, 1] = affine[2, 0] = VOXEL_MM
    affine[:3, 3] = POSE.center_mm - VOXEL_MM * (SIZE - 1) / 2
    affine[3, 3] = 1
    index = np.moveaxis(np.indices((SIZE,) * 3), 0, -1)
    points = POSE.to_cardiac(index @ affine[:3, :3].T + affine[:3, 3])
    height = np.minimum(points[..., 2] + 12.0, 0)
    radius = np.sqrt((points[..., :2] ** 2).sum(axis=-1) + height**2)
    inside = points[..., 2] < VALVE_MM
    x = points[..., 0] / np.maximum(np.hypot(points[..., 0], points[..., 1]), 1)
    turn = 2 * np.pi * (np.arange(slots)[:, None, None, None] / slots - late * x / 2)
    contracted = 0.5 - 0.5 * np.cos(turn) + 0.15 * np.sin(turn)
    middle = 30.0 - 5.0 * contraction(slots)[:, None, None, None]
    wall = np.exp(-0.5 * ((radius - middle) / 6.0) ** 2) * (1 + 0.4 * contracted) * inside
    gates = (100 * wall + 5).astype(np.float32)
    return gates, SpectVolume(gates.sum(axis=0), affine)


class KnowsTheBeat:
    """Stands for the network: tells the radius that the counts have, and a wall of 10 mm."""

    def __call__(self, **inputs: np.ndarray) -> dict[str, np.ndarray]:
        depths = 2.5 * np.arange(1, 29)[:, None, None]
        counts = inputs["counts"][0].astype(np.float64) ** 4
        middle = (counts * depths).sum(axis=0) / np.maximum(counts.sum(axis=0), 1e-9)
        ones = np.ones(GRID)
        said = {
            "middle_mm": np.full(GRID, np.median(middle[8:16])),
            "thickness_mm": 10 * ones,
            "log_scale": np.zeros((2, *GRID)),
            "is_wall": np.where(np.arange(RAY_ROWS)[:, None] < 17, ones, -ones),
            "is_seen": ones,
            "valve": np.array([VALVE_MM, 0.0, 0.0, 0.0, 0.0]),
            "log_spread": np.log(np.array([1.0, 2.0, 3.0, 0.1, 4.0])),
        }
        return {name: value[None].astype(np.float32) for name, value in said.items()}


DRAWER = WallDrawer(
    KnowsTheBeat(),  # type: ignore[arg-type]
    WallTrust(
        {name: BoundLaw(2.0, 1.0) for name in BOUNDED_WALL_ERRORS}, WallLimits(3.0, 8.0, 0.1)
    ),
)


def beating_wall(gates: CountsArray, volume: SpectVolume) -> BeatingWall:
    """Drawn by that network."""
    return draw_beating_wall(gates, volume, POSE, BeatFit(np.ones(len(gates), dtype=bool)), DRAWER)
