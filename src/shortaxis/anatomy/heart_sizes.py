"""Sizes of the left ventricle, where a method must assume one; lengths are in mm.

A length goes from the epicardial apex to the centre of the mitral valve plane; a radius goes from
the long axis to the middle of the wall, at the widest place.
"""

from __future__ import annotations

__all__ = [
    "HALF_WALL_MM",
    "MAX_LENGTH_MM",
    "PLAUSIBLE_LENGTHS_MM",
    "PLAUSIBLE_RADII_MM",
    "THICK_WALL_MM",
    "TYPICAL_LENGTH_MM",
    "TYPICAL_RADIUS_MM",
    "VALVE_BEHIND_WIDEST",
]

TYPICAL_LENGTH_MM, TYPICAL_RADIUS_MM = 83.0, 27.0
"""Means of adult hearts (XCAT, systole; spread 9 and 5 mm), where nothing is known of the size."""

HALF_WALL_MM = 5.0
"""From the epicardium to the middle of the wall: walls are 8 to 12 mm thick."""

THICK_WALL_MM = 14.0
"""A wall thicker than this is rare without hypertrophy."""

MAX_LENGTH_MM = 120.0
"""Of the longest ventricles, diastole included (FIELD priors)."""

PLAUSIBLE_LENGTHS_MM, PLAUSIBLE_RADII_MM = (50.0, 130.0), (12.0, 50.0)
"""What is traced beyond these is not a left ventricle."""

VALVE_BEHIND_WIDEST = 0.55
"""Valve plane behind the widest place, in axial semi-axes of an ellipsoid through the wall."""
