"""How good polar maps and scores are."""

from __future__ import annotations

from evidence.registry.result import Cohort, Result
from evidence.registry.rows.rooms import BEAT, METHODS, PHYSICS, POLAR_MAPS, POSE, READING, WALL

__all__ = ["ROWS"]

PAGE = "docs/explanation/how-good-the-polar-maps-are.md"
WALL_PAGE = "docs/explanation/the-wall.md"
FUNCTION_PAGE = "docs/explanation/function.md"
FOLDER = "evidence/measuring/polar_maps"
SCORED = (*METHODS, *PHYSICS, "quantification", "evaluation/normals_building.py", "training")

ROWS = (
    Result(
        "numbers",
        "Are scores, extents, scars and differences right, and how often are healthy hearts ill?",
        f"{FOLDER}/numbers.py",
        (*SCORED, "evaluation/walls", "workflow/normals"),
        (PAGE,),
        6,
        cohorts=(Cohort("clinical", 8_000_000, 110), Cohort("wide", 8_000_000, 80)),
        uses_weights=True,
    ),
    Result(
        "prior_changes",
        "How often is an unchanged heart called changed since an earlier exam, and a new defect found?",
        f"{FOLDER}/prior_changes.py",
        (*METHODS, *PHYSICS, *POLAR_MAPS, *WALL, "evaluation/normals_building.py",
         "evaluation/walls", "training", "workflow/study_report/earlier",
         "workflow/study_report/exams"),
        ("docs/how-to/report.md",),
        15,
        cohorts=(Cohort("clinical", 8_410_000, 80),),
        uses_weights=True,
    ),
    Result(
        "change_floor",
        "From which deficit on is a change since an earlier exam to be called?",
        f"{FOLDER}/change_floor.py",
        (*METHODS, *PHYSICS, *POLAR_MAPS, *WALL, "evaluation/normals_building.py",
         "evaluation/walls", "training", "workflow/study_report/earlier",
         "workflow/study_report/exams", "workflow/study_report/impression.py"),
        ("docs/how-to/report.md",),
        15,
        cohorts=(Cohort("clinical", 7_700_000, 80),),
        uses_weights=True,
    ),
    Result(
        "agreement_example",
        "What does the table of a validation say of simulated patients?",
        f"{FOLDER}/agreement_example.py",
        (*SCORED, *WALL, "agreement", "evaluation/walls", "workflow/quantify"),
        ("docs/how-to/agreement.md",),
        3,
        ("--pictures", "docs/images"),
        (Cohort("clinical", 8_000_000, 110),),
        uses_weights=True,
    ),
    Result(
        "quantification",
        "Are known defects found and named, and does an automatic pose change the reading?",
        f"{FOLDER}/quantification.py",
        SCORED,
        (PAGE,),
        60,
        ("--pictures", "docs/images"),
        (Cohort("clinical", 8_000_000, 2000),),
        uses_weights=True,
    ),
    Result(
        "detection",
        "From how many standard deviations on is a place abnormal, and what could be found at all?",
        f"{FOLDER}/detection.py",
        (*SCORED, "evaluation/walls", "workflow/normals"),
        (PAGE,),
        5,
        cohorts=(Cohort("clinical", 6_100_000, 60), Cohort("clinical", 7_100_000, 240)),
        uses_weights=True,
    ),
    Result(
        "quantification_real",
        "How well do polar maps of real studies repeat under small known motions?",
        f"{FOLDER}/quantification_real.py",
        (*METHODS, *READING, *POLAR_MAPS, "workflow/drawing"),
        (PAGE,),
        3,
        ("--pictures", "docs/images"),
        real=True,
        uses_weights=True,
    ),
    Result(
        "function",
        "How near are volumes, ejection fraction and phase of gated exams to the truth?",
        f"{FOLDER}/function.py",
        (*METHODS, BEAT, *PHYSICS, "function", *WALL),
        (FUNCTION_PAGE,),
        10,
        cohorts=(Cohort("clinical", 8_100_000, 400), Cohort("wide", 8_200_000, 20)),
        uses_weights=True,
    ),
    Result(
        "function_worst",
        "What do the gated exams look like whose ejection fraction is found worst?",
        f"{FOLDER}/function_worst.py",
        (*METHODS, BEAT, *PHYSICS, "function", *WALL, "workflow/beat_view", "workflow/drawing",
         "workflow/quantify"),
        (FUNCTION_PAGE,),
        2,
        ("--pictures", "docs/images"),
        cohorts=(Cohort("clinical", 8_100_000, 400),),
        uses_weights=True,
    ),
    Result(
        "function_late",
        "How far does noise of the counts hide segments that contract late?",
        f"{FOLDER}/function_late.py",
        (*METHODS, BEAT, *PHYSICS, "function", *WALL),
        (FUNCTION_PAGE,),
        3,
        cohorts=(Cohort("clinical", 7_600_000, 196), Cohort("wide", 7_600_000, 49)),
        uses_weights=True,
    ),
    Result(
        "trace_limits",
        "What do the limits of a traced wall stop, at good poses and at poses that are moved off?",
        f"{FOLDER}/trace_limits.py",
        (*POSE, *PHYSICS, "quantification", "training"),
        ("docs/how-to/quantify.md",),
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
        "wall",
        "How far is the drawn wall from the true one, and is it known when it is wrong?",
        f"{FOLDER}/wall.py",
        (*POSE, *PHYSICS, *READING, "quantification", *WALL, "evaluation/walls", "training"),
        (WALL_PAGE,),
        15,
        cohorts=(
            Cohort("clinical", 6_100_000, 60),
            Cohort("wide", 6_100_000, 60),
        ),
        real=True,
        uses_weights=True,
    ),
)  # fmt: skip
