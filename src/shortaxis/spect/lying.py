"""How a patient lies or sits while views are taken: what attenuates which wall follows from it."""

from __future__ import annotations

__all__ = ["LYING", "PRONE", "SUPINE", "UPRIGHT"]

SUPINE, PRONE, UPRIGHT = "supine", "prone", "upright"

LYING = (SUPINE, PRONE, UPRIGHT)
"""In the order in which one is shown where there are several."""
