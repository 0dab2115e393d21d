"""How often a heart that did not change is called changed, as it was measured.

These are numbers of the result `prior_changes`, which a test holds against them. They stand apart
from what they are measured of, so that a new measurement is no change of it.
"""

from __future__ import annotations

__all__ = ["MEASURED_WORDS"]

CALLED, CALLED_ON_ANOTHER_CAMERA = (2, 40), (7, 40)
"""Hearts that are called changed, of how many; both exams on one camera, and on two."""

PLACE_PERCENT, PLACE_PERCENT_ON_ANOTHER_CAMERA = 10, 12
"""Standard deviation of the difference at a place, in per cent of normal, over all of them."""

MEASURED_WORDS = (
    "Of simulated hearts that had not changed, {} of {} were called changed on the same camera and "
    "{} of {} on another; at a place their exams differed by {} and {} % (standard deviation)."
).format(*CALLED, *CALLED_ON_ANOTHER_CAMERA, PLACE_PERCENT, PLACE_PERCENT_ON_ANOTHER_CAMERA)
