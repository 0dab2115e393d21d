"""Draw a torso of version 2: what lies around the heart says little about how it is rolled.

In version 1 liver, stomach and gut lie where the heart's inferior wall is, so that part of the roll
could be read from them. Here they are turned about the long axis, shifted and sometimes cold, each
by a draw of its own.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from shortaxis.phantom.organs import AbdomenPlacement, BowelLoop, Breasts, Stomach
from shortaxis.phantom.torso import Torso
from shortaxis.simulation.draws import Normal, Table, Uniform, sampled
from shortaxis.simulation.torsos import TorsoDraws

__all__ = ["sample_measured_torso"]

PLACEMENT: Table = {
    # Turning away most of what the abdomen tells of the roll takes +-25 degrees or so.
    "turn_deg": (Normal(0, 14, -32, 32), Uniform(-40, 40)),
    "liver_shift_mm": (Normal(0, 15, -40, 40), Uniform(-45, 45)),
    "liver_drop_mm": (Uniform(0, 18), Uniform(0, 40)),
}

SETTLING: Table = {"settling_mm": (Normal(2, 7, -20, 14), Uniform(-24, 15))}
"""Fat and lung between heart and diaphragm, or a heart that sinks in."""

STOMACH_SD_MM = 16.0

COLD_PART = {"liver": (0.06, 0.15), "stomach_wall": (0.2, 0.3), "spleen": (0.15, 0.25)}
"""By organ and spread: patients in whom it is no warmer than the tissue around it (steatosis,
blocked uptake, a spleen that was taken out)."""
COLD = (0.05, 0.2)

TOUCHING_PART = (0.14, 0.3)
"""By spread: a hot loop of gut against the heart, under any of its walls."""

MEN_WITH_SOFT_CHESTS = 0.2
"""Fat before the heart attenuates in men as in women: they, too, have anterior artefacts."""


def sample_measured_torso(rng: np.random.Generator, spread: int) -> TorsoDraws:
    """Draw body, organs and uptake for both conditions."""
    usual = TorsoDraws.sample(rng, spread)
    torso = usual.torso
    placed = replace(
        torso,
        abdomen=AbdomenPlacement(**sampled(PLACEMENT, rng, spread)),
        diaphragm=replace(torso.diaphragm, **sampled(SETTLING, rng, spread)),
        stomach=_moved(torso.stomach, rng),
        breasts=_chest(rng, torso),
        bowel=torso.bowel + _touching(rng, spread),
    )
    return TorsoDraws(placed, _with_cold_organs(rng, spread, usual))


def _moved(stomach: Stomach, rng: np.random.Generator) -> Stomach:
    x, y, z = (np.array(stomach.center_mm) + rng.normal(0, STOMACH_SD_MM, 3)).tolist()
    return replace(stomach, center_mm=(x, y, z))


def _chest(rng: np.random.Generator, torso: Torso) -> Breasts:
    soft = bool(rng.random() < MEN_WITH_SOFT_CHESTS)
    radius_mm, thickness, half_distance_mm = rng.uniform((50, 0.2, 75), (80, 0.45, 110)).tolist()
    if torso.has_breasts or not soft:
        return torso.breasts
    return Breasts(
        radius_mm=radius_mm,
        thickness_mm=max(radius_mm * thickness, 10.0),
        half_distance_mm=half_distance_mm,
        uptake=torso.body.uptake,
    )


def _touching(rng: np.random.Generator, spread: int) -> tuple[BowelLoop, ...]:
    """A loop of gut right under the diaphragm, anywhere near the heart."""
    if rng.random() >= TOUCHING_PART[spread]:
        return ()
    start = rng.uniform((-45, -50, -22), (70, 50, -12))
    points = [start, *(start + np.cumsum(rng.normal(0, (24, 20, 8), (3, 3)), axis=0))]
    low = np.minimum(points, (np.inf, np.inf, -12.0)).tolist()
    radius_mm, uptake = rng.uniform((8, 0.8), (17, 2.5)).tolist()
    return (BowelLoop(tuple(map(tuple, low)), radius_mm=radius_mm, uptake=uptake),)


def _with_cold_organs(
    rng: np.random.Generator, spread: int, usual: TorsoDraws
) -> tuple[tuple[str, tuple[tuple[str, float], ...]], ...]:
    """Uptake by condition, where some organs take up nothing on either day."""
    cold = {
        organ: float(rng.uniform(*COLD))
        for organ, parts in COLD_PART.items()
        if rng.random() < parts[spread]
    }
    return tuple(
        (condition, tuple((organ, cold.get(organ, uptake)) for organ, uptake in organs))
        for condition, organs in usual.uptake
    )
