"""What is compared: the numbers that a reader, a package or ShortAxis gives of an exam."""

from __future__ import annotations

from dataclasses import dataclass

from shortaxis.anatomy.segments import Territory

__all__ = [
    "ABNORMAL",
    "COMPARED",
    "CUTS",
    "FUNCTION",
    "QUANTITIES",
    "SEGMENTS",
    "SUMMED",
    "TERRITORIES",
    "TERRITORY",
    "TPD",
    "Quantity",
    "segment_column",
]

SUMMED, TPD, ABNORMAL = "summed_score", "tpd_percent", "abnormal"

SEGMENTS = range(1, 18)

WORST_SCORE = 4.0

TERRITORIES: dict[str, tuple[int, ...]] = {each.label: each.value for each in Territory}
"""Segments of each territory, by its letters."""


@dataclass(frozen=True)
class Quantity:
    """One number of an exam.

    Parameters
    ----------
    words, unit : str
        As tables call it.
    low, high : float
        Values outside are refused: they are of another unit or another column.
    is_whole : bool
        Whether only whole numbers are possible.
    cut : float or None
        From this value on an exam is called abnormal.
    """

    words: str
    unit: str
    low: float
    high: float
    is_whole: bool = False
    cut: float | None = None


def segment_column(number: int) -> str:
    """Name of the score of a segment, 1 to 17."""
    return f"segment_{number}"


COMPARED: dict[str, Quantity] = {
    # Summed score: Hachamovitch 1998, doi:10.1161/01.cir.97.6.535, calls 0 to 3 normal. TPD: Slomka
    # 2005, J Nucl Cardiol 12:66.
    SUMMED: Quantity("Summed score", "", 0, WORST_SCORE * 17, is_whole=True, cut=4),
    TPD: Quantity("Total perfusion deficit", "%", 0, 100, cut=5),
    "extent_percent": Quantity("Extent", "%", 0, 100),
    "scar_percent": Quantity("Scar burden", "%", 0, 100),
    # More than 1: a column of parts from 0 to 1 is none of per cent.
    "ef_percent": Quantity("Ejection fraction", "%", 1.01, 100),
    "edv_ml": Quantity("End-diastolic volume", "ml", 1, 1500),
    "esv_ml": Quantity("End-systolic volume", "ml", 1, 1500),
    "mass_g": Quantity("Mass", "g", 1, 1500),
    "phase_sd_deg": Quantity("SD of phase", "\N{DEGREE SIGN}", 0, 180),
}
"""Numbers of which differences are taken."""

TERRITORY = "territory_score"

CUTS: dict[str, float] = {
    **{name: each.cut for name, each in COMPARED.items() if each.cut is not None},
    # Of our own: one segment moderately reduced, or two mildly.
    TERRITORY: 2.0,
}
"""From where a number is called abnormal, unless the user says otherwise."""

FUNCTION = frozenset({"ef_percent", "edv_ml", "esv_ml", "mass_g", "phase_sd_deg"})
"""Those that are flagged by the function's own flag, too."""

QUANTITIES: dict[str, Quantity] = {
    **COMPARED,
    **{
        segment_column(number): Quantity(f"Segment {number}", "", 0, WORST_SCORE, is_whole=True)
        for number in SEGMENTS
    },
}
"""Every column of numbers that a table may have."""
