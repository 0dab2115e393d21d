"""How far surfaces lie from the true wall."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from shortaxis.evaluation.walls.true_wall import TrueWall, wall_in_frame
from shortaxis.geometry.arrays import FloatArray
from shortaxis.geometry.pose import RigidPose, compose, invert
from shortaxis.ventricle.surfaces import VentricleSurfaces

__all__ = ["RIGHT_VALVE_MM", "RIGHT_WALL_MM", "WallScore", "score_wall"]

RIGHT_WALL_MM, RIGHT_VALVE_MM = 3.0, 8.0
"""A wall is right if its middle lies this near on average, and its valve plane, too."""


@dataclass(frozen=True)
class WallScore:
    """Errors of one exam.

    Parameters
    ----------
    middle_mm, endocardium_mm, epicardium_mm : float
        Mean absolute distances along the rays of the drawn frame, where there is true muscle.
    middle_bias_mm : float
        Mean of the mid-wall's distance; positive outside.
    valve_mm, valve_deg : float
        Between the valve planes' centres and normals.
    length_off_mm : float
        Drawn less true.
    cavity_ml, true_cavity_ml : float
        Inside the endocardium and below the valve plane.
    thickness_mm, true_thickness_mm : float
        Means over the true muscle.
    thickness_r : float
        Correlation over the rays through muscle.
    missed_part, extra_part : float
        Part of the true muscle that was drawn as none, and of the drawn one that is none.
    """

    middle_mm: float
    endocardium_mm: float
    epicardium_mm: float
    middle_bias_mm: float
    valve_mm: float
    valve_deg: float
    length_off_mm: float
    cavity_ml: float
    true_cavity_ml: float
    thickness_mm: float
    true_thickness_mm: float
    thickness_r: float
    missed_part: float
    extra_part: float

    @property
    def cavity_part(self) -> float:
        """Error of the cavity's volume, as a part of the true one."""
        return self.cavity_ml / self.true_cavity_ml - 1

    @property
    def is_right(self) -> bool:
        """Whether it may be used as it is."""
        return self.middle_mm < RIGHT_WALL_MM and self.valve_mm < RIGHT_VALVE_MM

    @property
    def expected_errors(self) -> tuple[float, ...]:
        """Errors in the order of `shortaxis.ventricle.trust.BOUNDED_WALL_ERRORS`."""
        return (
            self.middle_mm,
            self.valve_mm,
            self.valve_deg,
            # Bounds are parts of the volume that was drawn, the only one that is known in use.
            abs(self.true_cavity_ml / max(self.cavity_ml, 0.1) - 1),
            abs(self.length_off_mm),
        )


def score_wall(drawn: VentricleSurfaces, wall: TrueWall, pose: RigidPose) -> WallScore:
    """Errors of surfaces against the true wall, which is given in the frame of the true pose."""
    true_from_drawn = compose(invert(pose), drawn.pose).matrix
    truth = wall_in_frame(wall, true_from_drawn)
    muscle = truth.is_wall > 0.5
    off = {
        "middle": drawn.middle_mm - truth.middle_mm,
        "inner": drawn.endocardium_mm - truth.endocardium_mm,
        "outer": drawn.epicardium_mm - truth.epicardium_mm,
    }
    thick = truth.epicardium_mm - truth.endocardium_mm
    cosine = float(np.clip(drawn.valve.normal @ truth.valve.normal, -1, 1))
    return WallScore(
        middle_mm=_mean(np.abs(off["middle"]), muscle),
        endocardium_mm=_mean(np.abs(off["inner"]), muscle),
        epicardium_mm=_mean(np.abs(off["outer"]), muscle),
        middle_bias_mm=_mean(off["middle"], muscle),
        valve_mm=float(np.linalg.norm(drawn.valve.center_mm - truth.valve.center_mm)),
        valve_deg=float(np.rad2deg(np.arccos(cosine))),
        length_off_mm=drawn.length_mm - wall.length_mm,
        cavity_ml=drawn.cavity_ml,
        true_cavity_ml=wall.cavity_ml,
        thickness_mm=_mean(drawn.thickness_mm, muscle),
        true_thickness_mm=_mean(thick, muscle),
        thickness_r=_correlation(drawn.thickness_mm[muscle], thick[muscle]),
        missed_part=_mean(~drawn.is_wall, muscle),
        extra_part=_mean(~muscle, drawn.is_wall),
    )


def _mean(values: np.ndarray, where: np.ndarray) -> float:
    return float(values[where].mean()) if where.any() else float("nan")


def _correlation(one: FloatArray, other: FloatArray) -> float:
    if one.size < 2 or one.std() < 1e-9 or other.std() < 1e-9:
        return 0.0
    return float(np.corrcoef(one, other)[0, 1])
