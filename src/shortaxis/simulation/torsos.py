"""Draw a torso, whose uptake below the diaphragm differs between stress and rest."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from shortaxis.phantom.organs import (
    Arms,
    Body,
    BowelLoop,
    Breasts,
    Diaphragm,
    EllipsoidOrgan,
    Liver,
    Lungs,
    Respiration,
    Skeleton,
    Stomach,
)
from shortaxis.phantom.torso import Torso
from shortaxis.simulation.priors import ABDOMEN_UPTAKE, MOTION, TORSO

__all__ = ["TorsoDraws", "build_torso"]

HOTTEST = 6.0
"""Uptake of gut that is full of bile, relative to myocardium."""

FEMALE_PART = 0.45
ARMS_DOWN_PART = (0.04, 0.2)
HOT_LOOP_PART = (0.12, 0.3)
"""By spread: patients with a bowel loop that lies against the heart."""


@dataclass(frozen=True)
class TorsoDraws:
    """A torso without uptake below the diaphragm, and that uptake by condition and organ."""

    torso: Torso
    uptake: tuple[tuple[str, tuple[tuple[str, float], ...]], ...]

    @classmethod
    def sample(cls, rng: np.random.Generator, spread: int) -> TorsoDraws:
        """Draw body, organs and uptake for both conditions."""
        uptake = tuple(
            (condition, tuple((name, draws[spread].sample(rng)) for name, draws in table.items()))
            for condition, table in ABDOMEN_UPTAKE.items()
        )
        return cls(_sample_torso(rng, spread), uptake)


def build_torso(draws: TorsoDraws, condition: str) -> Torso:
    """Return the torso with the uptake of one condition."""
    uptake = dict(dict(draws.uptake)[condition])
    torso = draws.torso
    return replace(
        torso,
        liver=replace(torso.liver, uptake=uptake["liver"]),
        stomach=replace(
            torso.stomach,
            wall_uptake=uptake["stomach_wall"],
            content_uptake=uptake["stomach_content"],
        ),
        gall_bladder=replace(torso.gall_bladder, uptake=uptake["gall_bladder"]),
        spleen=replace(torso.spleen, uptake=uptake["spleen"]),
        right_kidney=replace(torso.right_kidney, uptake=uptake["kidney"]),
        left_kidney=replace(torso.left_kidney, uptake=uptake["kidney"]),
        bowel=tuple(
            replace(loop, uptake=min(uptake["bowel"] * loop.uptake, HOTTEST))
            for loop in torso.bowel
        ),
    )


def _sample_torso(rng: np.random.Generator, spread: int) -> Torso:
    values = {name: draws[spread].sample(rng) for name, draws in TORSO.items()}
    motion = {name: MOTION[name][spread].sample(rng) for name in
              ("superior_inferior_mm", "anterior_posterior_mm")}  # fmt: skip
    female = rng.random() < FEMALE_PART
    return Torso(
        body=_body(values),
        arms=Arms(
            are_raised=bool(rng.random() >= ARMS_DOWN_PART[spread]),
            radius_mm=float(rng.uniform(36, 52)),
        ),
        breasts=_breasts(rng, values) if female else Breasts(),
        lungs=Lungs(
            half_width_mm=values["lung_half_width_mm"],
            half_depth_mm=values["lung_half_depth_mm"],
            left_to_right=float(rng.uniform(0.8, 0.98)),
            uptake=values["lung_uptake"],
        ),
        diaphragm=Diaphragm(
            right_rise_mm=values["diaphragm_rise_mm"],
            settling_mm=values["diaphragm_settling_mm"],
            curvature_mm=values["diaphragm_curvature_mm"],
        ),
        skeleton=Skeleton(uptake=values["bone_uptake"], rib_spacing_mm=values["rib_spacing_mm"]),
        liver=Liver(
            scale=values["liver_scale"],
            left_reach_mm=values["liver_left_reach_mm"],
            left_thickness_mm=values["liver_left_thickness_mm"],
        ),
        stomach=Stomach(scale=values["stomach_scale"]),
        bowel=_bowel(rng, spread),
        gall_bladder=_moved(Torso().gall_bladder, rng, 15),
        spleen=_moved(Torso().spleen, rng, 12),
        respiration=Respiration(**motion),
    )


def _body(values: dict[str, float]) -> Body:
    return Body(
        half_width_mm=values["half_width_mm"],
        half_depth_mm=values["half_depth_mm"],
        squareness=values["squareness"],
        taper_per_m=values["taper_per_m"],
        fat_mm=values["fat_share_of_depth"] * values["half_depth_mm"],
        uptake=values["body_uptake"],
        fat_uptake=values["body_uptake"] * values["fat_uptake_share"],
    )


def _breasts(rng: np.random.Generator, values: dict[str, float]) -> Breasts:
    """Flat and wide, as gravity makes them in a patient who lies on her back."""
    radius_mm = float(rng.uniform(50, 95))
    return Breasts(
        radius_mm=radius_mm,
        thickness_mm=radius_mm * float(rng.uniform(0.25, 0.55)),
        half_distance_mm=float(rng.uniform(70, 110)),
        height_mm=float(rng.uniform(-45, 35)),
        uptake=values["body_uptake"],
    )


def _bowel(rng: np.random.Generator, spread: int) -> tuple[BowelLoop, ...]:
    """Loops at random below the diaphragm; `uptake` is a factor on the condition's."""
    loops = list(Torso().bowel)
    for place, loop in enumerate(loops):
        shift = rng.normal(0, 14, 3)
        points = tuple(
            _point(np.array(point) + shift + rng.normal(0, 6, 3)) for point in loop.waypoints_mm
        )
        loops[place] = replace(
            loop,
            waypoints_mm=points,
            radius_mm=float(np.clip(loop.radius_mm * rng.uniform(0.75, 1.25), 5, 35)),
            uptake=float(rng.uniform(0.4, 1)),
        )
    if rng.random() < HOT_LOOP_PART[spread]:
        loops.append(_loop_under_the_heart(rng))
    return tuple(loops)


def _loop_under_the_heart(rng: np.random.Generator) -> BowelLoop:
    start = np.array([rng.uniform(-20, 40), rng.uniform(-35, 30), rng.uniform(-26, -14)])
    steps = rng.normal(0, (22, 16, 9), (3, 3))
    points = [start, *(start + np.cumsum(steps, axis=0))]
    waypoints = tuple(_point(np.minimum(point, (np.inf, np.inf, -12))) for point in points)
    return BowelLoop(
        waypoints, radius_mm=float(rng.uniform(8, 16)), uptake=float(rng.uniform(0.8, 2.5))
    )


def _point(values: np.ndarray) -> tuple[float, float, float]:
    x, y, z = values.tolist()
    return x, y, z


def _moved(organ: EllipsoidOrgan, rng: np.random.Generator, sd_mm: float) -> EllipsoidOrgan:
    x, y, z = np.array(organ.center_mm) + rng.normal(0, sd_mm, 3)
    a, b, c = np.array(organ.semi_axes_mm) * rng.uniform(0.8, 1.25)
    return replace(
        organ,
        center_mm=(float(x), float(y), float(z)),
        semi_axes_mm=(float(a), float(b), float(c)),
    )
