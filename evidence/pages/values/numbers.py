"""What a reader gets, beside what was aimed at."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

__all__ = ["numbers"]

Record = dict[str, Any]

ROWS: tuple[tuple[str, str, Callable[[Record], str]], ...] = (
    (
        "healthy hearts: summed score, median / 95th",
        "0 / at most 3",
        lambda each: _pair(each["healthy"]["summed_score"]),
    ),
    (
        "healthy hearts: scar burden, median / 95th, %",
        "at most 0.5 / 3",
        lambda each: _pair(each["healthy"]["scar_percent"]),
    ),
    (
        "healthy hearts with a deficit of 5 % or more",
        "at most 10 %",
        lambda each: (
            f"{100 * each['healthy']['deficit_5_part']:.0f} % of {each['healthy']['exams']}"
        ),
    ),
    ("area under the curve of the deficit", "0.92", lambda each: _area(each, "all")),
    ("of defects of half of the wall or less", "", lambda each: _area(each, "local")),
    ("of those of more", "", lambda each: _area(each, "most of the wall")),
    ("of losses of 20 to 30 %", "0.75", lambda each: _area(each, "20 to 30 %")),
    ("of losses of 30 to 40 %", "", lambda each: _area(each, "30 to 40 %")),
    ("of losses of 40 to 60 %", "", lambda each: _area(each, "40 to 60 %")),
    ("of losses of 60 % or more", "", lambda each: _area(each, "60 to 100 %")),
    (
        "extent of deep defects of one territory: r, bias, SD",
        "r 0.85, bias within 3 %",
        lambda each: _extent(each["extent"]),
    ),
    (
        "the same, of half of the wall or less",
        "",
        lambda each: _extent(each.get("local", NOT_ASKED)["extent"]),
    ),
    (
        "a seventh of the wall or more has lost half: scored below 8",
        "at most 3 %",
        lambda each: _low(each["large_and_deep"]),
    ),
    (
        "the same, of half of the wall or less",
        "",
        lambda each: _low(each.get("local", NOT_ASKED)["large_and_deep"]),
    ),
    (
        "found against true axes: summed score, mean absolute error and r",
        "0.12, 0.995",
        lambda each: f"{each['pose']['summed_score_mae']}, {each['pose']['summed_score_r']}",
    ),
    (
        "the same: scar burden, mean absolute error",
        "0.003",
        lambda each: str(each["pose"]["scar_burden_mae"]),
    ),
    (
        "summed difference score of pairs without a change: mean, SD",
        "SD at most 1",
        lambda each: _pairs(each["pairs"]["without_change"]),
    ),
    (
        "reversible deficit against the true one",
        "r 0.9",
        lambda each: _reversible(each["pairs"]["reversible"]),
    ),
    (
        "the same, where half of the wall is left in both",
        "",
        lambda each: _reversible(each.get("local", NOT_ASKED)["reversible"]),
    ),
)


NOTHING: Record = {"exams": 0, "scored_below_8": 0, "pairs": 0, "r": None, "auc": None}
NOT_ASKED: Record = {
    **NOTHING,
    "extent": {"exams": 0},
    "large_and_deep": NOTHING,
    "reversible": NOTHING,
}
"""Of a stored result that is older than the question."""

WHICH = ("all", "accepted", "accepted_clinical")


def numbers(records: Mapping[str, Any]) -> dict[str, Any]:
    """Rows of a table: name, aim, and the values of all exams and of those that are kept."""
    record = records["numbers"]
    return {
        "record": record,
        "rows": [
            (name, aim, [words(record[which]) for which in WHICH]) for name, aim, words in ROWS
        ],
    }


def _pair(values: Record) -> str:
    return f"{values['median']:g} / {values['95th']:g}"


def _area(each: Record, name: str) -> str:
    found = each["detection"].get(name, NOT_ASKED)
    area = "too few" if found["auc"] is None else f"{found['auc']:.3f}"
    return f"{area} ({found['exams']})"


def _extent(values: Record) -> str:
    if "r" not in values:
        return f"too few ({values['exams']})"
    return (
        f"{values['r']}, {values['bias_percent']:+.1f} %, {values['sd_percent']:.1f} % "
        f"({values['exams']})"
    )


def _pairs(values: Record) -> str:
    return f"{values['score_mean']}, {values['score_sd']} ({values['pairs']})"


def _low(values: Record) -> str:
    return f"{values['scored_below_8']} of {values['exams']}"


def _reversible(values: Record) -> str:
    return f"r {values['r']} ({values['pairs']})"
