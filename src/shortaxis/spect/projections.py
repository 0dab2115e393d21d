"""Raw projections of a rotating camera, apart from how any format spells them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from shortaxis.errors import GeometryError
from shortaxis.geometry.arrays import CountsArray, FloatArray

__all__ = ["Projections", "view_axes"]


@dataclass(frozen=True, eq=False)
class Projections:
    """Counts of every view, and where the heads stood.

    Parameters
    ----------
    counts : (energy_window, time_slot, angular_view, row, bin) float32 array
        The first energy window holds the photopeak; an ungated study has one time slot. Rows go
        from head to feet; bins as somebody in the detector's place sees them, to the right.
    angles_deg : (angular_view,) tuple
        0 at the patient's back, growing to the patient's left (PS3.3 C.8.4.11).
    radial_position_mm : (angular_view,) tuple
        From the axis of rotation to the collimator's face.
    pixel_mm : (row, bin)
        Size of a pixel.
    axis_mm : (x, y, z)
        Where the axis of rotation passes the middle of the rows, LPS mm.
    heads : int
        Detectors; each has an equal run of the views.
    is_gated : bool
        Whether the time slots are those of a cardiac cycle.
    windows_kev : tuple of (lower, upper)
        Of each energy window.
    """

    counts: CountsArray
    angles_deg: tuple[float, ...]
    radial_position_mm: tuple[float, ...]
    pixel_mm: tuple[float, float]
    axis_mm: tuple[float, float, float]
    windows_kev: tuple[tuple[float, float], ...]
    heads: int = 1
    is_gated: bool = False

    def __post_init__(self) -> None:
        views = len(self.angles_deg)
        shape = self.counts.shape
        found = (len(shape), *shape[:1], *shape[2:3], len(self.radial_position_mm))
        if found != (5, len(self.windows_kev), views, views):
            raise GeometryError(
                "projections do not fit their views",
                expected=f"{len(self.windows_kev)} windows, {views} views and radial positions",
                found=f"counts of shape {shape}, {len(self.radial_position_mm)} radial positions",
            )
        if self.heads < 1 or views % self.heads:
            raise GeometryError(
                "heads do not share the views evenly",
                expected=f"a divisor of {views}",
                found=f"{self.heads} heads",
            )

    @property
    def views_of_heads(self) -> tuple[range, ...]:
        """Views of each head, in order."""
        each = len(self.angles_deg) // self.heads
        return tuple(range(head * each, (head + 1) * each) for head in range(self.heads))


def view_axes(angle_deg: float) -> tuple[FloatArray, FloatArray]:
    """Direction in which bins grow, and from the axis to the detector, LPS unit vectors.

    At 180 degrees the detector is in front of the patient, and bins grow to the patient's left.
    """
    turn = np.radians(angle_deg)
    bins = np.array([-np.cos(turn), np.sin(turn), 0.0])
    towards = np.array([np.sin(turn), np.cos(turn), 0.0])
    return bins, towards
