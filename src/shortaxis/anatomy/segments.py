"""The 17 segments of the left ventricle, and which artery supplies them.

After Cerqueira et al., Circulation 2002;105:539 (doi 10.1161/hc0402.102975). Angles are cardiac:
0 lateral, 90 inferior, 180 septal, -90 anterior (``atan2(y_c, x_c)``). Heights are parts of the
long axis, from 0 at the epicardial apex to 1 at the valve plane.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

import numpy as np

from shortaxis.geometry.arrays import FloatArray

IntArray = np.ndarray[tuple[int, ...], np.dtype[np.int64]]

__all__ = [
    "SEGMENTS",
    "TERRITORIES",
    "Ring",
    "Segment",
    "Territory",
    "segment_numbers",
    "territory_sums",
]


class Ring(Enum):
    """Equal thirds of the cavity, and the cap of muscle below it."""

    APEX = (0.0, 0.1)
    APICAL = (0.1, 0.4)
    MID = (0.4, 0.7)
    BASAL = (0.7, 1.0)

    @property
    def heights(self) -> tuple[float, float]:
        """Where it begins and ends, in parts of the long axis."""
        return self.value


@dataclass(frozen=True)
class Segment:
    """One of the 17 segments.

    Parameters
    ----------
    number : int
        1 to 17.
    name : str
        As in the statement, e.g. ``basal anterior``.
    ring : Ring
        Its heights.
    angle_deg, extent_deg : float
        Its middle and its width about the axis.
    sct : str
        Its SNOMED CT code (DICOM CID 3717).
    """

    number: int
    name: str
    ring: Ring
    angle_deg: float
    extent_deg: float
    sct: str

    @property
    def territory(self) -> Territory:
        """The artery that supplies it."""
        return next(each for each in Territory if self.number in each.value)


_SIX = (
    ("anterior", -90.0),
    ("anteroseptal", -150.0),
    ("inferoseptal", 150.0),
    ("inferior", 90.0),
    ("inferolateral", 30.0),
    ("anterolateral", -30.0),
)
_FOUR = (("anterior", -90.0), ("septal", 180.0), ("inferior", 90.0), ("lateral", 0.0))

# In the order of the numbers, of DICOM CID 3717.
_CODES = (
    "264850008", "396482007", "396646008", "264846001", "396652009", "396654005",
    "264848000", "396647004", "396649001", "264847005", "396655006", "396656007",
    "264844003", "264845002", "264849008", "264853005",
    "128564006",
)  # fmt: skip

_PLACES = (
    *(("basal", Ring.BASAL, *wall, 60.0) for wall in _SIX),
    *(("mid", Ring.MID, *wall, 60.0) for wall in _SIX),
    *(("apical", Ring.APICAL, *wall, 90.0) for wall in _FOUR),
    ("", Ring.APEX, "apex", 0.0, 360.0),
)

SEGMENTS: tuple[Segment, ...] = tuple(
    Segment(number, f"{level} {wall}".strip(), ring, angle, extent, code)
    for number, ((level, ring, wall, angle, extent), code) in enumerate(
        zip(_PLACES, _CODES, strict=True), start=1
    )
)
"""In the order of their numbers."""


class Territory(Enum):
    """Coronary arteries with the segments that they supply (Cerqueira 2002, figure 5)."""

    LEFT_ANTERIOR_DESCENDING = (1, 2, 7, 8, 13, 14, 17)
    RIGHT_CORONARY = (3, 4, 9, 10, 15)
    LEFT_CIRCUMFLEX = (5, 6, 11, 12, 16)

    @property
    def label(self) -> str:
        """The usual letters."""
        return {1: "LAD", 3: "RCA", 5: "LCX"}[self.value[0]]


TERRITORIES = (
    Territory.LEFT_ANTERIOR_DESCENDING,
    Territory.LEFT_CIRCUMFLEX,
    Territory.RIGHT_CORONARY,
)
"""In the order in which readers name them; simulated exams are drawn in that of `Territory`."""


def territory_sums(scores: Mapping[int, int]) -> dict[str, int]:
    """Sum of the scores of each artery's segments, by its label, in the order of `TERRITORIES`.

    Examples
    --------
    >>> territory_sums({segment.number: int(segment.number == 4) for segment in SEGMENTS})
    {'LAD': 0, 'LCX': 0, 'RCA': 1}
    """
    return {each.label: sum(scores[number] for number in each.value) for each in TERRITORIES}


def segment_numbers(heights: FloatArray, angles_deg: FloatArray) -> IntArray:
    """Number of the segment at every place; 0 outside the ventricle.

    Parameters
    ----------
    heights, angles_deg : arrays that broadcast against each other
        Parts of the long axis, and cardiac angles.

    Examples
    --------
    >>> segment_numbers(np.array([0.05, 0.2, 0.5, 0.9, 1.1]), np.array([-90.0])).tolist()
    [17, 13, 7, 1, 0]
    >>> segment_numbers(np.array([0.9]), np.array([-150, 150, 90, 30, -30.0])).tolist()
    [2, 3, 4, 5, 6]
    """
    heights, angles = np.broadcast_arrays(heights, angles_deg)
    numbers = np.zeros(heights.shape, dtype=np.int64)
    for segment in SEGMENTS:
        lowest, highest = segment.ring.heights
        # From -extent/2 up to, and without, extent/2 of the middle.
        off = (angles - segment.angle_deg + segment.extent_deg / 2) % 360
        inside = (heights >= lowest) & (heights < highest) & (off < segment.extent_deg)
        inside |= (heights == 1) & (highest == 1) & (off < segment.extent_deg)
        numbers[inside] = segment.number
    return numbers
