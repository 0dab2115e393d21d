"""Atria and great vessels: blood around the base of the heart, in the cardiac frame, mm."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from shortaxis.geometry.affines import apply_affine
from shortaxis.geometry.arrays import FloatArray
from shortaxis.geometry.pose import invert
from shortaxis.phantom.canvas import Block, Canvas, Implicit, block_around
from shortaxis.phantom.phantom import Phantom
from shortaxis.phantom.shapes import boxed_ellipsoid, boxed_tube

__all__ = ["paint_great_vessels", "paint_pericardial_fat"]


def paint_great_vessels(phantom: Phantom, canvas: Canvas, attenuation_per_cm: float) -> None:
    """Paint both atria, the aortic root and the pulmonary artery."""
    uptake = phantom.heart.blood.uptake
    for vessel in _vessels(phantom):
        block, occupancy = _occupied(phantom, canvas, vessel)
        if block is not None:
            canvas.paint(block, occupancy, uptake, attenuation_per_cm)


def paint_pericardial_fat(
    phantom: Phantom, canvas: Canvas, attenuation_per_cm: float, room: Tensor
) -> None:
    """Paint the soft tissue that separates the ventricles from lung and diaphragm.

    `room` is the occupancy of the chest's cavity: the ribs stay in front of the heart.
    """
    heart = phantom.heart
    shape, right = heart.left_ventricle, heart.right_ventricle
    fat = heart.pericardial_fat_mm
    septal = shape.radius_mm + (right.width_mm + right.wall_mm if heart.has_right_ventricle else 0)
    half_width = (septal + shape.radius_mm) / 2 + fat
    half_height = 1.06 * shape.radius_mm + fat
    center = ((shape.radius_mm - septal) / 2, 0.0, 0.12 * shape.length_mm)
    axes = (half_width, half_height, 0.62 * shape.length_mm + fat)
    body = boxed_ellipsoid(center, axes)
    block, occupancy = _occupied(phantom, canvas, body)
    if block is not None:
        occupancy = occupancy * room[block.region]
        canvas.paint(block, occupancy, phantom.torso.body.fat_uptake, attenuation_per_cm)


def _vessels(phantom: Phantom) -> list[tuple[FloatArray, Implicit]]:
    shape, blood = phantom.heart.left_ventricle, phantom.heart.blood
    base, radius = shape.length_mm / 2, shape.radius_mm
    left, right = blood.left_atrium_radius_mm, blood.right_atrium_radius_mm
    atria = (
        ((4.0, 4.0, base + 0.75 * left), (1.25 * left, 1.1 * left, 0.85 * left)),
        ((-radius - 0.9 * right, 8.0, base + 0.4 * right), (right, 1.2 * right, right)),
    )
    # The aorta leaves beside the septum, the pulmonary artery crosses in front of it; both rise
    # towards the patient's head, however the heart is turned.
    up = phantom.pose.patient_from_cardiac[2]
    aorta = _rising((-10.0, -8.0, base), up, ((-12.0, 0.0, 6.0, 35.0), (-16.0, 0.0, 4.0, 90.0)))
    artery = _rising(
        (-26.0, -radius, base - 18), up, ((16.0, 0.0, 18.0, 28.0), (24.0, 0.0, 40.0, 45.0))
    )
    vessels = (
        (aorta, blood.aorta_radius_mm),
        (artery, blood.pulmonary_artery_radius_mm),
    )
    boxed = [boxed_ellipsoid(center, axes) for center, axes in atria]
    return boxed + [boxed_tube(course, size) for course, size in vessels]


def _rising(
    start: tuple[float, float, float], up: FloatArray, steps: tuple[tuple[float, ...], ...]
) -> list[tuple[float, float, float]]:
    """Waypoints from a start: each step holds a cardiac offset and a rise, mm."""
    course = [start]
    for step in steps:
        x, y, z = (np.add(start, step[:3]) + step[3] * up).tolist()
        course.append((x, y, z))
    return course


def _occupied(
    phantom: Phantom, canvas: Canvas, shape: tuple[FloatArray, Implicit]
) -> tuple[Block | None, Tensor]:
    """Block and occupancy of a shape given in the cardiac frame; no block off the grid."""
    corners, level = shape
    block = block_around(canvas.grid, apply_affine(phantom.pose.matrix, corners))
    if block is None:
        return None, torch.zeros(0)
    return block, block.occupancy(level(*block.coordinates(invert(phantom.pose).matrix)))
