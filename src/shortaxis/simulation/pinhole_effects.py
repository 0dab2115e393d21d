"""How one multi-pinhole reconstruction differs from another, beside its filter and counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from shortaxis.phantom.ranges import bounded, check_parameters
from shortaxis.simulation.draws import Draw, LogUniform, Uniform

__all__ = ["EFFECTS", "PinholeEffects", "sample_pinhole_effects"]


@dataclass(frozen=True)
class PinholeEffects:
    """Effects of a reconstruction from few directions, as they appear in the image.

    Parameters
    ----------
    rim_strength : float
        Counts on the rim over the activity nearby beyond the field.
    rim_spread : float
        Spread of the logarithm of the rim's blotches.
    rim_steepness : float
        How much hotter the rim is behind than in front.
    unevenness : float
        Standard deviation of plaques some centimetres wide, as a part of the wall's level.
    attenuation_part : float
        Of narrow-beam attenuation.
    scatter_part : float
        Of the activity, spread as a haze.
    """

    rim_strength: float = bounded(6.0, 0.1, 40)
    rim_spread: float = bounded(0.5, 0, 2)
    rim_steepness: float = bounded(0.6, 0, 3)
    unevenness: float = bounded(0.05, 0, 0.5)
    attenuation_part: float = bounded(0.7, 0, 1)
    scatter_part: float = bounded(0.07, 0, 1)

    def __post_init__(self) -> None:
        check_parameters(self)


EFFECTS: Mapping[str, Draw] = {
    # Four 530c studies: hottest between the liver and the spine, in arcs of some centimetres.
    "rim_strength": LogUniform(3.0, 15.0),
    "rim_spread": Uniform(0.3, 0.8),
    "rim_steepness": Uniform(0.2, 1.0),
    # In these studies waves of 2 to 4 cm are four times as strong as those of 0.5 to 1 cm, in noise
    # of their resolution alone twice: few directions leave plaques, and so does attenuation.
    "unevenness": Uniform(0.015, 0.13),
    # Scattered photons, which nobody corrects, make up for a part of attenuation (a broad beam in
    # water has 0.78 of it; `shortaxis.camera.scatter`), and the detectors' low-energy tail lets
    # more of them in. With less than 0.78 the back of the chest is as bright as in these studies.
    "attenuation_part": Uniform(0.5, 0.85),
    # A haze as wide as the exponential tails of measured scatter.
    "scatter_part": Uniform(0.0, 0.14),
}


def sample_pinhole_effects(rng: np.random.Generator) -> PinholeEffects:
    """Draw the effects of one reconstruction."""
    return PinholeEffects(**{name: draw.sample(rng) for name, draw in EFFECTS.items()})
