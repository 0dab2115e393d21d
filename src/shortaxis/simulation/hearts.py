"""Draw a heart of version 1 of the presets: sizes, uptake, motion and what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from shortaxis.phantom.heart import (
    ApicalAneurysm,
    BloodPools,
    Heart,
    HeartMotion,
    LeftVentricle,
    RegionalUptake,
    RightVentricle,
)
from shortaxis.simulation.draws import sampled
from shortaxis.simulation.pathologies import Pathology, sample_pathology
from shortaxis.simulation.priors import (
    LEFT_VENTRICLE,
    MOTION,
    REGIONAL_UPTAKE,
    RIGHT_VENTRICLE,
    TORSO,
)

__all__ = ["DrawnHeart", "diseased_motion", "diseased_ventricle", "sample_heart"]

WITHOUT_RIGHT_VENTRICLE = (0.0, 0.04)
"""Part of the patients, by spread: too faint to be seen at all."""


@dataclass(frozen=True)
class DrawnHeart:
    """A heart, and how stress and rest differ in it.

    Parameters
    ----------
    heart : Heart
        As it is at stress, but for its size.
    reversible_part : float
        Part of the severity of its defects that is gone at rest.
    stress_dilation : float
        Radius of the left ventricle at stress over that at rest.
    """

    heart: Heart
    reversible_part: float
    stress_dilation: float = 1.0


def sample_heart(rng: np.random.Generator, spread: int) -> DrawnHeart:
    """Draw a heart of version 1."""
    shape, motion = sampled(LEFT_VENTRICLE, rng, spread), sampled(MOTION, rng, spread)
    torso = sampled(TORSO, rng, spread)
    pathology = sample_pathology(rng, spread)
    ventricle = diseased_ventricle(shape, pathology, rng, spread)
    heart = Heart(
        left_ventricle=ventricle,
        right_ventricle=RightVentricle(**sampled(RIGHT_VENTRICLE, rng, spread), form=None),
        blood=BloodPools(uptake=torso["blood_uptake"]),
        motion=diseased_motion(motion, pathology, ventricle),
        defects=tuple(pathology.defects),
        pericardial_fat_mm=torso["pericardial_fat_mm"],
        has_right_ventricle=bool(rng.random() >= WITHOUT_RIGHT_VENTRICLE[spread]),
    )
    return DrawnHeart(heart, pathology.reversible_part)


def diseased_ventricle(
    shape: dict[str, float], pathology: Pathology, rng: np.random.Generator, spread: int
) -> LeftVentricle:
    """Ventricle of drawn sizes, changed as its disease changes them; its uptake is drawn here."""
    shape["length_mm"] *= pathology.size
    shape["wall_mm"] *= pathology.wall
    shape["radius_mm"] = shape["length_mm"] * shape.pop("radius_to_length") * pathology.width
    shape["apex_wall_mm"] = max(shape["wall_mm"] * shape.pop("apex_wall_fraction"), 3.0)
    shape["septal_excess_mm"] += pathology.septal_excess_mm
    shape["wall_mm"] = min(shape["wall_mm"], 0.62 * shape["radius_mm"])
    return LeftVentricle(
        **shape,
        regional_uptake=RegionalUptake(**sampled(REGIONAL_UPTAKE, rng, spread)),
        aneurysm=_sample_aneurysm(rng) if pathology.aneurysm else None,
    )


def diseased_motion(
    motion: dict[str, float], pathology: Pathology, ventricle: LeftVentricle
) -> HeartMotion:
    """Motion as drawn, as much weaker as the disease makes it."""
    excursion_mm = motion["base_excursion_mm"] * pathology.contraction
    return HeartMotion(
        ejection_fraction=motion["ejection_fraction"] * pathology.contraction,
        base_excursion_mm=min(excursion_mm, 0.24 * ventricle.length_mm),
        apex_excursion_mm=motion["apex_excursion_mm"],
    )


def _sample_aneurysm(rng: np.random.Generator) -> ApicalAneurysm:
    height, bulge_mm, wall_mm, uptake = rng.uniform((0.18, 0, 3, 0.03), (0.45, 9, 5.5, 0.25))
    return ApicalAneurysm(
        height=float(height), bulge_mm=float(bulge_mm), wall_mm=float(wall_mm), uptake=float(uptake)
    )
