"""How far the traced valve plane lies from the one that the network draws on review sheets.

Numbers are of one wall, the tracing unless the network was asked for; review sheets show that of
the network. Where the two contradict each other, whoever reads both must be told.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from shortaxis.errors import HeartNotFoundError, UnknownWeightsError
from shortaxis.geometry.affines import invert_affine
from shortaxis.geometry.pose import RigidPose
from shortaxis.quantification.tracing import TracedVentricle
from shortaxis.reorientation.estimate import PoseEstimate
from shortaxis.spect.volume import SpectVolume
from shortaxis.ventricle.wall_network import draw_wall

__all__ = ["PlanesApart", "planes_apart"]

TOLD_MM = 10.0
"""A third of the basal ring of a ventricle of 90 mm: from there on a basal segment is another
place by the one plane than by the other."""

FACING_COSINE = 0.5
"""Of the angle between the axis and a plane's normal: along an axis that is further off, planes are
no longer compared, and the pose has reasons of its own."""

WALLS = ("lateral", "inferior", "septal", "anterior")
"""By quarters of the cardiac angle, from 0."""

PLACES = 24


@dataclass(frozen=True)
class PlanesApart:
    """Where around the mid-wall the planes lie farthest apart.

    `farther_mm` is how far the traced one lies from the apex beyond that of the network, along the
    axis; below zero it lies nearer. `wall` is where.
    """

    farther_mm: float
    wall: str

    @property
    def words(self) -> str:
        """How they lie to each other."""
        sense = "farther from" if self.farther_mm > 0 else "nearer to"
        return (
            f"the traced valve plane lies up to {abs(self.farther_mm):.0f} mm {sense} the apex "
            f"({self.wall} wall) than the network's"
        )

    @property
    def note(self) -> str:
        """What a reader should know of it; empty where the planes are about the same."""
        if abs(self.farther_mm) < TOLD_MM:
            return ""
        return (
            f"{self.words} on review sheets; "
            "numbers are of the traced one, with --wall network of the other"
        )


def planes_apart(
    volume: SpectVolume, estimate: PoseEstimate, pose: RigidPose, traced: TracedVentricle
) -> PlanesApart | None:
    """Compare the planes around the mid-wall of a ventricle that was traced with a pose.

    The network draws along the estimated pose, as for a review sheet. None where it draws nothing:
    its weights are not installed, there are no counts, or the plane does not face the base.
    """
    try:
        drawn = draw_wall(volume, estimate.pose, axis_bound_deg=estimate.uncertainty.long_axis_deg)
    except (HeartNotFoundError, UnknownWeightsError):
        return None
    network = drawn.valve.seen_from(invert_affine(pose.matrix) @ drawn.pose.matrix)
    if network.normal[2] < FACING_COSINE:
        return None
    ends, angles = traced.ends, np.linspace(0, 2 * np.pi, PLACES, endpoint=False)
    x, y = traced.radius_mm * np.cos(angles), traced.radius_mm * np.sin(angles)
    own = ends.valve_z_mm + ends.valve_slope_x * x + ends.valve_slope_y * y
    slope_x, slope_y = network.slopes
    farther = own - (network.on_axis_mm + slope_x * x + slope_y * y)
    most = int(np.abs(farther).argmax())
    quarter = round(angles[most] / (np.pi / 2)) % len(WALLS)
    return PlanesApart(float(farther[most]), WALLS[quarter])
