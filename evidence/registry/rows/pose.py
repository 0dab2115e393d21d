"""How good poses are where the truth is known."""

from __future__ import annotations

from evidence.registry.result import Cohort, Result
from evidence.registry.rows.rooms import EVALUATION, METHODS, PHYSICS, POSE, READING

__all__ = ["ROWS"]

CHECKED = "docs/explanation/how-good-it-is.md"
CARD = "docs/explanation/model-card.md"
BENCHMARKS = "evidence/measuring/pose/benchmark_cohorts.py"


def _benchmark(preset: str) -> Result:
    return Result(
        f"{preset}-1000",
        f"How far are poses from the truth on the benchmark cohort `{preset}`, by method and kind of exam?",
        BENCHMARKS,
        (*METHODS, *PHYSICS, "evaluation"),
        ("README.md", CHECKED, CARD),
        40,
        ("--cohort", f"{preset}-1000", "--pictures", "docs/images"),
        (Cohort(preset, 8_000_000, 1000),),
        uses_weights=True,
    )


ROWS = (
    _benchmark("clinical"),
    _benchmark("wide"),
    Result(
        "second_edition",
        "How far are poses from the truth on the second edition of the simulator?",
        "evidence/measuring/pose/second_edition.py",
        (*POSE, *PHYSICS, "evaluation/scores"),
        (CHECKED,),
        10,
        cohorts=(Cohort("clinical", 8_000_000, 200), Cohort("wide", 8_000_000, 200)),
        uses_weights=True,
    ),
    Result(
        "altered_exams",
        "How often does a method fail on exams with defects, hot organs, noise and cut fields, and does it say so?",
        "evidence/measuring/pose/altered_exams.py",
        (*METHODS, *READING, *EVALUATION),
        (CHECKED,),
        5,
        ("--count", "600", "--method", "network"),
        (Cohort("drawn and altered", 30_000, 600),),
        real=True,
        uses_weights=True,
    ),
    Result(
        "network_limits",
        "What does each limit of the network's quality stop, among good exams and failures?",
        "evidence/measuring/pose/network_limits.py",
        (*POSE, *PHYSICS, *EVALUATION, "training"),
        ("docs/explanation/how-the-network-works.md",),
        15,
        cohorts=(
            Cohort("clinical 2", 7_100_000, 120),
            Cohort("clinical 2", 7_100_120, 120),
            Cohort("wide 2", 7_100_000, 120),
            Cohort("wide 2", 7_100_120, 120),
            Cohort("clinical", 7_980_000, 240),
            Cohort("clinical", 7_980_240, 240),
            Cohort("wide", 7_980_000, 240),
        ),
        uses_weights=True,
    ),
    Result(
        "ablations",
        "What is the roll read from: the liver, the right ventricle, the torso?",
        "evidence/measuring/pose/ablations.py",
        (*POSE, *PHYSICS),
        ("docs/explanation/how-the-network-works.md",),
        6,
        cohorts=(Cohort("clinical", 6_500_000, 60),),
        uses_weights=True,
    ),
    Result(
        "demo_study",
        "What comes out of the bundled study, and how far is it from the truth?",
        "evidence/measuring/pose/demo_study.py",
        (*METHODS, *READING, "quantification"),
        ("docs/tutorials/first-study.md",),
        0.2,
        ("--pictures", "docs/images"),
        bundled=True,
        uses_weights=True,
    ),
    Result(
        "same_answers",
        "Did changes of code since a revision leave poses, flags, slices and files as they were?",
        "evidence/measuring/pose/same_answers.py",
        (*METHODS, *READING),
        ("docs/explanation/evidence.md",),
        20,
        cohorts=(Cohort("of many kinds", 9_600_000, 150),),
        real=True,
        by_hand="a revision to compare with",
        uses_weights=True,
    ),
)  # fmt: skip
