"""Perfusion defects of the left ventricle, and the ones that a coronary artery makes.

Angles are cardiac: 0 lateral, 90 inferior, 180 septal, -90 anterior (``atan2(y_c, x_c)``).
Heights are fractions of the long axis, from 0 at the apex to 1 at the valve plane.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from shortaxis.anatomy.segments import SEGMENTS, Ring, Territory
from shortaxis.errors import OptionError
from shortaxis.phantom.ranges import bounded, check_parameters

__all__ = ["PerfusionDefect", "segment_defects"]


@dataclass(frozen=True)
class PerfusionDefect:
    """A patch of the wall with less uptake, and possibly a thinner wall.

    Parameters
    ----------
    angle_deg, height : float
        Centre of the patch.
    angular_extent_deg, longitudinal_extent : float
        Its full width, in degrees about the axis and as a fraction of the long axis.
    severity : float
        Part of the uptake that is lost, 0 to 1.
    transmurality : float
        Part of the wall that is hit, counted from the cavity: 0.3 subendocardial, 1 transmural.
    thinning : float
        Part of the wall thickness that is lost, as in a scar.
    edge_mm : float
        Width of the border over which the uptake changes.
    """

    angle_deg: float = bounded(0.0, -360, 360)
    height: float = bounded(0.5, 0, 1)
    angular_extent_deg: float = bounded(60.0, 5, 360)
    longitudinal_extent: float = bounded(0.4, 0.02, 2)
    severity: float = bounded(0.7, 0, 1)
    transmurality: float = bounded(1.0, 0.1, 1)
    thinning: float = bounded(0.0, 0, 0.7)
    edge_mm: float = bounded(6.0, 1, 20)

    def __post_init__(self) -> None:
        check_parameters(self)


def segment_defects(
    segments: Iterable[int] | Territory,
    *,
    severity: float = 0.7,
    transmurality: float = 1.0,
    thinning: float = 0.0,
    edge_mm: float = 6.0,
) -> tuple[PerfusionDefect, ...]:
    """Defects that cover AHA segments, or the territory of an artery, without seams.

    Examples
    --------
    >>> for each in segment_defects(Territory.RIGHT_CORONARY):
    ...     print(each.angle_deg, each.angular_extent_deg, each.height)
    120.0 120.0 0.85
    120.0 120.0 0.55
    90.0 90.0 0.25
    """
    numbers = segments.value if isinstance(segments, Territory) else tuple(segments)
    unknown = sorted(set(numbers) - {segment.number for segment in SEGMENTS})
    if unknown:
        raise OptionError("unknown segment", expected="AHA segments 1 to 17", found=str(unknown))
    patches = []
    for ring in (Ring.BASAL, Ring.MID, Ring.APICAL, Ring.APEX):
        bottom, top = ring.heights
        for angle_deg, extent_deg in _runs(ring, set(numbers)):
            patches.append(
                PerfusionDefect(
                    angle_deg=angle_deg,
                    height=round((bottom + top) / 2, 6),
                    angular_extent_deg=extent_deg,
                    # The cap has no lower border.
                    longitudinal_extent=top - bottom if ring is not Ring.APEX else 2 * top,
                    severity=severity,
                    transmurality=transmurality,
                    thinning=thinning,
                    edge_mm=edge_mm,
                )
            )
    return tuple(patches)


def _runs(ring: Ring, numbers: set[int]) -> Iterator[tuple[float, float]]:
    """Centre angle and extent of every run of neighbouring segments in one ring."""
    places = [segment for segment in SEGMENTS if segment.ring is ring]
    extent = places[0].extent_deg
    hit = [segment.number in numbers for segment in places]
    if all(hit):
        yield places[0].angle_deg, 360.0
        return
    for place, segment in enumerate(places):
        if hit[place] and not hit[place - 1]:
            length = 1
            while hit[(place + length) % len(places)]:
                length += 1
            # Numbers grow from anterior over the septum: against the cardiac angle.
            center = segment.angle_deg - extent * (length - 1) / 2
            yield (center + 180.0) % 360.0 - 180.0, extent * length
