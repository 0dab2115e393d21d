"""One heart in one torso, and where it lies."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from shortaxis.errors import GeometryError
from shortaxis.geometry.arrays import FloatArray
from shortaxis.geometry.euler import rotation_from_angles
from shortaxis.geometry.pose import RigidPose
from shortaxis.phantom.heart import Heart
from shortaxis.phantom.organs import Body
from shortaxis.phantom.ranges import point_mm
from shortaxis.phantom.torso import Torso

__all__ = ["Phantom", "depth_below_skin_mm", "usual_pose"]

USUAL_CENTER_MM = (54.0, -49.0, 0.0)
"""Left ventricle from the body centre, LPS mm: populations of phantoms have it about 56 +- 11 mm to
the left; so far forward, the apex lies 20 to 30 mm below the skin."""


def usual_pose() -> RigidPose:
    """The pose that most patients have, in a body centred at the origin."""
    return RigidPose(rotation_from_angles(20.0, 0.0, 45.0), np.array(USUAL_CENTER_MM))


@dataclass(frozen=True, eq=False)
class Phantom:
    """Everything that `draw_phantom` needs.

    Parameters
    ----------
    heart, torso : Heart, Torso
        Sizes and uptake.
    pose : RigidPose
        Of the left ventricle, averaged over the cardiac cycle and over breathing: the epicardial
        apex at ``(0, 0, -length / 2)``, the centre of the mitral valve plane at
        ``(0, 0, +length / 2)``, and, seen from the centre of the ring in every short-axis slice,
        the middle between the insertions of the right ventricle at ``-x_c`` (anatomical roll).
    body_center_mm : tuple of float
        Centre of the chest's cross-section, LPS mm; its height is where the body has its nominal
        width.

    Raises
    ------
    GeometryError
        If the apex or the centre of the left ventricle lies outside the body.
    """

    heart: Heart = field(default_factory=Heart)
    torso: Torso = field(default_factory=Torso)
    pose: RigidPose = field(default_factory=usual_pose)
    body_center_mm: tuple[float, float, float] = (0.0, 0.0, 0.0)

    def __post_init__(self) -> None:
        center = point_mm(self.body_center_mm, "body_center_mm")
        object.__setattr__(self, "body_center_mm", center)
        for name, point in (("apex", self.apex_mm), ("centre", self.pose.center_mm)):
            if self.depth_mm(point) <= 0:
                raise GeometryError(
                    f"the {name} of the left ventricle lies outside the body",
                    expected="a pose inside the chest",
                    found=f"{np.round(point, 1).tolist()} mm, body centre {list(center)} mm",
                )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Phantom):
            return NotImplemented
        return (self.heart, self.torso, self.body_center_mm) == (
            other.heart,
            other.torso,
            other.body_center_mm,
        ) and bool(np.array_equal(self.pose.matrix, other.pose.matrix))

    def __hash__(self) -> int:
        return hash((self.heart, self.torso, self.body_center_mm, self.pose.matrix.tobytes()))

    @property
    def apex_mm(self) -> FloatArray:
        """Epicardial apex, LPS mm."""
        return self.pose.to_patient((0.0, 0.0, -self.heart.left_ventricle.length_mm / 2))

    def depth_mm(self, point_mm: FloatArray) -> float:
        """Distance from a point (LPS mm) to the skin, to first order; negative outside."""
        return depth_below_skin_mm(
            self.torso.body, np.asarray(point_mm) - np.array(self.body_center_mm)
        )


def depth_below_skin_mm(body: Body, offset_mm: FloatArray) -> float:
    """Distance from the skin of a point given from the body's centre (LPS mm), to first order."""
    x, y, z = np.asarray(offset_mm).tolist()
    growth = body_growth(body.taper_per_m, z)
    width, depth = body.half_width_mm * growth, body.half_depth_mm * growth
    u, v, n = abs(x) / width, abs(y) / depth, body.squareness
    level = float((u**n + v**n) ** (1 / n))
    if level == 0:
        return float(min(width, depth))
    # The level is 1 on the skin and grows in proportion along every ray.
    slope = np.hypot((u / level) ** (n - 1) / width, (v / level) ** (n - 1) / depth)
    return float((1 - level) / slope)


def body_growth(taper_per_m: float, height_mm: float) -> float:
    """Scale of the body's cross-section at a height above its centre, mm."""
    return 1.0 + taper_per_m * min(max(height_mm, -300.0), 300.0) / 1000.0
