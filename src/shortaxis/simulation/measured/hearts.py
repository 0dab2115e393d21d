"""Draw a heart of version 2 of the presets: twisted, full, and with what is hard."""

from __future__ import annotations

import numpy as np

from shortaxis.phantom.crescent_form import CrescentForm
from shortaxis.phantom.heart import (
    BloodPools,
    Heart,
    HeartMotion,
    LeftVentricle,
    RegionalUptake,
    RightVentricle,
)
from shortaxis.simulation.draws import sampled
from shortaxis.simulation.hearts import WITHOUT_RIGHT_VENTRICLE, sample_aneurysm
from shortaxis.simulation.measured.priors import CRESCENT, CRESCENT_FORM, MEASURED_VENTRICLE
from shortaxis.simulation.pathologies import Pathology, sample_pathology
from shortaxis.simulation.priors import MOTION, REGIONAL_UPTAKE, TORSO

__all__ = ["sample_measured_heart"]


def sample_measured_heart(rng: np.random.Generator, spread: int) -> tuple[Heart, float]:
    """Draw a heart, and the part of its defects that is gone at rest."""
    pathology = sample_pathology(rng, spread)
    ventricle = _left_ventricle(rng, spread, pathology)
    torso = sampled(TORSO, rng, spread)
    heart = Heart(
        left_ventricle=ventricle,
        right_ventricle=_right_ventricle(rng, spread, ventricle),
        blood=BloodPools(uptake=torso["blood_uptake"]),
        motion=_motion(rng, spread, pathology, ventricle),
        defects=tuple(pathology.defects),
        pericardial_fat_mm=torso["pericardial_fat_mm"],
        has_right_ventricle=bool(rng.random() >= WITHOUT_RIGHT_VENTRICLE[spread]),
    )
    return heart, pathology.reversible_part


def _left_ventricle(rng: np.random.Generator, spread: int, pathology: Pathology) -> LeftVentricle:
    shape = sampled(MEASURED_VENTRICLE, rng, spread)
    shape["length_mm"] *= pathology.size
    shape["wall_mm"] *= pathology.wall
    shape["radius_mm"] = shape["length_mm"] * shape.pop("radius_to_length") * pathology.width
    shape["apex_wall_mm"] = max(shape["wall_mm"] * shape.pop("apex_wall_fraction"), 3.0)
    shape["septal_excess_mm"] += pathology.septal_excess_mm
    shape["wall_mm"] = min(shape["wall_mm"], 0.62 * shape["radius_mm"])
    return LeftVentricle(
        **shape,
        regional_uptake=RegionalUptake(**sampled(REGIONAL_UPTAKE, rng, spread)),
        aneurysm=sample_aneurysm(rng) if pathology.aneurysm else None,
    )


def _right_ventricle(
    rng: np.random.Generator, spread: int, ventricle: LeftVentricle
) -> RightVentricle:
    values = sampled(CRESCENT, rng, spread)
    values["apex_height"] = min(values["apex_height"], ventricle.widest_height - 0.1)
    form = CrescentForm(**sampled(CRESCENT_FORM, rng, spread))
    return RightVentricle(**values, form=form)


def _motion(
    rng: np.random.Generator, spread: int, pathology: Pathology, ventricle: LeftVentricle
) -> HeartMotion:
    motion = sampled(MOTION, rng, spread)
    excursion_mm = motion["base_excursion_mm"] * pathology.contraction
    return HeartMotion(
        ejection_fraction=motion["ejection_fraction"] * pathology.contraction,
        base_excursion_mm=min(excursion_mm, 0.24 * ventricle.length_mm),
        apex_excursion_mm=motion["apex_excursion_mm"],
    )
