"""What is known of the quantities that a scenario draws, and where it was read.

Angles are those of `shortaxis.geometry.euler`. Sources give the azimuth from the patient's left
towards the front; here it is counted from the front to the left, so it is 90 degrees less theirs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import nan

from shortaxis.geometry.euler import angles_from_rotation
from shortaxis.simulation.acquisition import Technique
from shortaxis.simulation.scenario import ExamScenario

__all__ = ["QUANTITIES", "Quantity", "Source"]


@dataclass(frozen=True)
class Source:
    """A mean with its standard deviation, or a range, and who says so."""

    name: str
    low: float
    high: float
    mean: float | None = None

    @classmethod
    def of(cls, name: str, mean: float, sd: float) -> Source:
        """Mean and standard deviation."""
        return cls(name, mean - sd, mean + sd, mean)


@dataclass(frozen=True)
class Quantity:
    """A number of a scenario; `limits` are those of its panel."""

    key: str
    title: str
    limits: tuple[float, float]
    value: Callable[[ExamScenario], float]
    sources: tuple[Source, ...] = ()
    logarithmic: bool = False
    """Shown on a logarithmic axis."""


def _counts(scenario: ExamScenario) -> float:
    parallel = scenario.acquisition.technique == Technique.PARALLEL_HOLES.name
    return scenario.acquisition.counts if parallel else nan


def _to_the_left(scenario: ExamScenario) -> float:
    phantom = scenario.phantom
    return float(phantom.pose.center_mm[0] - phantom.body_center_mm[0])


def _angle(name: str) -> Callable[[ExamScenario], float]:
    place = ("alpha", "beta", "theta").index(name)
    return lambda scenario: angles_from_rotation(scenario.phantom.pose.patient_from_cardiac)[place]


def _ventricle(name: str) -> Callable[[ExamScenario], float]:
    return lambda scenario: float(getattr(scenario.phantom.heart.left_ventricle, name))


QUANTITIES = (
    Quantity(
        "theta_deg", "Azimuth θ (°)", (-20, 90), _angle("theta"),
        (
            # Engblom 2005, Am Heart J 150:507: 46 +- 7 in 94 healthy adults.
            Source.of("MRI (Engblom 2005)", 90 - 46, 7),
            # "Based on patient data": 52 +- 11.
            Source.of("XCAT", 90 - 52, 11),
            # Principal axis of 71 CT masks of the left ventricle: 63 +- 9.
            Source.of("CT masks", 90 - 63, 9),
        ),
    ),
    Quantity(
        "alpha_deg", "Elevation α (°)", (-30, 75), _angle("alpha"),
        (
            # Frontal angle 38 +- 10: tan(alpha) = tan(frontal) cos(azimuth).
            Source.of("MRI (Engblom 2005)", 28.5, 9),
            Source.of("XCAT", 23, 10),
            Source.of("CT masks", 15, 12),
        ),
    ),
    Quantity("beta_deg", "Roll β (°)", (-45, 45), _angle("beta")),
    Quantity(
        "left_mm", "LV centre to the left (mm)", (15, 95), _to_the_left,
        (Source.of("XCAT", 56, 11),),
    ),
    Quantity(
        "length_mm", "LV length (mm)", (50, 135), _ventricle("length_mm"),
        (Source.of("XCAT, systole", 83.1, 9.3), Source.of("CT masks", 92, 9)),
    ),
    Quantity(
        "radius_mm", "Epicardial radius (mm)", (14, 60), _ventricle("radius_mm"),
        # 26.7 +- 4.7, read as mid-wall, with half a wall of 10 mm.
        (Source.of("XCAT + half a wall", 31.7, 4.7),),
    ),
    Quantity(
        "wall_mm", "Wall (mm)", (4, 21), _ventricle("wall_mm"),
        (Source("normal", 8, 12), Source("hypertrophy", 12, 16)),
    ),
    Quantity(
        "ejection_fraction", "Ejection fraction", (0, 0.9),
        lambda scenario: scenario.phantom.heart.motion.ejection_fraction,
        (Source.of("XCAT, normal", 0.61, 0.05), Source.of("XCAT, diseased", 0.375, 0.05)),
    ),
    Quantity(
        "respiration_mm", "Respiration, head to feet (mm)", (0, 40),
        lambda scenario: scenario.phantom.torso.respiration.superior_inferior_mm,
        # 1,103 patients, PMC7714447.
        (Source("Pretorius 2017, a third above 10 mm", 1.1, 37.4),),
    ),
    Quantity(
        "lung_uptake", "Lung / myocardium", (0, 0.36),
        lambda scenario: scenario.phantom.torso.lungs.uptake,
        (Source("usual in phantoms", 0.03, 0.12),),
    ),
    Quantity(
        "liver_uptake", "Liver / myocardium", (0.1, 3),
        lambda scenario: scenario.phantom.torso.liver.uptake,
        (Source("usual in phantoms", 0.3, 1.5),),
        logarithmic=True,
    ),
    Quantity(
        "right_ventricle_uptake", "RV wall / LV wall", (0, 1),
        lambda scenario: scenario.phantom.heart.right_ventricle.uptake,
        (Source("usual in phantoms", 0.2, 0.5),),
    ),
    Quantity(
        "counts", "Counts in the hottest bin, parallel holes", (10, 1000), _counts,
        (Source("poor to good (Wackers)", 100, 150),),
        logarithmic=True,
    ),
    Quantity(
        "pixel_mm", "Pixel size (mm)", (2.8, 7.2),
        lambda scenario: scenario.field_of_view.pixel_mm,
        (Source("64 x 64 matrix", 6.4, 6.8), Source("530c", 3.95, 4.05)),
    ),
)  # fmt: skip
