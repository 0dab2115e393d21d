"""Worlds that are wrong under a header that was kept: how many are accepted, and at which cost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["costs", "handedness", "permuted", "reasons"]

ACCEPTED, STOPPED, REVIEWED = "accepted", "stopped now", "reviewed before"

Row = dict[str, Any]


def permuted(records: Mapping[str, Any]) -> dict[str, Any]:
    """A row for each world, and what the right world costs."""
    record = records["permuted_worlds"]
    pairs = list(zip(record["exams"], record["real"], strict=True))
    exams, real = pairs[0]
    return {
        "record": record,
        "rows": [[_name(one), *_cells(one), *_cells(other)] for one, other in pairs],
        "real_count": real["tried"],
        "good": {
            "tried": exams["tried"],
            "reviewed": exams[STOPPED] + exams[REVIEWED],
            "stopped": exams[STOPPED],
            "real_reviewed": real[STOPPED] + real[REVIEWED],
            "real_stopped": real[STOPPED],
        },
        "nifti": {
            "tried": sum(each["nifti"]["tried"] for pair in pairs for each in pair),
            "accepted": sum(each["nifti"][ACCEPTED] for pair in pairs for each in pair),
        },
    }


def _name(row: Row) -> str:
    return f"{row['group']}: {row['world']}"


def _cells(row: Row) -> list[str]:
    """Tried, accepted before, accepted, accepted as NIfTI."""
    return [
        str(row["tried"]),
        str(row[ACCEPTED] + row[STOPPED]),
        str(row[ACCEPTED]),
        str(row["nifti"][ACCEPTED]),
    ]


def handedness(records: Mapping[str, Any]) -> dict[str, Any]:
    """For each group of exams a row a world."""
    record = records["handedness"]
    return {
        "record": record,
        "real_count": record["real"]["exams"],
        "groups": [
            {
                "name": "real studies" if name == "real" else f"`{name}`",
                "good": record[name]["good"],
                "exams": record[name]["exams"],
                "median_ms": f"{record[name]['look_ms']['median']:.1f}",
                "highest_ms": f"{record[name]['look_ms']['highest']:.1f}",
                "rows": [_handedness_cells(each) for each in record[name]["worlds"]],
            }
            for name in ("clinical", "wide", "real")
        ],
    }


def _handedness_cells(world: Row) -> list[str]:
    keys = ("told", "cannot_tell", "no_heart")
    last = ("flagged", "named", "accepted_before", "accepted")
    auc = "" if world["auc"] is None else f"{world['auc']:.4f}"
    name = world["group"] if world["group"] == world["world"] else _name(world)
    return [name, *(str(world[key]) for key in keys), auc, *(str(world[key]) for key in last)]


def costs(records: Mapping[str, Any]) -> dict[str, Any]:
    """Flags of good exams without and with the later limits, and what each limit adds."""
    record = records["limit_costs"]
    presets = record["presets"]
    return {
        "record": record,
        "rows": [[f"`{name}`", *_flag_cells(each)] for name, each in presets.items()],
        "limits": [
            [same[0]["measure"], *(f"{each['beyond']}, {each['alone']}" for each in same)]
            for same in zip(*(each["later"] for each in presets.values()), strict=True)
        ],
        "presets": list(presets),
    }


def reasons(records: Mapping[str, Any]) -> dict[str, Any]:
    """What each limit stops and alone stops, how limits would move, and what that changes."""
    record = records["flag_reasons"]
    columns = [record[name][state] for name in ("parts", "trial") for state in ("now", "moved")]
    return {
        "record": record,
        "limits": [
            [each["measure"], _range(each), *(", ".join(map(str, each[name])) for name in GROUPS)]
            for each in record["limits"]
        ],
        "steps": [
            [each["measure"], *(f"{each[name]:g}" for name in ("from", "to", "flagged"))]
            for each in record["steps"]
        ],
        "parts": [
            [name, *("{} of {}".format(*each[name]) for each in columns)] for name in columns[0]
        ],
    }


GROUPS = ("usual", "hard", "failures", "worlds")


def _range(limit: Row) -> str:
    lowest, highest = limit["lowest"], limit["highest"]
    if highest is None:
        return f"from {lowest:g}"
    return f"up to {highest:g}" if lowest is None else f"{lowest:g} to {highest:g}"


def _flag_cells(preset: Row) -> list[str]:
    good, failed = preset["good"], preset["failed"]
    intervals = good["intervals"]
    more = good["flagged"] - good["flagged_before"]
    return [
        f"{preset['exams']:,}",
        f"{good['exams']:,}",
        _part(good["flagged_before"], good["exams"], intervals["flagged_before"]),
        _part(good["flagged"], good["exams"], intervals["flagged"]),
        _part(more, good["exams"], intervals["more"]),
        f"{failed['exams'] - failed['flagged_before']} → {failed['exams'] - failed['flagged']}"
        f" of {failed['exams']}",
    ]


def _part(hits: int, total: int, interval: tuple[float, float]) -> str:
    """As a count, and in per cent with its interval."""
    low, high = interval
    return f"{hits}: {hits / total:.1%} ({low:.1%} to {high:.1%})".replace("%", " %")
