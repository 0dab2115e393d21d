"""The section ``wall`` of ``quantification.json``: drawn surfaces and their trust."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np

from shortaxis.anatomy.hybrid_grid import ray_angles_rad, ray_directions, ray_origins_mm
from shortaxis.ventricle.surfaces import VentricleSurfaces

__all__ = ["WALL_SCHEMA", "wall_record"]

WALL_SCHEMA = "shortaxis/wall/1"


def wall_record(surfaces: VentricleSurfaces) -> dict[str, Any]:
    """Plain values; points lie in the patient (LPS mm), distances along the rays that are told."""
    pose, valve = surfaces.pose, surfaces.valve
    bounds = surfaces.bounds
    tilt = np.arccos(np.clip(-ray_directions()[:, 0, 2], -1, 1))
    return {
        "schema": WALL_SCHEMA,
        "method": surfaces.method,
        "flag": surfaces.flag,
        "reasons": list(surfaces.reasons),
        "set_by_hand": list(surfaces.set_by_hand),
        "valve_plane": {
            "center_mm": np.round(pose.to_patient(valve.center_mm), 2).tolist(),
            "normal": np.round(pose.patient_from_cardiac @ valve.normal, 4).tolist(),
        },
        "cavity_ml": round(surfaces.cavity_ml, 1),
        "wall_ml": round(surfaces.wall_ml, 1),
        "length_mm": round(surfaces.length_mm, 1),
        "mean_thickness_mm": round(surfaces.mean_thickness_mm, 1),
        "seen_part": round(surfaces.seen_part, 3),
        "bounds_90": None
        if bounds is None
        else {name: round(value, 2) for name, value in asdict(bounds).items()},
        "rays": {
            "origin_z_mm": ray_origins_mm().tolist(),
            "tilt_from_apex_deg": np.round(np.rad2deg(tilt), 3).tolist(),
            "angles_deg": np.round(np.rad2deg(ray_angles_rad()), 3).tolist(),
        },
        "endocardium_mm": np.round(surfaces.endocardium_mm, 2).tolist(),
        "epicardium_mm": np.round(surfaces.epicardium_mm, 2).tolist(),
        "is_wall": surfaces.is_wall.astype(int).tolist(),
        "is_seen": surfaces.is_seen.astype(int).tolist(),
    }
