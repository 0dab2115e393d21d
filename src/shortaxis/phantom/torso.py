"""The parameters of a torso: everything around the heart."""

from __future__ import annotations

from dataclasses import dataclass, field

from shortaxis.errors import GeometryError
from shortaxis.phantom.organs import (
    AbdomenPlacement,
    Arms,
    Body,
    BowelLoop,
    Breasts,
    Diaphragm,
    EllipsoidOrgan,
    Liver,
    Lungs,
    Respiration,
    Skeleton,
    Stomach,
)
from shortaxis.phantom.ranges import added_part

__all__ = ["Torso", "half_width_with_arms_mm"]

TRANSVERSE_COLON = BowelLoop(
    ((55, 40, -50), (35, -10, -72), (-30, -22, -80), (-95, -12, -88)), radius_mm=17.0, uptake=0.12
)
JEJUNUM = BowelLoop(
    ((-10, 35, -95), (25, 22, -82), (35, -5, -100), (0, -12, -112)), radius_mm=13.0, uptake=0.25
)


def _gall_bladder() -> EllipsoidOrgan:
    return EllipsoidOrgan((-48, -55, -82), (15, 17, 26), uptake=0.8)


def _spleen() -> EllipsoidOrgan:
    return EllipsoidOrgan((112, 46, -42), (26, 42, 42), uptake=0.6)


def _kidney(side: float) -> EllipsoidOrgan:
    return EllipsoidOrgan((58 * side, 46, -122), (27, 24, 52), uptake=0.7)


@dataclass(frozen=True)
class Torso:
    """Body, organs and breathing; every organ has a default of a normal adult."""

    body: Body = field(default_factory=Body)
    arms: Arms = field(default_factory=Arms)
    breasts: Breasts = field(default_factory=Breasts)
    lungs: Lungs = field(default_factory=Lungs)
    diaphragm: Diaphragm = field(default_factory=Diaphragm)
    skeleton: Skeleton = field(default_factory=Skeleton)
    liver: Liver = field(default_factory=Liver)
    stomach: Stomach = field(default_factory=Stomach)
    gall_bladder: EllipsoidOrgan = field(default_factory=_gall_bladder)
    spleen: EllipsoidOrgan = field(default_factory=_spleen)
    right_kidney: EllipsoidOrgan = field(default_factory=lambda: _kidney(-1.0))
    left_kidney: EllipsoidOrgan = field(default_factory=lambda: _kidney(1.0))
    bowel: tuple[BowelLoop, ...] = (TRANSVERSE_COLON, JEJUNUM)
    respiration: Respiration = field(default_factory=Respiration)
    abdomen: AbdomenPlacement | None = added_part()  # noqa: RUF009 - a field

    @property
    def has_breasts(self) -> bool:
        """Whether breast tissue lies before the heart."""
        return self.breasts.radius_mm > 0

    @property
    def is_of_woman(self) -> bool:
        """Whether it is a woman's: the fat before a man's heart is level with the body's centre."""
        return self.has_breasts and self.breasts.height_mm != 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "bowel", tuple(self.bowel))
        wall_mm = self.body.fat_mm + self.body.muscle_mm + self.body.rib_mm
        room_mm = self.body.half_depth_mm - wall_mm
        if room_mm < 55:
            raise GeometryError(
                "the chest wall leaves no room for the heart",
                expected="55 mm or more between the body centre and the rib cage",
                found=f"{room_mm:g} mm",
                cause="half_depth_mm is measured to the skin, so it grows with fat_mm",
            )


def half_width_with_arms_mm(torso: Torso) -> float:
    """How far the body, and the arms if they lie beside it, reach to either side."""
    chest_mm = 1.05 * torso.body.half_width_mm
    if torso.arms.are_raised:
        return chest_mm
    return max(chest_mm, torso.body.half_width_mm + 2 * torso.arms.radius_mm)
