"""The TID ratio: how much wider the ventricle is under stress than at rest."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["CAVITY", "MID_WALL", "TRANSIENT_DILATION_LIMITS", "TransientDilation"]

CAVITY, MID_WALL = "of the cavities", "of the volumes inside the mid-wall"

ONE_DAY, TWO_DAY = "one-day", "two-day"

TRANSIENT_DILATION_LIMITS = {ONE_DAY: 1.29, TWO_DAY: 1.24}
"""Upper limits by protocol, as published for another package's volumes (QPS on 232 patients of a
CZT camera, technetium in both exams). No limits of our own volumes are known."""


@dataclass(frozen=True)
class TransientDilation:
    """Stress over rest cavity volume of ungated images, both drawn in the same way.

    Parameters
    ----------
    stress_ml, rest_ml : float
        Volumes; of a traced wall those inside its middle, of a drawn one those of the cavity.
    volume_kind : str
        Which of the two, in words.
    days_apart : int or None
        Between the exams; None where the headers do not say.
    """

    stress_ml: float
    rest_ml: float
    volume_kind: str
    days_apart: int | None = None

    @property
    def ratio(self) -> float:
        """Above 1 where the ventricle is wider under stress."""
        return self.stress_ml / max(self.rest_ml, 1e-3)

    @property
    def protocol(self) -> str:
        """``one-day``, ``two-day``, or empty where nobody says."""
        if self.days_apart is None:
            return ""
        return TWO_DAY if self.days_apart else ONE_DAY

    @property
    def limit(self) -> float | None:
        """Published upper limit of the protocol; None where the protocol is not known."""
        return TRANSIENT_DILATION_LIMITS.get(self.protocol)

    @property
    def words(self) -> str:
        """The ratio and what it is compared with."""
        told = f"{self.ratio:.2f} ({self.volume_kind})"
        if self.limit is None:
            return told
        side = "above" if self.ratio > self.limit else "within"
        return f"{told}; {side} the {self.limit:.2f} published for {self.protocol} protocols"
