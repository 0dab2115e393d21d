"""Patients who move, faulty time slots, altered volumes: what is found, and what is accepted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["attack", "gated_faults", "moving_patients"]

FAR_MM = 20.0

GROUP_WORDS = {
    "still": "exams of the benchmark",
    "moving": "patients who moved",
    "real": "real studies",
    "with motion": "turned and shifted",
    "with smear": "smeared by a motion",
}

Row = Mapping[str, Any]


def moving_patients(records: Mapping[str, Any]) -> dict[str, Any]:
    """A row for each 5 mm, shares by camera, kind and direction, and what the rule costs."""
    record = records["moving_patients"]
    curve = record["curves"]["clinical"]
    wide = _far(record["curves"]["wide"])
    return {
        "record": record,
        "moved_count": sum(row["exams"] for row in curve),
        "rows": [_cells(row) for row in curve],
        "parallel": _hits(_far(record["parallel"])),
        "others": _hits(_far(record["others"])),
        "directions": _named(record["directions"]),
        "kinds": _named(record["kinds"]),
        "wide_count": sum(row["exams"] for row in wide),
        "wide": _hits(wide),
        "cost": record["cost"],
        "cost_motion": _share(record["cost"]["says_motion"]),
        "cost_flagged": _share(record["cost"]["flagged"]),
    }


def attack(records: Mapping[str, Any]) -> dict[str, Any]:
    """A row for all volumes and each group, and the interval of what is accepted."""
    record = records["attack"]
    groups = {"all": record["all"]}
    groups |= {GROUP_WORDS.get(name, name): row for name, row in record["groups"].items()}
    names = ("volumes", "failures", "flagged", "not_found", "failures_accepted")
    return {
        "record": record,
        "rows": [[name, *(row[each] for each in names)] for name, row in groups.items()],
        "accepted": record["all"]["failures_accepted"],
        "interval": " to ".join(f"{100 * end:.2f}" for end in record["all"]["interval"]),
        "missed": [_missed(each) for each in record["accepted_failures"]],
    }


def _missed(failure: Mapping[str, Any]) -> str:
    changes = ", ".join(GROUP_WORDS.get(f"with {each}", each) for each in failure["changes"])
    long_axis_deg, center_mm = failure["errors"]
    return (
        f"{GROUP_WORDS.get(failure['source'], failure['source'])} ({changes}) with the long axis "
        f"{long_axis_deg:g} degrees and the centre {center_mm:g} mm off"
    )


def gated_faults(records: Mapping[str, Any]) -> dict[str, Any]:
    """Faults of one slot, and beats that are reversed, by when end-systole comes."""
    record = records["gated_faults"]
    order = record["order"]
    return {
        "record": record,
        "slots": list(record["slots"].items()),
        "reversed": [
            [when, *(_told(order[kind][when], "reversed") for kind in ("strong", "weak"))]
            for when in order["strong"]
        ],
        "forward": sum(each["as it is"] for kind in order.values() for each in kind.values()),
    }


def _told(order: Mapping[str, int], name: str) -> str:
    return f"{order[name]} of {order['exams']}" if order["exams"] else "none there"


def _cells(row: Row) -> list[str]:
    errors = [
        f"{row[name][0]:.1f} / {row[name][2]:.1f}{unit}"
        for name, unit in (("long_axis_deg", "°"), ("center_mm", " mm"))
    ]
    return [
        f"{row['from_mm']:.0f} to {row['to_mm']:.0f} mm",
        str(row["exams"]),
        _share(row["says_motion"]),
        _share(row["flagged"]),
        *errors,
        str(row["failures_accepted"]),
    ]


def _share(share: Sequence[float]) -> str:
    value, low, high = (100 * each for each in share)
    if value < 2:
        return f"{value:.1f} % (at most {high:.1f})"
    return f"{value:.0f} % ({low:.0f} to {high:.0f})"


def _far(curve: Sequence[Row]) -> list[Row]:
    return [row for row in curve if row["from_mm"] >= FAR_MM]


def _hits(rows: Sequence[Row]) -> str:
    """Exams of several rows in which motion is a reason."""
    hits = sum(round(row["says_motion"][0] * row["exams"]) for row in rows)
    return f"{hits} of {sum(row['exams'] for row in rows)}"


def _named(groups: Mapping[str, Row]) -> str:
    return ", ".join(f"{name} {_hits([row])}" for name, row in groups.items())
