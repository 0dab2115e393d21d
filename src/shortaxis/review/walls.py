"""The wall on the review page: found, set by hand, and answered as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from shortaxis.geometry.pose import RigidPose
from shortaxis.quantification.drawn_surfaces import TRACED_WALL
from shortaxis.quantification.painted_surface import painted_surface
from shortaxis.quantification.wall_methods import NOTHING_BY_HAND, FoundWall, find_wall
from shortaxis.spect.volume import SpectVolume
from shortaxis.ventricle.by_hand import WallByHand
from shortaxis.ventricle.by_hand_record import by_hand_from_record

__all__ = ["TRACED", "AskedWall", "asked_wall", "wall_answer"]


@dataclass(frozen=True)
class AskedWall:
    """What finds the wall, a name in `WALL_METHODS`, and what the reviewer set of it."""

    method: str = TRACED_WALL
    hand: WallByHand = NOTHING_BY_HAND

    def found(
        self, volume: SpectVolume, pose: RigidPose, automatic: Mapping[str, Any]
    ) -> FoundWall:
        """The wall around a pose; the automatic one tells the roll and about the size.

        Raises
        ------
        OptionError
            If there is no such method.
        HeartNotFoundError
            If there are no counts around the pose.
        """
        extent = automatic["extent"]
        anatomical = (
            RigidPose(automatic["patient_from_cardiac"], automatic["center_mm"])
            if "center_mm" in automatic
            else pose
        )
        return find_wall(
            volume,
            pose,
            self.method,
            anatomical=anatomical,
            size=(extent["length_mm"], extent["radius_mm"]),
            hand=self.hand,
        )


TRACED = AskedWall()


def asked_wall(method: str | None, by_hand: Mapping[str, Any] | None) -> AskedWall:
    """What a page asks for.

    Raises
    ------
    OptionError
        If what was set by hand is none.
    """
    hand = NOTHING_BY_HAND if by_hand is None else by_hand_from_record(by_hand)
    return AskedWall(method or TRACED_WALL, hand)


def wall_answer(found: FoundWall) -> dict[str, Any]:
    """Surfaces to be cut by the page (LPS mm), what they measure, and the view in 3D."""
    surfaces = found.surfaces
    pose, valve = surfaces.pose, surfaces.valve
    apex = pose.to_patient(np.array([0.0, 0.0, surfaces.apex_z_mm]))
    return {
        "method": surfaces.method,
        "flag": surfaces.flag,
        "reasons": list(surfaces.reasons),
        "set_by_hand": list(surfaces.set_by_hand),
        "cavity_ml": round(surfaces.cavity_ml, 1) if found.knows_both_surfaces else None,
        "wall_ml": round(surfaces.wall_ml, 1) if found.knows_both_surfaces else None,
        "valve_plane": {
            "center_mm": pose.to_patient(valve.center_mm).tolist(),
            "normal": (pose.patient_from_cardiac @ valve.normal).tolist(),
        },
        "apex_mm": apex.tolist(),
        "lines": {
            name: {"points": np.round(points, 2).tolist(), "triangles": triangles.tolist()}
            for name, (points, triangles) in found.outlines.surfaces.items()
        },
        "surface": painted_surface(found).to_record(),
    }
