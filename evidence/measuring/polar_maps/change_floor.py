"""From which deficit on a change between two exams of one heart is to be called.

``python -m evidence run change_floor -- [--count N] [--cohorts FOLDER] [--workers N]`` images
patients as the result ``prior_changes`` does, others than those, and counts for each floor how many
unchanged hearts would be called changed and how many added defects would be found. The floor is the
least one, and not below that of a defect, at which no more than one unchanged heart in twenty is
called changed on the same camera. A run that was stopped goes on where it was.
"""

from __future__ import annotations

from collections.abc import Sequence

from evidence.measuring.polar_maps.prior_comparisons import (
    KINDS,
    Row,
    compared_patient,
    measure_patients,
    share,
)
from evidence.registry.result import Cohort
from shortaxis.workflow.study_report.impression import LEAST_DEFICIT

COHORT = Cohort("clinical", 7_700_000, 80)
"""Two exams of each patient: that under stress, and that at rest, which gives the second day."""

FLOORS_PERCENT = (0.0, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0, 5.0, 6.0, 8.0, 10.0)
"""In TPD. 0 stands for no floor: a change is called if it has a scored segment or 3 %."""

MOST_CALLED = 0.05
"""Part of the unchanged hearts that may be called changed on the same camera."""

KEPT = ("percent", "patch_percent", "sums", "territory", "doubts")
"""Of a comparison: the rest says what the sentences say, which depend on the floor."""

MEASURES = {"percent": "whole wall", "patch_percent": "largest patch"}
"""What of a change may be held against a floor."""


def main() -> None:
    measure_patients("change_floor", COHORT, measured, summary, __doc__)


def measured(seed: int) -> Row:
    """What of the comparisons of one patient no floor changes."""
    row = compared_patient(COHORT, seed)
    kept = {kind: row[kind] and {name: row[kind][name] for name in KEPT} for kind in KINDS}
    return {"seed": seed, "defect": row["defect"], **kept}


def summary(rows: Sequence[Row]) -> Row:
    """What each floor calls and finds, and which is chosen."""
    floors = [
        {"measure": measure, "percent": floor, **at_floor(rows, measure, floor)}
        for measure in MEASURES
        for floor in FLOORS_PERCENT
    ]
    return {
        "patients": len(rows),
        "not_compared": sum(row[kind] is None for row in rows for kind in KINDS),
        "most_called": MOST_CALLED,
        "least_deficit_percent": 100 * LEAST_DEFICIT,
        "floors": floors,
        "chosen_percent": chosen(floors),
    }


def chosen(floors: Sequence[Row]) -> float:
    """The least floor in TPD that is not below that of a defect and calls few enough.

    Raises
    ------
    ValueError
        If even the highest one calls too many.

    Examples
    --------
    >>> called = {2.0: 0.02, 3.0: 0.2, 4.0: 0.05}
    >>> row = {"measure": "percent", "same": {"share": None}}
    >>> chosen([row | {"percent": at, "same": {"share": [part]}} for at, part in called.items()])
    4.0
    """
    right = (
        each["percent"]
        for each in floors
        if each["measure"] == "percent"
        and each["percent"] >= 100 * LEAST_DEFICIT
        and each["same"]["share"][0] <= MOST_CALLED
    )
    return float(min(right))


def at_floor(rows: Sequence[Row], measure: str, floor: float) -> Row:
    """Unchanged hearts that are called changed, and added defects that are found."""
    same, added, other = ([row[kind] for row in rows if row[kind] is not None] for kind in KINDS)
    with_defect = [row for row in rows if row["added"] is not None]
    found = [row for row in with_defect if is_called(row["added"], measure, floor)[0]]
    return {
        "same": share([any(is_called(each, measure, floor)) for each in same]),
        "same_not_doubted": share(
            [any(is_called(each, measure, floor)) for each in same if not each["doubts"]]
        ),
        "another_camera": share([any(is_called(each, measure, floor)) for each in other]),
        "found": share([is_called(each, measure, floor)[0] for each in added]),
        "territory": share(
            [row["added"]["territory"] == row["defect"]["territory"] for row in found]
        ),
        "more": share([is_called(each, measure, floor)[1] for each in added]),
    }


def is_called(found: Row, measure: str, floor: float) -> tuple[bool, bool]:
    """Whether less and more uptake are called at a floor in per cent."""
    less, more = (
        value >= floor if floor else bool(points) or value >= 100 * LEAST_DEFICIT
        for value, points in zip(found[measure], found["sums"], strict=True)
    )
    return less, more


if __name__ == "__main__":
    main()
