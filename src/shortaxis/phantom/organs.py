"""The parameters of single organs of the torso.

Points are LPS offsets in mm from a reference point that each class names: the centre of the
body, or the diaphragm, which lies where the inferior wall of the heart rests. Uptake is
relative to healthy myocardium. The defaults are a normal adult; the ranges are wide on purpose.
"""

from __future__ import annotations

from dataclasses import dataclass

from shortaxis.errors import OptionError
from shortaxis.phantom.ranges import bounded, check_parameters, point_mm

__all__ = [
    "AbdomenPlacement",
    "Arms",
    "Body",
    "BowelLoop",
    "Breasts",
    "Diaphragm",
    "EllipsoidOrgan",
    "Liver",
    "Lungs",
    "Respiration",
    "Skeleton",
    "Stomach",
]


@dataclass(frozen=True)
class Body:
    """Outline of the chest: a superellipse in every transaxial slice.

    Parameters
    ----------
    half_width_mm, half_depth_mm : float
        Semi-axes of the skin at the height of the body centre.
    squareness : float
        Exponent of the superellipse: 2 is an ellipse.
    taper_per_m : float
        Relative growth of both semi-axes for every metre towards the head.
    fat_mm, muscle_mm, rib_mm : float
        Thickness of the layers of the chest wall, from the skin inwards.
    uptake, fat_uptake : float
        Uptake of muscle and other soft tissue, and of fat.
    """

    half_width_mm: float = bounded(172.0, 110, 290)
    half_depth_mm: float = bounded(116.0, 80, 220)
    squareness: float = bounded(2.4, 1.8, 4)
    taper_per_m: float = bounded(0.2, -1, 1)
    fat_mm: float = bounded(10.0, 0, 90)
    muscle_mm: float = bounded(6.0, 2, 30)
    rib_mm: float = bounded(7.0, 4, 12)
    uptake: float = bounded(0.07, 0, 0.4)
    fat_uptake: float = bounded(0.03, 0, 0.3)

    def __post_init__(self) -> None:
        check_parameters(self)


@dataclass(frozen=True)
class Arms:
    """Arms beside the head (`are_raised`) or beside the chest."""

    are_raised: bool = True
    radius_mm: float = bounded(42.0, 25, 75)

    def __post_init__(self) -> None:
        check_parameters(self)


@dataclass(frozen=True)
class Breasts:
    """Half ellipsoids on the chest wall of a lying patient; radius 0 for none."""

    radius_mm: float = bounded(0.0, 0, 110)
    thickness_mm: float = bounded(35.0, 10, 90)
    half_distance_mm: float = bounded(80.0, 40, 150)
    height_mm: float = bounded(0.0, -80, 80)
    """Above the body centre."""
    uptake: float = bounded(0.05, 0, 0.4)

    def __post_init__(self) -> None:
        check_parameters(self)


@dataclass(frozen=True)
class Lungs:
    """Both lungs, above the diaphragm and within the rib cage; the heart is carved out of them."""

    half_width_mm: float = bounded(64.0, 40, 90)
    half_depth_mm: float = bounded(100.0, 60, 150)
    half_gap_mm: float = bounded(27.0, 10, 50)
    """Half the width of the mediastinum."""
    apex_height_mm: float = bounded(190.0, 120, 260)
    """Above the diaphragm."""
    left_to_right: float = bounded(0.9, 0.6, 1)
    """Width of the left lung relative to the right one."""
    uptake: float = bounded(0.05, 0, 0.6)

    def __post_init__(self) -> None:
        check_parameters(self)


@dataclass(frozen=True)
class Diaphragm:
    """Two domes; their height follows from the heart, whose inferior wall rests on the left one."""

    right_rise_mm: float = bounded(12.0, -25, 50)
    """How much higher the right dome is than the left one."""
    settling_mm: float = bounded(4.0, -25, 15)
    """How deep the heart sinks in; negative: a gap of lung and fat below the heart."""
    curvature_mm: float = bounded(45.0, 15, 90)
    """Drop from the top of a dome to its rim."""
    thickness_mm: float = bounded(4.0, 1, 10)

    def __post_init__(self) -> None:
        check_parameters(self)


@dataclass(frozen=True)
class AbdomenPlacement:
    """Where diaphragm and abdomen lie around the heart, apart from how the heart itself is rolled.

    Parameters
    ----------
    turn_deg : float
        Diaphragm and organs turned about the long axis of the left ventricle; positive from the
        inferior towards the septal side. The heart rests on the diaphragm however it is turned.
    liver_shift_mm : float
        Left lobe to the front (positive) or to the back of where it usually lies under the heart.
    liver_drop_mm : float
        How far the left lobe hangs below the diaphragm.
    """

    turn_deg: float = bounded(0.0, -45, 45)
    liver_shift_mm: float = bounded(0.0, -50, 50)
    liver_drop_mm: float = bounded(0.0, 0, 50)

    def __post_init__(self) -> None:
        check_parameters(self)


@dataclass(frozen=True)
class Skeleton:
    """Spine, ribs and sternum."""

    vertebra_radius_mm: float = bounded(20.0, 14, 28)
    rib_spacing_mm: float = bounded(27.0, 20, 40)
    rib_height_mm: float = bounded(13.0, 8, 18)
    uptake: float = bounded(0.08, 0, 0.6)

    def __post_init__(self) -> None:
        check_parameters(self)


@dataclass(frozen=True)
class Liver:
    """Right and left lobe, filling the domes of the diaphragm from below.

    `left_reach_mm` is how far the left lobe crosses the midline; beyond about 30 mm it lies
    under the heart.
    """

    scale: float = bounded(1.0, 0.7, 1.5)
    left_reach_mm: float = bounded(45.0, 0, 130)
    left_thickness_mm: float = bounded(48.0, 20, 90)
    uptake: float = bounded(0.6, 0, 4)

    def __post_init__(self) -> None:
        check_parameters(self)


@dataclass(frozen=True)
class Stomach:
    """Wall and content, under the left dome; the centre is given from the diaphragm."""

    center_mm: tuple[float, float, float] = (74.0, -2.0, -46.0)
    scale: float = bounded(1.0, 0.5, 1.6)
    wall_mm: float = bounded(4.0, 2, 10)
    wall_uptake: float = bounded(0.2, 0, 3)
    content_uptake: float = bounded(0.05, 0, 4)

    def __post_init__(self) -> None:
        check_parameters(self)
        object.__setattr__(self, "center_mm", point_mm(self.center_mm, "stomach.center_mm"))


@dataclass(frozen=True)
class BowelLoop:
    """A chain of tubes; waypoints are given from the point of the diaphragm under the heart."""

    waypoints_mm: tuple[tuple[float, float, float], ...]
    radius_mm: float = bounded(13.0, 5, 35)
    uptake: float = bounded(0.2, 0, 6)

    def __post_init__(self) -> None:
        check_parameters(self)
        points = tuple(point_mm(point, "waypoint") for point in self.waypoints_mm)
        if len(points) < 2:
            raise OptionError(
                "a bowel loop is a chain", expected="two waypoints or more", found=str(len(points))
            )
        object.__setattr__(self, "waypoints_mm", points)


@dataclass(frozen=True)
class EllipsoidOrgan:
    """A solid organ; `center_mm` is given from the diaphragm at the midline of the body."""

    center_mm: tuple[float, float, float]
    semi_axes_mm: tuple[float, float, float]
    uptake: float = bounded(0.6, 0, 6)

    def __post_init__(self) -> None:
        check_parameters(self)
        object.__setattr__(self, "center_mm", point_mm(self.center_mm, "organ centre"))
        axes = point_mm(self.semi_axes_mm, "semi-axes")
        if min(axes) < 2 or max(axes) > 150:
            raise OptionError(
                "implausible organ", expected="semi-axes 2 to 150 mm", found=str(axes)
            )
        object.__setattr__(self, "semi_axes_mm", axes)


@dataclass(frozen=True)
class Respiration:
    """Travel between end expiration and end inspiration, mm (Pretorius 2017, PMC7714447)."""

    superior_inferior_mm: float = bounded(8.0, 0, 40)
    anterior_posterior_mm: float = bounded(2.0, 0, 20)

    def __post_init__(self) -> None:
        check_parameters(self)
