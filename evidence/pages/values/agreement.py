"""The table of a validation, as the command answered it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

__all__ = ["example"]

Row = dict[str, Any]

NUMBERS = {"tpd_percent": "TPD, %", "summed_score": "Summed score"}
GRADES = {"segments": "scores of 17 segments", "verdict": "normal or abnormal"}
GROUPS = ("all", "accepted")
"""Too few of these exams are flagged to tell anything."""

DRAWN = {"reader_1", "reader_2"}
OTHER = "second_method"


def example(records: Mapping[str, Any]) -> dict[str, Any]:
    """Rows of numbers, of grades and of detection."""
    record = records["agreement_example"]
    found = record["statistics"]
    return {
        "record": record,
        "pairs": [
            _pair(words, rows)
            for about, words in NUMBERS.items()
            for rows in _grouped(each for each in found if each["about"] == about)
        ],
        "grades": [
            _grade(words, rows)
            for about, words in GRADES.items()
            for rows in _grouped(each for each in found if each["about"] == about)
        ],
        "tests": [
            _test(NUMBERS[rows["auc"]["test"]], rows)
            for rows in _grouped(
                each
                for each in found
                if each["about"] == "detection of patient"
                and each["test"] in NUMBERS
                and each["second"] is None
            )
        ],
    }


def _grouped(rows: Iterable[Row]) -> list[dict[str, Row]]:
    """Statistics by their names, of every two sources, test and group that the page shows."""
    groups: dict[tuple[str, ...], dict[str, Row]] = {}
    for row in rows:
        beside = row["second"] == OTHER and row["first"] in DRAWN
        if row["group"] in GROUPS and not beside:
            key = tuple(str(row[each]) for each in ("test", "first", "second", "group"))
            groups.setdefault(key, {})[row["statistic"]] = row
    return list(groups.values())


def _pair(words: str, rows: Mapping[str, Row]) -> list[str]:
    bias = rows["bias"]
    return [
        words,
        f"{bias['first']} - {bias['second']}",
        bias["group"],
        str(bias["exams"]),
        _signed(bias),
        _signed(rows["lower"]),
        _signed(rows["upper"]),
        _part(rows["icc"]),
    ]


def _grade(words: str, rows: Mapping[str, Row]) -> list[str]:
    kappa = rows["kappa"]
    pair = f"{kappa['first']} - {kappa['second']}"
    return [words, pair, kappa["group"], str(kappa["exams"]), _part(kappa)]


def _test(words: str, rows: Mapping[str, Row]) -> list[str]:
    area = rows["auc"]
    diseased = rows["diseased"]["value"]
    return [
        f"{words} of {area['first']}",
        area["group"],
        f"{diseased:.0f} / {area['exams'] - diseased:.0f}",
        _part(area),
        f"{rows['cut']['value']:g}",
        _part(rows["sensitivity"]),
        _part(rows["specificity"]),
    ]


def _signed(row: Row) -> str:
    if row["value"] is None:
        return "-"
    return f"{row['value']:+.1f} ({row['low']:+.1f} to {row['high']:+.1f})"


def _part(row: Row) -> str:
    if row["value"] is None:
        return "-"
    ends = "" if row["low"] is None else f" ({row['low']:.2f} to {row['high']:.2f})"
    return f"{row['value']:.2f}{ends}"
