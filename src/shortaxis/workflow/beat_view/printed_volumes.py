"""Volumes of the beat as they are printed: what is ejected is the difference of what is read."""

from __future__ import annotations

from dataclasses import dataclass

from shortaxis.function.volume_curve import VolumeCurve

__all__ = ["PrintedVolumes", "printed_volumes"]

SMALL_ML = 20.0
"""Below it a whole millilitre is a large part of a volume."""


@dataclass(frozen=True)
class PrintedVolumes:
    """Millilitres in words, all with the same decimals, and a stroke that is their difference."""

    end_diastolic: str
    end_systolic: str
    stroke: str
    digits: int

    def bound(self, bound_ml: float) -> str:
        """What nine errors of ten of a volume stay below, with its decimals."""
        return f"\N{PLUS-MINUS SIGN} {bound_ml:.{self.digits}f}"


def printed_volumes(curve: VolumeCurve) -> PrintedVolumes:
    """The volumes of a curve: whole millilitres, or one decimal where one is small."""
    least = min(curve.end_systolic_ml, curve.stroke_ml)
    digits = 1 if least < SMALL_ML else 0
    largest, smallest = (
        round(each, digits) for each in (curve.end_diastolic_ml, curve.end_systolic_ml)
    )
    return PrintedVolumes(
        f"{largest:z.{digits}f}",
        f"{smallest:z.{digits}f}",
        f"{largest - smallest:z.{digits}f}",
        digits,
    )
