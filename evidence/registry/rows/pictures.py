"""Pictures of the pages that show no numbers; their records hold the hashes of the files."""

from __future__ import annotations

from evidence.registry.result import Cohort, Result
from evidence.registry.rows.rooms import BEAT, METHODS, PHYSICS, POLAR_MAPS, POSE, READING, VERBS

__all__ = ["ROWS"]

FOLDER = "evidence/measuring/pictures"

ROWS = (
    Result(
        "realism_figure",
        "Do simulated exams look like real ones, to the eye?",
        "evidence/measuring/simulation/realism_figure.py",
        (*POSE, *PHYSICS, *READING, "workflow/drawing"),
        ("docs/explanation/simulation.md",),
        1,
        cohorts=(Cohort("clinical", 9_300_000, 30),),
        real=True,
    ),
    Result(
        "ventricle_forms_figure",
        "How are drawn and real ventricles formed, at a glance?",
        "evidence/measuring/simulation/ventricle_forms_figure.py",
        ("geometry", "anatomy", "phantom", "simulation"),
        ("docs/explanation/simulation.md",),
        0.3,
    ),
    Result(
        "gated_report",
        "What does a report of a gated patient show?",
        "docs/figures/draw_gated_report.py",
        (*METHODS, BEAT, *PHYSICS, *VERBS, *POLAR_MAPS, "function", "workflow/studies", "workflow/study_report"),
        ("docs/how-to/report.md",),
        1,
        cohorts=(Cohort("clinical", 9_300_946, 2),),
    ),
    Result(
        "review_page",
        "What does the review page look like?",
        f"{FOLDER}/review_page.py",
        ("review",),
        ("docs/how-to/review.md",),
        0.5,
        bundled=True,
    ),
    Result(
        "cohort_page",
        "What does the page of a batch look like?",
        f"{FOLDER}/cohort_page.py",
        (*METHODS, *PHYSICS, "workflow/batch"),
        ("docs/how-to/batch.md",),
        2,
        cohorts=(Cohort("wide", 9_300_400, 40),),
    ),
)  # fmt: skip
