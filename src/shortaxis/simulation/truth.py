"""What is exactly known of a simulated heart besides its pose.

Everything is given in the cardiac frame of the exam's pose, mm, and follows from the parameters
alone: surfaces by `shortaxis.phantom.wall_radii`, volumes by integration, fields of contraction as
they were drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch

from shortaxis.anatomy.hybrid_grid import ray_points_mm
from shortaxis.geometry.arrays import FloatArray
from shortaxis.phantom.contraction import (
    AVERAGING_SLOTS,
    cavity_volume_ml,
    instant_at,
    wall_volume_ml,
)
from shortaxis.phantom.heart import Heart
from shortaxis.phantom.heart_drawing import wall_depth, wall_uptake
from shortaxis.phantom.local_motion import amplitude_field, delay_field
from shortaxis.phantom.regional_contraction import RegionalContraction
from shortaxis.phantom.ventricle_surface import HeartInstant, VentricleSurface, rest_instant
from shortaxis.phantom.wall_radii import WallRadii, wall_radii
from shortaxis.simulation.exam_truth import ExamTruth, Rays

__all__ = ["lost_uptake", "truth_of"]

FINE_PHASES = 32
"""At which end diastole and end systole are looked for."""
DEPTHS = (0.1, 0.3, 0.5, 0.7, 0.9)
"""Of the wall in mm, at which its uptake is averaged; what is lost there is what is drawn there."""


def truth_of(heart: Heart, time_slots: int = 0) -> ExamTruth:
    """Work out what is known of a heart.

    Parameters
    ----------
    heart : Heart
        Its parameters.
    time_slots : int
        Of the cycle; 0 for an ungated exam, which shows the mean.
    """
    count = time_slots or AVERAGING_SLOTS
    instants = [instant_at(heart, slot / count) for slot in range(count)]
    fine = [cavity_volume_ml(heart, instant_at(heart, k / FINE_PHASES)) for k in range(FINE_PHASES)]
    apart = FINE_PHASES // count
    is_among = apart * count == FINE_PHASES
    radii = [wall_radii(heart, instant) for instant in instants]
    valves = [_valve(heart, instant) for instant in instants]
    rows: dict[str, np.ndarray] = {
        "endocardium_mm": np.stack([each.endocardium_mm for each in radii]),
        "epicardium_mm": np.stack([each.epicardium_mm for each in radii]),
        "is_wall": np.stack([each.is_wall for each in radii]).astype(np.float32),
        "valve_center_mm": np.stack([center for center, _ in valves]),
        "valve_normal": np.stack([normal for _, normal in valves]),
        "cavity_ml": np.array(
            fine[::apart] if is_among else [cavity_volume_ml(heart, each) for each in instants]
        ),
        "wall_ml": np.array([wall_volume_ml(heart, each) for each in instants]),
    }
    if not time_slots:
        rows = {name: each.mean(axis=0, keepdims=True) for name, each in rows.items()}
    is_wall = rows.pop("is_wall") >= 0.5
    return ExamTruth(
        **{name: each.astype(np.float32) for name, each in rows.items()},
        **_fields(heart, wall_radii(heart, rest_instant(heart))),
        is_wall=is_wall,
        end_diastolic_ml=max(fine),
        end_systolic_ml=min(fine),
        end_systole=heart.motion.end_systole,
    )


def lost_uptake(heart: Heart) -> Rays:
    """Part of the uptake (row, angle) that defects and an aneurysm take, on the hybrid grid."""
    ventricle = replace(heart.left_ventricle, aneurysm=None)
    healthy = replace(heart, defects=(), left_ventricle=ventricle)
    kept, whole = (
        _fields(each, wall_radii(each, rest_instant(each)))["uptake"] for each in (heart, healthy)
    )
    return np.asarray(1 - kept / np.maximum(whole, 1e-3), dtype=np.float32)


def _valve(heart: Heart, instant: HeartInstant) -> tuple[FloatArray, FloatArray]:
    """Centre and normal of the valve plane, towards the base, in the cardiac frame."""
    # Its equation is z = apex + length + tilt . (x, y).
    tilt_x, tilt_y = VentricleSurface(heart, instant).tilt
    normal = np.array([-tilt_x, -tilt_y, 1.0])
    center = np.array([0.0, 0.0, instant.apex_z_mm + instant.length_mm])
    return center, normal / np.linalg.norm(normal)


def _fields(heart: Heart, radii: WallRadii) -> dict[str, Rays]:
    """Uptake, delay and amplitude where the rays pass the wall at rest."""
    surface = VentricleSurface(heart, rest_instant(heart))
    regional = heart.contraction or RegionalContraction()
    layers = []
    for depth in DEPTHS:
        radius = radii.endocardium_mm + depth * (radii.epicardium_mm - radii.endocardium_mm)
        at = surface.coordinates(*_points(radius))
        as_drawn = wall_depth(surface.endocardium(at), surface.epicardium(at))
        layers.append(wall_uptake(surface, at, as_drawn))
    middle = surface.coordinates(*_points((radii.endocardium_mm + radii.epicardium_mm) / 2))
    found = {
        "uptake": torch.stack(layers).mean(dim=0),
        "contraction_delay": delay_field(regional, middle),
        "contraction_amplitude": amplitude_field(regional, middle),
    }
    return {name: each.numpy().astype(np.float32) for name, each in found.items()}


def _points(radius_mm: FloatArray) -> Sequence[torch.Tensor]:
    return [torch.from_numpy(each) for each in np.moveaxis(ray_points_mm(radius_mm), -1, 0).copy()]
