"""How the right ventricle of real hearts differs from an ellipse: twist, fullness, ends.

Angles are about the axis, from the middle of the septum at mid-height, positive towards the
anterior insertion. Heights are fractions of the long axis. The defaults are the medians of 53
hearts in CT.
"""

from __future__ import annotations

from dataclasses import dataclass

from shortaxis.phantom.ranges import bounded, check_parameters

__all__ = ["CrescentForm"]


@dataclass(frozen=True)
class CrescentForm:
    """Form of a right ventricle.

    Parameters
    ----------
    apical_twist_deg : float
        Where the middle of septum and crescent lies at `TWIST_HEIGHT`; it comes back to 0 at
        mid-height, and goes on turning towards the apex.
    basal_turn_deg : float
        How far the bulk of the crescent, not its insertions, turns at `BASAL_HEIGHT`.
    half_fullness, three_quarter_fullness : float
        Depth at a half and at three quarters of the way from the middle to an insertion, as a part
        of the depth in the middle.
    skew : float
        By how much the depth grows from the anterior to the inferior insertion.
    anterior_top, inferior_top : float
        Heights at which the crescent ends at either insertion.
    """

    apical_twist_deg: float = bounded(-20.0, -60, 40)
    basal_turn_deg: float = bounded(9.0, -25, 45)
    half_fullness: float = bounded(0.8, 0.5, 1)
    three_quarter_fullness: float = bounded(0.45, 0.15, 0.75)
    skew: float = bounded(0.0, -0.8, 0.8)
    anterior_top: float = bounded(0.99, 0.4, 1.5)
    inferior_top: float = bounded(0.89, 0.4, 1.5)

    def __post_init__(self) -> None:
        check_parameters(self)
