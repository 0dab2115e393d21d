"""Draw a patient: heart, torso, pose, and the defects that stress and rest will show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from shortaxis.errors import GeometryError, OptionError
from shortaxis.geometry.euler import rotation_from_angles
from shortaxis.geometry.pose import RigidPose
from shortaxis.phantom.heart import (
    ApicalAneurysm,
    BloodPools,
    Heart,
    HeartMotion,
    LeftVentricle,
    RegionalUptake,
    RightVentricle,
)
from shortaxis.phantom.phantom import Phantom, depth_below_skin_mm
from shortaxis.phantom.torso import Torso
from shortaxis.simulation.draws import Draw
from shortaxis.simulation.pathologies import sample_pathology
from shortaxis.simulation.priors import (
    LEFT_VENTRICLE,
    MOTION,
    POSE,
    REGIONAL_UPTAKE,
    RIGHT_VENTRICLE,
    TORSO,
)
from shortaxis.simulation.torsos import TorsoDraws, build_torso

__all__ = ["Patient", "phantom_of", "sample_patient"]

MAX_TRIES = 200

WITHOUT_RIGHT_VENTRICLE = (0.0, 0.04)
"""Part of the patients, by spread: too faint to be seen at all."""

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


def sample_patient(rng: np.random.Generator, spread: int) -> Patient:
    """Draw a patient who can exist: a cavity in the heart, and the heart in the chest."""
    for _ in range(MAX_TRIES):
        try:
            patient = _draw(rng, spread)
            _pose(patient, build_torso(patient.torso, "rest"))
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
    turn = rng.normal(0, REPOSITIONING_DEG, 3)
    alpha, beta, theta = (np.array(patient.angles_deg) + turn).tolist()
    shift = rng.normal(0, REPOSITIONING_MM, 3)
    placed = replace(
        patient,
        heart=replace(patient.heart, defects=defects),
        angles_deg=(alpha, beta, theta),
        body_center_mm=_shifted(patient.body_center_mm, shift),
    )
    try:
        return _phantom(placed, torso)
    except GeometryError:
        return _phantom(replace(placed, angles_deg=patient.angles_deg), torso)


def _draw(rng: np.random.Generator, spread: int) -> Patient:
    pose = _values(POSE, rng, spread)
    center = rng.uniform((-60, -120, -500), (60, 60, 500))
    heart, reversible = _heart(rng, spread)
    return Patient(
        heart=heart,
        torso=TorsoDraws.sample(rng, spread),
        angles_deg=(pose["alpha"], pose["beta"], pose["theta"]),
        left_mm=pose["left_mm"],
        apex_to_chest_wall_mm=pose["apex_to_chest_wall_mm"],
        body_center_mm=(float(center[0]), float(center[1]), float(center[2])),
        reversible_part=reversible,
    )


def _heart(rng: np.random.Generator, spread: int) -> tuple[Heart, float]:
    shape, motion = _values(LEFT_VENTRICLE, rng, spread), _values(MOTION, rng, spread)
    torso = _values(TORSO, rng, spread)
    pathology = sample_pathology(rng, spread)
    shape["length_mm"] *= pathology.size
    shape["wall_mm"] *= pathology.wall
    shape["radius_mm"] = shape["length_mm"] * shape.pop("radius_to_length") * pathology.width
    shape["apex_wall_mm"] = max(shape["wall_mm"] * shape.pop("apex_wall_fraction"), 3.0)
    shape["septal_excess_mm"] += pathology.septal_excess_mm
    shape["wall_mm"] = min(shape["wall_mm"], 0.62 * shape["radius_mm"])
    ventricle = LeftVentricle(
        **shape,
        regional_uptake=RegionalUptake(**_values(REGIONAL_UPTAKE, rng, spread)),
        aneurysm=_aneurysm(rng) if pathology.aneurysm else None,
    )
    heart = Heart(
        left_ventricle=ventricle,
        right_ventricle=RightVentricle(**_values(RIGHT_VENTRICLE, rng, spread)),
        blood=BloodPools(uptake=torso["blood_uptake"]),
        motion=HeartMotion(
            ejection_fraction=motion["ejection_fraction"] * pathology.contraction,
            base_excursion_mm=min(
                motion["base_excursion_mm"] * pathology.contraction, 0.24 * ventricle.length_mm
            ),
            apex_excursion_mm=motion["apex_excursion_mm"],
        ),
        defects=tuple(pathology.defects),
        pericardial_fat_mm=torso["pericardial_fat_mm"],
        has_right_ventricle=bool(rng.random() >= WITHOUT_RIGHT_VENTRICLE[spread]),
    )
    return heart, pathology.reversible_part


def _aneurysm(rng: np.random.Generator) -> ApicalAneurysm:
    height, bulge_mm, wall_mm, uptake = rng.uniform((0.18, 0, 3, 0.03), (0.45, 9, 5.5, 0.25))
    return ApicalAneurysm(
        height=float(height), bulge_mm=float(bulge_mm), wall_mm=float(wall_mm), uptake=float(uptake)
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


def _placed(patient: Patient, rotation: np.ndarray, back_mm: float) -> RigidPose:
    offset = np.array([patient.left_mm, back_mm, 0.0])
    return RigidPose(rotation, np.array(patient.body_center_mm) + offset)


def _values(
    table: Mapping[str, tuple[Draw, Draw]], rng: np.random.Generator, spread: int
) -> dict[str, float]:
    return {name: draws[spread].sample(rng) for name, draws in table.items()}


def _shifted(point: tuple[float, float, float], by: np.ndarray) -> tuple[float, float, float]:
    x, y, z = np.array(point) + by
    return float(x), float(y), float(z)
