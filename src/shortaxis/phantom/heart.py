"""The parameters of a heart: ventricles, blood pools, defects and motion.

All lengths are millimetres in the cardiac frame, averaged over the cardiac cycle. Angles are
cardiac: 0 lateral, 90 inferior, 180 septal, -90 anterior. Heights are fractions of the long
axis, 0 at the epicardial apex and 1 at the mitral valve plane. Uptake is relative to healthy
myocardium. The defaults are a normal adult (121 ml at end diastole, ejection fraction 0.6, and
121 ml of left ventricular wall); the ranges take in small, dilated and hypertrophied hearts.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from shortaxis.anatomy.heart_sizes import HALF_WALL_MM
from shortaxis.errors import GeometryError
from shortaxis.phantom.crescent_form import CrescentForm
from shortaxis.phantom.defects import PerfusionDefect
from shortaxis.phantom.ranges import added, added_part, bounded, check_parameters
from shortaxis.phantom.regional_contraction import USUAL_SYSTOLE, RegionalContraction

__all__ = [
    "ApicalAneurysm",
    "BloodPools",
    "Heart",
    "HeartMotion",
    "LeftVentricle",
    "PerfusionDefect",
    "RegionalUptake",
    "RightVentricle",
]


@dataclass(frozen=True)
class RegionalUptake:
    """Smooth variation of the uptake over a healthy wall: ``1 + sum of gain * shape``.

    The shapes are lateral minus septal, inferior minus anterior, apical minus basal, and the
    two with two maxima around the axis (lateral and septal; the same turned by 45 degrees).
    """

    lateral: float = bounded(0.0, -0.3, 0.3)
    inferior: float = bounded(0.0, -0.3, 0.3)
    apical: float = bounded(0.0, -0.3, 0.3)
    twofold: float = bounded(0.0, -0.15, 0.15)
    twofold_oblique: float = bounded(0.0, -0.15, 0.15)

    def __post_init__(self) -> None:
        check_parameters(self)


@dataclass(frozen=True)
class ApicalAneurysm:
    """A thin apex without muscle that bulges sideways; the apex itself stays in place."""

    height: float = bounded(0.32, 0.1, 0.5)
    bulge_mm: float = bounded(5.0, 0, 15)
    wall_mm: float = bounded(4.0, 2, 8)
    uptake: float = bounded(0.08, 0, 0.5)

    def __post_init__(self) -> None:
        check_parameters(self)


@dataclass(frozen=True)
class LeftVentricle:
    """Epicardium, wall thickness and valve plane of the left ventricle.

    Parameters
    ----------
    length_mm : float
        From the epicardial apex to the centre of the mitral valve plane.
    radius_mm : float
        Epicardial radius at `widest_height`.
    apex_bluntness : float
        Exponent of the superellipse below the widest height: 2 is an ellipse.
    base_narrowing : float
        Part of the radius that is lost between the widest height and the valve.
    wall_mm, apex_wall_mm : float
        Thickness at the widest height and at the apex.
    base_wall_fraction : float
        Thickness at the valve, as a fraction of `wall_mm`.
    septal_excess_mm : float
        Thickness that the septum has more than the other walls.
    valve_tilt_deg, valve_tilt_direction_deg : float
        How oblique the valve plane is, and on which side the wall is longest.
    membranous_septum_mm : float
        How much shorter the muscle of the septum is than the valve plane.
    membranous_direction_deg : float
        Where the septum is shortest, from its middle; positive towards the anterior insertion.
    bend_mm, bend_direction_deg : float
        Sideways shift of the centre line at half height; both ends stay in place.
    ellipticity, ellipticity_angle_deg, triangularity, triangularity_angle_deg : float
        Second and third harmonic of the radius around the axis, relative to it.
    papillary_radius_mm : float
        Thickness of the two papillary muscles; 0 for none.
    """

    length_mm: float = bounded(90.0, 50, 140)
    radius_mm: float = bounded(31.0, 16, 60)
    widest_height: float = bounded(0.64, 0.45, 0.85)
    apex_bluntness: float = bounded(2.1, 1.6, 3)
    base_narrowing: float = bounded(0.1, 0, 0.35)
    wall_mm: float = bounded(2 * HALF_WALL_MM, 4, 20)
    apex_wall_mm: float = bounded(7.5, 3, 18)
    base_wall_fraction: float = bounded(0.85, 0.5, 1)
    septal_excess_mm: float = bounded(0.0, -4, 14)
    valve_tilt_deg: float = bounded(10.0, 0, 25)
    valve_tilt_direction_deg: float = bounded(0.0, -360, 360)
    membranous_septum_mm: float = bounded(13.0, 0, 30)
    bend_mm: float = bounded(1.5, 0, 8)
    bend_direction_deg: float = bounded(0.0, -360, 360)
    ellipticity: float = bounded(0.03, 0, 0.15)
    ellipticity_angle_deg: float = bounded(90.0, -360, 360)
    triangularity: float = bounded(0.01, 0, 0.06)
    triangularity_angle_deg: float = bounded(0.0, -360, 360)
    papillary_radius_mm: float = bounded(3.5, 0, 9)
    regional_uptake: RegionalUptake = field(default_factory=RegionalUptake)
    aneurysm: ApicalAneurysm | None = None
    membranous_direction_deg: float = added(0.0, -60, 60)

    def __post_init__(self) -> None:
        check_parameters(self)
        thickest_mm = self.wall_mm + max(self.septal_excess_mm, 0)
        if thickest_mm > 0.75 * self.radius_mm:
            raise GeometryError(
                "the left ventricle has no cavity",
                expected=f"a wall of at most 0.75 x radius_mm = {0.75 * self.radius_mm:.1f} mm",
                found=f"{thickest_mm:.1f} mm",
            )


@dataclass(frozen=True)
class RightVentricle:
    """A crescent that joins the septum at two angles, symmetric about the middle of the septum.

    `insertion_angle_deg` is half the angle between the insertions; the crescent reaches from
    `apex_height` to the base and is `width_mm` wide inside, measured from the septum. With a `form`
    it twists with height and is as full as measured ones; without one it is an ellipse.
    """

    insertion_angle_deg: float = bounded(58.0, 35, 80)
    apex_height: float = bounded(0.22, 0.1, 0.5)
    width_mm: float = bounded(30.0, 8, 65)
    wall_mm: float = bounded(3.5, 2, 10)
    uptake: float = bounded(0.35, 0, 1)
    form: CrescentForm | None = added_part()  # noqa: RUF009 - a field

    def __post_init__(self) -> None:
        check_parameters(self)


@dataclass(frozen=True)
class BloodPools:
    """Blood in the cavities, atria and great vessels; radii in mm."""

    uptake: float = bounded(0.1, 0, 0.6)
    left_atrium_radius_mm: float = bounded(23.0, 12, 45)
    right_atrium_radius_mm: float = bounded(22.0, 12, 45)
    aorta_radius_mm: float = bounded(14.0, 8, 25)
    pulmonary_artery_radius_mm: float = bounded(12.0, 8, 22)

    def __post_init__(self) -> None:
        check_parameters(self)


@dataclass(frozen=True)
class HeartMotion:
    """Contraction: how much blood is ejected and how far base and apex move along the axis.

    `end_systole` is its part of the cycle. Where a wall contracts by regions, the ejection fraction
    is that which it would have if all of it contracted normally.
    """

    ejection_fraction: float = bounded(0.6, 0, 0.85)
    base_excursion_mm: float = bounded(11.0, 0, 20)
    apex_excursion_mm: float = bounded(1.5, 0, 5)
    end_systole: float = added(USUAL_SYSTOLE, 0.28, 0.5)

    def __post_init__(self) -> None:
        check_parameters(self)


@dataclass(frozen=True)
class Heart:
    """Everything inside the pericardium, and the fat around it."""

    left_ventricle: LeftVentricle = field(default_factory=LeftVentricle)
    right_ventricle: RightVentricle = field(default_factory=RightVentricle)
    blood: BloodPools = field(default_factory=BloodPools)
    motion: HeartMotion = field(default_factory=HeartMotion)
    defects: tuple[PerfusionDefect, ...] = ()
    pericardial_fat_mm: float = bounded(3.0, 0, 15)
    has_right_ventricle: bool = True
    contraction: RegionalContraction | None = added_part()  # noqa: RUF009 - a field

    def __post_init__(self) -> None:
        check_parameters(self)
        object.__setattr__(self, "defects", tuple(self.defects))
        widest, lowest = self.left_ventricle.widest_height, self.right_ventricle.apex_height
        if self.has_right_ventricle and widest - lowest < 0.1 - 1e-9:
            raise GeometryError(
                "the right ventricle begins too high",
                expected=f"apex_height at least 0.1 below widest_height {widest:g}",
                found=f"{lowest:g}",
            )
        length_mm = self.left_ventricle.length_mm
        if self.motion.base_excursion_mm > 0.25 * length_mm:
            raise GeometryError(
                "the base moves too far",
                expected=f"at most a quarter of the length {length_mm:g} mm",
                found=f"{self.motion.base_excursion_mm:g} mm",
            )
