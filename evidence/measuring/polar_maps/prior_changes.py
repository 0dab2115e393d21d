"""How often a report calls an unchanged heart changed, and whether it finds a defect that is new.

``python -m evidence run prior_changes -- [--count N] [--cohorts FOLDER] [--workers N]`` simulates
patients and images the heart of each once more: as it was, with a defect of one artery added, and
as it was on another camera. Each is compared with the first exam as ``shortaxis report --prior``
compares them, and the sentence of the impression is what counts: it names less or more uptake, or
says that there is no change. A run that was stopped goes on where it was.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from evidence.measuring.polar_maps.prior_comparisons import (
    Row,
    compared_patient,
    measure_patients,
    share,
)
from evidence.registry.result import Cohort

COHORT = Cohort("clinical", 8_410_000, 80)
"""Two exams of each patient: that under stress, and that at rest, which gives the second day."""

LOSSES = {"below 6 %": (0.0, 0.06), "6 to 12 %": (0.06, 0.12), "from 12 %": (0.12, 1.0)}
"""What a defect takes of the uptake of the whole wall: its depth times its extent."""


def main() -> None:
    measure_patients("prior_changes", COHORT, measured, summary, __doc__)


def measured(seed: int) -> Row:
    """Comparisons of one patient by their kind."""
    return compared_patient(COHORT, seed)


def summary(rows: Sequence[Row]) -> Row:
    """Shares of all, and of those that nothing makes doubtful."""
    return {
        "patients": len(rows),
        "unchanged": of_unchanged(rows, "unchanged"),
        "added": of_added(rows),
        "another_camera": {
            **of_unchanged(rows, "another camera"),
            "of_another_kind": sum(row["is_other_kind"] for row in rows),
        },
    }


def of_unchanged(rows: Sequence[Row], kind: str) -> Row:
    """How often one heart is called changed, how, and how much its two maps differ."""
    known = [row for row in rows if row[kind] is not None]
    groups = {
        "all": known,
        "not_doubted": [row for row in known if not row[kind]["doubts"]],
        "normal": [row for row in known if row["is_normal"]],
        "diseased": [row for row in known if not row["is_normal"]],
    }
    every = [row[kind] for row in known]
    return {
        "not_compared": len(rows) - len(known),
        "called": {
            name: share([is_called(row[kind]) for row in group]) for name, group in groups.items()
        },
        "less": share([says_less(each) for each in every]),
        "more": share([says_more(each) for each in every]),
        "basal_alone": sum(is_called(each) and is_basal(each) for each in every),
        "place_sd": {
            "median": rounded(np.median([each["place_sd"] for each in every])),
            "mean_square_root": rounded(
                np.sqrt(np.mean([each["place_sd"] ** 2 for each in every]))
            ),
            "largest": rounded(max(each["place_sd"] for each in every)),
        },
        "cases": [
            {
                "seed": row["seed"],
                "words": row[kind]["words"],
                "doubted": bool(row[kind]["doubts"]),
                "off": [row["off"], row[kind]["off"]],
            }
            for row in known
            if is_called(row[kind])
        ],
    }


def of_added(rows: Sequence[Row]) -> Row:
    """Whether an added defect is called less uptake, and where; by how much it takes."""
    known = [row for row in rows if row["added"] is not None]
    groups = {
        "all": known,
        "not_doubted": [row for row in known if not row["added"]["doubts"]],
        **{
            name: [row for row in known if low <= row["defect"]["loss"] < top]
            for name, (low, top) in LOSSES.items()
        },
    }
    return {
        "not_compared": len(rows) - len(known),
        "groups": {
            name: {
                "found": share([says_less(row["added"]) for row in group]),
                "territory": share(
                    [
                        row["added"]["territory"] == row["defect"]["territory"]
                        for row in group
                        if says_less(row["added"])
                    ]
                ),
                "more": share([says_more(row["added"]) for row in group]),
            }
            for name, group in groups.items()
        },
        "cases": [
            {"seed": row["seed"], **row["defect"], "words": row["added"]["words"]} for row in known
        ],
    }


def is_called(found: Row) -> bool:
    """Whether the impression says that something changed."""
    return says_less(found) or says_more(found)


def says_less(found: Row) -> bool:
    return "less uptake" in found["words"]


def says_more(found: Row) -> bool:
    return "more uptake" in found["words"]


BASAL = range(1, 7)


def is_basal(found: Row) -> bool:
    """Whether all segments that are named lie at the base."""
    named = [*found["worse"], *found["better"]]
    return bool(named) and all(number in BASAL for number in named)


def rounded(value: float) -> float:
    return round(float(value), 3)


if __name__ == "__main__":
    main()
