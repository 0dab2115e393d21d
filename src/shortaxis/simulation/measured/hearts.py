"""Draw a heart of version 2 of the presets: twisted, full, and with what is hard."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from shortaxis.phantom.crescent_form import CrescentForm
from shortaxis.phantom.heart import (
    BloodPools,
    Heart,
    HeartMotion,
    LeftVentricle,
    RightVentricle,
)
from shortaxis.simulation.draws import Normal, Uniform, sampled
from shortaxis.simulation.hearts import (
    WITHOUT_RIGHT_VENTRICLE,
    DrawnHeart,
    diseased_motion,
    diseased_ventricle,
)
from shortaxis.simulation.measured.pathologies import (
    MeasuredPathology,
    sample_measured_pathology,
)
from shortaxis.simulation.measured.priors import CRESCENT, CRESCENT_FORM, MEASURED_VENTRICLE
from shortaxis.simulation.pathologies import Pathology
from shortaxis.simulation.priors import MOTION, TORSO

__all__ = ["sample_measured_heart"]

MOST_EJECTED = 0.84
"""Part of the volume; what is drawn beyond it stays there."""

END_SYSTOLE = (Normal(0.38, 0.035, 0.3, 0.47), Uniform(0.29, 0.49))
"""Part of the cycle, by spread: later the faster the heart beats."""


def sample_measured_heart(rng: np.random.Generator, spread: int) -> DrawnHeart:
    """Draw a heart, and how stress and rest differ in it."""
    pathology = sample_measured_pathology(rng, spread)
    shape = sampled(MEASURED_VENTRICLE, rng, spread)
    ventricle = diseased_ventricle(shape, pathology.left, rng, spread)
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
    drawn = sampled(MOTION, rng, spread)
    most = MOST_EJECTED / pathology.contraction
    drawn["ejection_fraction"] = min(drawn["ejection_fraction"], most)
    motion = diseased_motion(drawn, pathology, ventricle)
    return replace(motion, end_systole=END_SYSTOLE[spread].sample(rng))
