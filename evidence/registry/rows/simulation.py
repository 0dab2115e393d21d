"""Whether simulated exams are like real ones, and what is lost on exams that were made otherwise."""

from __future__ import annotations

from evidence.registry.result import Cohort, Result
from evidence.registry.rows.rooms import EVALUATION, METHODS, PHYSICS, POSE, READING

__all__ = ["ROWS"]

PAGE = "docs/explanation/simulation.md"
FOLDER = "evidence/measuring/simulation"

ROWS = (
    Result(
        "scenario_statistics",
        "Are the draws of the presets like what is known of patients?",
        "docs/figures/draw_scenarios.py",
        ("geometry", "phantom", "simulation"),
        (PAGE,),
        2,
        cohorts=(Cohort("clinical", 9_200_000, 2000), Cohort("wide", 9_200_000, 2000)),
    ),
    Result(
        "realism",
        "Do simulated exams look like real ones, in numbers?",
        f"{FOLDER}/realism.py",
        (*POSE, *PHYSICS, *READING, "workflow/drawing"),
        (PAGE,),
        10,
        ("--count", "150"),
        (Cohort("clinical", 9_000_000, 150),),
        real=True,
    ),
    Result(
        "ventricle_forms",
        "Are the drawn ventricles of either version formed like those of patients?",
        f"{FOLDER}/ventricle_forms.py",
        ("geometry", "anatomy", "phantom", "simulation"),
        (PAGE,),
        3,
        cohorts=(Cohort("clinical", 9_220_000, 200),),
    ),
    Result(
        "parallel_holes",
        "Are exams of the parallel-hole camera what the literature says?",
        f"{FOLDER}/parallel_holes.py",
        PHYSICS,
        (PAGE,),
        3,
        cohorts=(Cohort("paper", 9_420_000, 40),),
    ),
    Result(
        "robustness",
        "How much is lost on exams of another projector, and with every setting at its hardest?",
        "evidence/measuring/robustness/robustness.py",
        (*METHODS, *PHYSICS, *EVALUATION),
        ("docs/explanation/how-good-it-is.md",),
        150,
        ("--each-setting",),
        (Cohort("clinical", 8_500_000, 100), Cohort("clinical", 8_600_000, 100)),
        uses_weights=True,
    ),
    Result(
        "permuted_worlds",
        "Which worlds that are wrong under a header that was kept are accepted, and what does it cost to stop them?",
        "evidence/measuring/robustness/permuted_worlds.py",
        (*METHODS, *READING, *PHYSICS),
        ("docs/explanation/how-good-it-is.md",),
        20,
        cohorts=(Cohort("clinical", 7_970_000, 60),),
        real=True,
        uses_weights=True,
    ),
    Result(
        "handedness",
        "Are mirrored worlds and exchanged axes told from right ones, and what does it cost?",
        "evidence/measuring/robustness/handedness.py",
        (*POSE, *PHYSICS, *READING, "evaluation/scores"),
        ("docs/explanation/how-good-it-is.md",),
        12,
        cohorts=(Cohort("clinical", 8_100_000, 120), Cohort("wide", 8_100_000, 60)),
        real=True,
        uses_weights=True,
    ),
    Result(
        "limit_costs",
        "How many good exams do the limits against worlds that are wrong under a kept header cost?",
        "evidence/measuring/robustness/limit_costs.py",
        (*POSE, *PHYSICS, *EVALUATION),
        ("docs/explanation/how-good-it-is.md",),
        15,
        cohorts=(Cohort("clinical", 7_980_240, 240), Cohort("wide", 7_980_000, 240)),
        uses_weights=True,
    ),
    Result(
        "moving_patients",
        "How far must a patient move before the flag says so, and what does the pose lose meanwhile?",
        "evidence/measuring/robustness/moving_patients.py",
        (*POSE, *PHYSICS, "evaluation/scores"),
        ("docs/explanation/how-good-it-is.md",),
        10,
        ("--pictures", "docs/images"),
        (
            Cohort("clinical", 8_800_000, 160),
            Cohort("wide", 8_800_000, 40),
            Cohort("clinical", 8_000_000, 120),
            Cohort("clinical", 7_900_000, 60),
            Cohort("clinical", 7_950_000, 60),
            Cohort("clinical", 7_960_000, 40),
        ),
        uses_weights=True,
    ),
    Result(
        "attack",
        "How many failures are accepted among 3,000 altered simulated and real volumes?",
        "evidence/measuring/robustness/attack.py",
        (*METHODS, *PHYSICS, *READING, "evaluation/scores", "evaluation/cohorts"),
        ("docs/explanation/how-good-it-is.md",),
        20,
        cohorts=(
            Cohort("clinical", 8_000_000, 120),
            Cohort("clinical", 8_800_000, 160),
            Cohort("wide", 8_800_000, 40),
        ),
        real=True,
        uses_weights=True,
    ),
    Result(
        "gated_faults",
        "Which faults of time slots are told, and how often is a usual beat called faulty?",
        "evidence/measuring/pose/gated_faults.py",
        (*POSE, *PHYSICS, *READING),
        ("docs/how-to/reorient-a-study.md",),
        5,
        cohorts=(
            Cohort("clinical", 7_500_000, 14),
            Cohort("wide", 7_500_000, 8),
            Cohort("clinical", 7_500_100, 6),
        ),
        real=True,
        uses_weights=True,
    ),
)  # fmt: skip
