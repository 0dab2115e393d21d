"""Parameters of a wall that does not contract everywhere alike: how much, and when.

Angles are cardiac (0 lateral, 90 inferior, 180 septal, -90 anterior), heights fractions of the long
axis. Delays are fractions of the cycle after the contraction of the heart as a whole.
"""

from __future__ import annotations

from dataclasses import dataclass

from shortaxis.phantom.ranges import bounded, check_parameters

__all__ = ["USUAL_SYSTOLE", "ContractionPatch", "RegionalContraction"]

USUAL_SYSTOLE = 0.375
"""End systole as a part of the cycle."""


@dataclass(frozen=True)
class ContractionPatch:
    """A part of the wall that contracts less, later, or outwards.

    `amplitude` is the local contraction relative to the normal one: 1 normal, 0 akinetic, negative
    dyskinetic. It and `delay` fade smoothly from the middle of the patch to its border.
    """

    angle_deg: float = bounded(0.0, -360, 360)
    height: float = bounded(0.5, 0, 1)
    angular_extent_deg: float = bounded(120.0, 20, 360)
    longitudinal_extent: float = bounded(0.6, 0.1, 2)
    amplitude: float = bounded(1.0, -0.5, 1.2)
    delay: float = bounded(0.0, -0.2, 0.4)

    def __post_init__(self) -> None:
        check_parameters(self)


@dataclass(frozen=True)
class RegionalContraction:
    """Smooth fields of amplitude and of time over the wall.

    `lateral_delay` is how much later the lateral wall contracts than the septum (left bundle branch
    block and pacing of the right ventricle: positive); `basal_delay` the base than the apex (pacing
    from the apex: positive).
    """

    lateral_delay: float = bounded(0.0, -0.25, 0.25)
    basal_delay: float = bounded(0.0, -0.2, 0.2)
    patches: tuple[ContractionPatch, ...] = ()

    def __post_init__(self) -> None:
        check_parameters(self)
        object.__setattr__(self, "patches", tuple(self.patches))
