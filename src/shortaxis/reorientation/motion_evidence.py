"""Whether the patient moved during the exam, by what a reconstruction alone shows of it.

A rule of a few numbers, fitted on simulated patients who moved and who did not; it stands in the
record of the weights (`judgement`), since two of its numbers are the network's own.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from shortaxis.reorientation.wall_edges import WallEdges

__all__ = ["MOTION_FEATURES", "MotionRule", "motion_features"]

MOTION_FEATURES = (
    "log_center_spread",
    "presence",
    "log_bright_part",
    "log_faint_level",
    "log_softest_edge",
    "log_noise",
)
"""What the rule weighs: the error of the centre that the network expects (mm), its log odds of a
left ventricle, `WallEdges`, and the noise relative to the wall. A network that sees two hearts
doubts where the one is. So it does where a defect opens the ring or noise hides it; the wall and
the noise tell these from motion."""

LEAST = 5e-3
"""Logarithms are taken of this at least."""


@dataclass(frozen=True)
class MotionRule:
    """Log odds of a patient who moved by 14 mm or more, against one who lay still.

    Parameters
    ----------
    intercept : float
        Log odds where every feature is 0.
    coefficients : mapping of str to float
        What each feature adds, one for each of `MOTION_FEATURES`.

    Raises
    ------
    ValueError
        If a feature is missing or unknown, or a number is not finite.
    """

    intercept: float
    coefficients: Mapping[str, float]

    def __post_init__(self) -> None:
        if set(self.coefficients) != set(MOTION_FEATURES):
            raise ValueError(
                f"motion with coefficients of {', '.join(sorted(self.coefficients))}, "
                f"not of {', '.join(sorted(MOTION_FEATURES))}"
            )
        for name, value in {"intercept": self.intercept, **self.coefficients}.items():
            is_number = isinstance(value, int | float) and not isinstance(value, bool)
            if not is_number or not math.isfinite(value):
                raise ValueError(f"motion: {name} is no finite number: {value!r}")

    def log_odds(self, features: Mapping[str, float]) -> float:
        """Natural logarithm of the odds."""
        return self.intercept + sum(
            value * features[name] for name, value in self.coefficients.items()
        )


def motion_features(
    center_spread_mm: float, presence: float, noise: float, edges: WallEdges
) -> dict[str, float]:
    """The features of `MOTION_FEATURES` of a pose."""
    return {
        "log_center_spread": _log(center_spread_mm),
        "presence": presence,
        "log_bright_part": _log(edges.bright_part),
        "log_faint_level": _log(edges.faint_level),
        "log_softest_edge": _log(edges.softest_per_mm),
        "log_noise": _log(noise),
    }


def _log(value: float) -> float:
    return math.log(max(value, LEAST)) if math.isfinite(value) else math.nan
