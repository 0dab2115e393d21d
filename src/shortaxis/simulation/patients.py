"""Draw a patient: heart, torso, pose, and the defects that stress and rest will show."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from shortaxis.errors import GeometryError, OptionError
from shortaxis.geometry.euler import rotation_from_angles
from shortaxis.geometry.pose import RigidPose
from shortaxis.phantom.heart import Heart, LeftVentricle
from shortaxis.phantom.heart_extent import outermost_points_mm
from shortaxis.phantom.phantom import Phantom, depth_below_skin_mm
from shortaxis.phantom.ranges import largest
from shortaxis.phantom.torso import Torso
from shortaxis.simulation.draws import Table, sampled
from shortaxis.simulation.hearts import DrawnHeart, sample_heart
from shortaxis.simulation.priors import POSE
from shortaxis.simulation.torsos import TorsoDraws, build_torso

__all__ = ["FIRST_ANATOMY", "Anatomy", "Patient", "phantom_of", "sample_patient"]

MAX_TRIES = 200

NEAREST_TO_SKIN_MM = 8.0
"""Thinner chest walls than this are not drawn."""

WIDEST_MM = largest(LeftVentricle, "radius_mm")
"""Wider hearts do not dilate at stress."""

REPOSITIONING_DEG, REPOSITIONING_MM = 2.0, 4.0
"""Standard deviations between stress and rest: a re-examination differs by 4-6 degrees in MRI
(Foster 2005), of which reading is a part."""


@dataclass(frozen=True)
class Patient:
    """What stays the same between stress and rest."""

    heart: Heart
    torso: TorsoDraws
    angles_deg: tuple[float, float, float]
    left_mm: float
    apex_to_chest_wall_mm: float
    body_center_mm: tuple[float, float, float]
    reversible_part: float
    """Part of the severity of the defects that is gone at rest."""
    stress_dilation: float = 1.0
    """Radius of the left ventricle at stress over that at rest."""


@dataclass(frozen=True)
class Anatomy:
    """What a version of the presets draws patients from.

    Parameters
    ----------
    pose : table of draws
        Angles and place, see `shortaxis.simulation.priors.POSE`.
    heart : function of generator and spread
        Gives a heart, and how stress and rest differ in it.
    torso : function of generator and spread
        Gives the torso.
    wholly_inside : bool
        Whether the widest parts of both ventricles must lie below the skin, too, and not only apex
        and centre, as in version 1.
    """

    pose: Table
    heart: Callable[[np.random.Generator, int], DrawnHeart]
    torso: Callable[[np.random.Generator, int], TorsoDraws]
    wholly_inside: bool = False


FIRST_ANATOMY = Anatomy(POSE, sample_heart, TorsoDraws.sample)


def sample_patient(
    rng: np.random.Generator, spread: int, anatomy: Anatomy = FIRST_ANATOMY
) -> Patient:
    """Draw a patient who can exist: a cavity in the heart, and the heart in the chest."""
    for _ in range(MAX_TRIES):
        try:
            patient = _draw(rng, spread, anatomy)
            torso = build_torso(patient.torso, "rest")
            pose = _pose(patient, torso)
            if anatomy.wholly_inside:
                _require_inside(patient, torso, pose)
        except (GeometryError, OptionError):
            continue
        return patient
    raise AssertionError("no plausible patient among 200 draws")


def phantom_of(patient: Patient, condition: str, rng: np.random.Generator) -> Phantom:
    """Draw the patient on one day: repositioned, breathing, with the uptake of that condition."""
    torso = build_torso(patient.torso, condition)
    defects = patient.heart.defects
    if condition == "rest":
        kept = 1 - patient.reversible_part
        defects = tuple(replace(each, severity=each.severity * kept) for each in defects)
    heart = replace(patient.heart, defects=defects)
    if condition == "stress" and patient.stress_dilation > 1:
        shape = heart.left_ventricle
        radius_mm = min(shape.radius_mm * patient.stress_dilation, WIDEST_MM)
        dilated = replace(shape, radius_mm=radius_mm)
        heart = replace(heart, left_ventricle=dilated)
    turn = rng.normal(0, REPOSITIONING_DEG, 3)
    alpha, beta, theta = (np.array(patient.angles_deg) + turn).tolist()
    shift = rng.normal(0, REPOSITIONING_MM, 3)
    placed = replace(
        patient,
        heart=heart,
        angles_deg=(alpha, beta, theta),
        body_center_mm=_shifted(patient.body_center_mm, shift),
    )
    try:
        return _phantom(placed, torso)
    except GeometryError:
        return _phantom(replace(placed, angles_deg=patient.angles_deg), torso)


def _draw(rng: np.random.Generator, spread: int, anatomy: Anatomy) -> Patient:
    pose = sampled(anatomy.pose, rng, spread)
    center = rng.uniform((-60, -120, -500), (60, 60, 500))
    drawn = anatomy.heart(rng, spread)
    return Patient(
        heart=drawn.heart,
        torso=anatomy.torso(rng, spread),
        angles_deg=(pose["alpha"], pose["beta"], pose["theta"]),
        left_mm=pose["left_mm"],
        apex_to_chest_wall_mm=pose["apex_to_chest_wall_mm"],
        body_center_mm=(float(center[0]), float(center[1]), float(center[2])),
        reversible_part=drawn.reversible_part,
        stress_dilation=drawn.stress_dilation,
    )


def _phantom(patient: Patient, torso: Torso) -> Phantom:
    return Phantom(patient.heart, torso, _pose(patient, torso), patient.body_center_mm)


def _pose(patient: Patient, torso: Torso) -> RigidPose:
    """Put the heart as far forward as its apex reaches the drawn distance from the chest wall."""
    alpha, beta, theta = patient.angles_deg
    rotation = rotation_from_angles(alpha, beta, theta)
    body = torso.body
    wanted = patient.apex_to_chest_wall_mm + body.fat_mm + body.muscle_mm + body.rib_mm
    nearest, farthest = -120.0, 60.0
    for _ in range(40):
        middle = (nearest + farthest) / 2
        if _apex_depth_mm(patient, torso, rotation, middle) < wanted:
            nearest = middle
        else:
            farthest = middle
    if not -95 < farthest < 25:
        raise GeometryError(
            "the heart does not fit the chest",
            expected="a centre at most 95 mm before and 25 mm behind the middle of the body",
            found=f"{farthest:.0f} mm",
        )
    return _placed(patient, rotation, farthest)


def _apex_depth_mm(patient: Patient, torso: Torso, rotation: np.ndarray, back_mm: float) -> float:
    pose = _placed(patient, rotation, back_mm)
    apex = pose.to_patient((0.0, 0.0, -patient.heart.left_ventricle.length_mm / 2))
    return depth_below_skin_mm(torso.body, np.asarray(apex) - np.array(patient.body_center_mm))


def _require_inside(patient: Patient, torso: Torso, pose: RigidPose) -> None:
    """Refuse a heart of which a part would stick out of the chest."""
    reached = pose.to_patient(outermost_points_mm(patient.heart)) - patient.body_center_mm
    nearest = min(depth_below_skin_mm(torso.body, point) for point in reached)
    if nearest < NEAREST_TO_SKIN_MM:
        raise GeometryError(
            "the heart does not fit the chest",
            expected=f"every part at least {NEAREST_TO_SKIN_MM:g} mm below the skin",
            found=f"{nearest:.0f} mm",
        )


def _placed(patient: Patient, rotation: np.ndarray, back_mm: float) -> RigidPose:
    offset = np.array([patient.left_mm, back_mm, 0.0])
    return RigidPose(rotation, np.array(patient.body_center_mm) + offset)


def _shifted(point: tuple[float, float, float], by: np.ndarray) -> tuple[float, float, float]:
    x, y, z = np.array(point) + by
    return float(x), float(y), float(z)
