"""Drawn hearts, whose pose is known exactly; the evidence alters the same ones."""

from __future__ import annotations

from evidence.measuring.pose.drawn_heart import (
    FWHM_PER_SIGMA,
    DrawnHeart,
    draw_study,
    transaxial_grid,
    usual_pose,
)

__all__ = [
    "FWHM_PER_SIGMA",
    "DrawnHeart",
    "draw_study",
    "transaxial_grid",
    "usual_pose",
]
