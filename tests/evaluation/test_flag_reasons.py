"""What each limit stops is counted right, and limits are moved by the stated rule alone."""

from __future__ import annotations

from pathlib import Path

from evidence.measuring.robustness.flag_reasons import (
    cases,
    parts,
    patient_of,
    relaxed,
    stored_as,
    table,
)
from evidence.measuring.robustness.judged_rows import Row
from evidence.pages.blocks import block_text
from evidence.registry.result import Cohort
from evidence.registry.table import RESULTS
from shortaxis.reorientation.quality import UNLIMITED, Limit, Measure
from shortaxis.simulation.seed_ranges import TEST

AZIMUTH = Limit(Measure.AZIMUTH_DEG, 0, 75, "aside")
APART = Limit(Measure.ELLIPSOID_APART_DEG, 0, 12, "another axis")
PRESENCE = Limit(Measure.PRESENCE, 0, UNLIMITED, "no heart")
LIMITS = (AZIMUTH, APART, PRESENCE)


def exam(
    azimuth: float = 40, apart: float = 3, presence: float = 9, *, failed: bool = False
) -> Row:
    measures = {"azimuth_deg": azimuth, "ellipsoid_apart_deg": apart, "presence": presence}
    return {"found": True, "failed": failed, "measures": measures}


ROWS = {
    "usual clinical 7980000": exam(),
    "usual clinical 7980001": exam(apart=13.04),
    "usual clinical 7980002": exam(apart=30, azimuth=-4),
    "usual clinical 7980003": exam(failed=True),
    "hard wide 7980000": exam(presence=-1),
    "moving 6400000": exam(apart=14, failed=True),
    "world clinical 7980000 two hearts: to the right": exam(azimuth=80, failed=True),
    "altered clinical 7980000": {"found": False, "failed": True, "measures": {}},
}


def test_a_limit_is_told_what_it_stops_and_what_nothing_else_does() -> None:
    found = {row["measure"]: row for row in table(ROWS, LIMITS)}

    apart = found[APART.measure.value]
    assert (apart["usual"], apart["hard"], apart["failures"], apart["worlds"]) == (
        [2, 1],
        [0, 0],
        [1, 1],
        [0, 0],
    )
    assert found[AZIMUTH.measure.value]["usual"] == [1, 0]
    assert found[AZIMUTH.measure.value]["worlds"] == [1, 1]
    assert found[PRESENCE.measure.value]["hard"] == [1, 1]
    assert found[PRESENCE.measure.value]["highest"] is None


def test_good_exams_that_are_flagged_and_others_that_are_accepted_are_counted() -> None:
    assert parts(ROWS, LIMITS) == {
        "good usual, flagged": [2, 3],
        "good hard, flagged": [1, 1],
        "failures, accepted": [1, 2],
        "worlds, accepted": [0, 1],
    }


def test_the_limit_with_the_smallest_step_moves_until_few_enough_are_flagged() -> None:
    good = [exam(), exam(), exam(apart=13.04), exam(apart=24), exam(azimuth=77)]

    moved, steps = relaxed(LIMITS, good, [], most=0.4)

    # 75 to 77 is the smaller part; then 12 to 13.04 is left out, as two of five may be flagged.
    assert [(each["measure"], each["from"], each["to"], each["flagged"]) for each in steps] == [
        (AZIMUTH.measure.value, 75, 77.0, 2)
    ]
    assert moved == [Limit(Measure.AZIMUTH_DEG, 0, 77.0, "aside"), APART, PRESENCE]


def test_no_step_lets_a_failure_through() -> None:
    good = [exam(), exam(apart=13.04), exam(presence=-1)]
    bad = [exam(apart=13.5, failed=True), exam(presence=-0.5, failed=True)]

    moved, steps = relaxed(LIMITS, good, bad, most=0.0)

    # Up to 14, two digits beyond 13.04, lies a failure; so does one down to -1.
    assert steps == []
    assert tuple(moved) == LIMITS


def test_what_another_limit_stops_too_holds_no_limit_back() -> None:
    good = [exam(), exam(presence=-1)]
    bad = [exam(presence=-0.5, apart=50, failed=True)]

    moved, _ = relaxed(LIMITS, good, bad, most=0.0)

    assert moved[2].lowest == -1.0


def test_no_exam_for_tests_is_among_the_cases() -> None:
    seeds = [int(word) for name in dict(cases(Path())) for word in name.split() if word.isdigit()]

    assert seeds
    assert max(seeds) < TEST.first


def test_stress_and_rest_of_a_patient_are_in_one_half() -> None:
    assert patient_of("usual clinical 7980002") == patient_of("world clinical 7980003 cut: x")
    assert patient_of("moving 6400000") == 3_200_000


def test_the_page_shows_costs_and_steps() -> None:
    moved, steps = relaxed(LIMITS, [exam(), exam(apart=13.04)], [], most=0.0)
    both = {"now": parts(ROWS, LIMITS), "moved": parts(ROWS, moved)}
    record = {
        "command": RESULTS["flag_reasons"].name,
        "seed": 7_980_000,
        "git_revision": "0123456789",
        "most": 0.04,
        "parts": both,
        "trial": both,
        "limits": table(ROWS, LIMITS),
        "steps": steps,
    }

    text = block_text("flag reasons", lambda name: record)

    assert f"| {APART.measure.value} | 0 to 12 | 2, 1 | 0, 0 | 1, 1 | 0, 0 |" in text
    assert f"| {APART.measure.value} | 12 | 14 | 0 |" in text
    assert "| good usual, flagged | 2 of 3 | 1 of 3 | 2 of 3 | 1 of 3 |" in text
    assert "Not stored yet" in block_text("flag reasons", lambda name: None)


def test_exams_of_a_version_lie_in_a_folder_of_their_own() -> None:
    second = stored_as(Path("cohorts"), Cohort("clinical 2", 7_100_000, 120))
    first = stored_as(Path("cohorts"), Cohort("wide", 7_980_000, 240))

    assert second == (Path("cohorts/clinical-2-calibration-7100000"), "clinical", 2)
    assert first == (Path("cohorts/wide-calibration-7980000"), "wide", 1)
