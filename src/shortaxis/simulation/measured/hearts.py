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
from shortaxis.simulation.draws import Normal, Uniform, sampled
from shortaxis.simulation.hearts import WITHOUT_RIGHT_VENTRICLE, DrawnHeart, sample_aneurysm
from shortaxis.simulation.measured.pathologies import (
    MeasuredPathology,
    sample_measured_pathology,
)
from shortaxis.simulation.measured.priors import CRESCENT, CRESCENT_FORM, MEASURED_VENTRICLE
from shortaxis.simulation.pathologies import Pathology
from shortaxis.simulation.priors import MOTION, REGIONAL_UPTAKE, TORSO

__all__ = ["sample_measured_heart"]

END_SYSTOLE = (Normal(0.38, 0.035, 0.3, 0.47), Uniform(0.29, 0.49))
"""Part of the cycle, by spread: later the faster the heart beats."""


def sample_measured_heart(rng: np.random.Generator, spread: int) -> DrawnHeart:
    """Draw a heart, and how stress and rest differ in it."""
    pathology = sample_measured_pathology(rng, spread)
    ventricle = _left_ventricle(rng, spread, pathology.left)
    torso = sampled(TORSO, rng, spread)
    heart = Heart(
        left_ventricle=ventricle,
        right_ventricle=_right_ventricle(rng, spread, ventricle, pathology),
        blood=BloodPools(uptake=torso["blood_uptake"]),
        motion=_motion(rng, spread, pathology.left, ventricle),
        defects=tuple(pathology.left.defects),
        pericardial_fat_mm=torso["pericardial_fat_mm"],
        has_right_ventricle=bool(rng.random() >= WITHOUT_RIGHT_VENTRICLE[spread]),
        contraction=pathology.contraction,
    )
    return DrawnHeart(heart, pathology.left.reversible_part, pathology.stress_dilation)


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
    rng: np.random.Generator,
    spread: int,
    ventricle: LeftVentricle,
    pathology: MeasuredPathology,
) -> RightVentricle:
    values = sampled(CRESCENT, rng, spread)
    values["width_mm"] = min(values["width_mm"] * pathology.right_width, 65.0)
    values["wall_mm"] = min(values["wall_mm"] * pathology.right_wall, 10.0)
    values["uptake"] = min(values["uptake"] * pathology.right_uptake, 1.0)
    values["apex_height"] = min(values["apex_height"], ventricle.widest_height - 0.1)
    form = CrescentForm(**sampled(CRESCENT_FORM, rng, spread))
    return RightVentricle(**values, form=form)


def _motion(
    rng: np.random.Generator, spread: int, pathology: Pathology, ventricle: LeftVentricle
) -> HeartMotion:
    motion = sampled(MOTION, rng, spread)
    excursion_mm = motion["base_excursion_mm"] * pathology.contraction
    return HeartMotion(
        ejection_fraction=min(motion["ejection_fraction"] * pathology.contraction, 0.84),
        base_excursion_mm=min(excursion_mm, 0.24 * ventricle.length_mm),
        apex_excursion_mm=motion["apex_excursion_mm"],
        end_systole=END_SYSTOLE[spread].sample(rng),
    )
