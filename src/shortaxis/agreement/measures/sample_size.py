"""How many patients a wanted interval takes."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from shortaxis.agreement.measures.limits_of_agreement import MIN_PAIRS, limit_error
from shortaxis.agreement.measures.roc_area import MIN_GROUP, Z
from shortaxis.errors import OptionError

__all__ = ["PlannedArea", "area_error", "pairs_for_limits", "patients_for_area"]

MOST = 1_000_000
"""Patients; what needs more is asked too finely."""


@dataclass(frozen=True)
class PlannedArea:
    """Patients with and without disease."""

    diseased: int
    healthy: int


def pairs_for_limits(within: float) -> int:
    """Fewest pairs whose limits of agreement are known to +- `within` SD of the differences.

    Examples
    --------
    >>> pairs_for_limits(0.34)
    101
    """
    return _fewest(limit_error, within, MIN_PAIRS)


def area_error(area: float, diseased: int, healthy: int) -> float:
    """Half the interval of an expected area.

    Hanley and McNeil 1982, doi:10.1148/radiology.143.1.7063747.
    """
    both, other = area / (2 - area), 2 * area**2 / (1 + area)
    variance = (
        area * (1 - area) + (diseased - 1) * (both - area**2) + (healthy - 1) * (other - area**2)
    ) / (diseased * healthy)
    return Z * math.sqrt(max(variance, 0.0))


def patients_for_area(area: float, within: float, healthy_each: float = 1.0) -> PlannedArea:
    """Fewest patients for which an area is known to +- `within`.

    Parameters
    ----------
    area : float
        As expected, 0.5 to 1.
    healthy_each : float
        Patients without disease for each one with it.
    """
    if not 0.5 <= area < 1:
        raise OptionError(
            "the expected area cannot be used",
            expected="0.5, which is chance, to less than 1",
            found=f"{area:g}",
            way_on="give the area that published studies have",
        )
    if not healthy_each > 0:
        raise OptionError(
            "the patients without disease for each one with it cannot be used",
            expected="a number above 0",
            found=f"{healthy_each:g}",
            way_on="give 1 for as many without as with disease",
        )

    def healthy(diseased: int) -> int:
        return max(MIN_GROUP, math.ceil(diseased * healthy_each - 1e-9))

    found = _fewest(lambda count: area_error(area, count, healthy(count)), within, MIN_GROUP)
    return PlannedArea(found, healthy(found))


def _fewest(error: Callable[[int], float], within: float, least: int) -> int:
    """Smallest count whose error, which falls with it, is small enough."""
    if not (within > 0 and error(MOST) <= within):
        raise OptionError(
            "the wanted interval cannot be reached",
            expected=f"a width that at most {MOST:,} patients give",
            found=f"+- {within:g}",
            way_on="ask for a wider interval",
        )
    low, high = least - 1, MOST
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if error(middle) <= within else (middle, high)
    return high
