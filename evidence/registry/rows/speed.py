"""How fast it is, and how much memory it takes."""

from __future__ import annotations

from evidence.registry.result import Cohort, Result
from evidence.registry.rows.rooms import METHODS, PHYSICS, POLAR_MAPS, POSE, READING, VERBS

__all__ = ["ROWS"]

FOLDER = "evidence/measuring/speed"
POLAR_MAPS_PAGE = "docs/explanation/how-good-the-polar-maps-are.md"
REORIENTED = (*METHODS, "nifti", "workflow/studies", *VERBS)

ROWS = (
    Result(
        "benchmark_reorient",
        "How long does one study take, and how much memory and disk?",
        f"{FOLDER}/reorient.py",
        REORIENTED,
        ("docs/explanation/how-good-it-is.md",),
        3,
        ("--runs", "15", "--install"),
        bundled=True,
    ),
    Result(
        "benchmark_study_ratio",
        "What does a study cost beside an earlier revision: time, memory, bytes, folder scan?",
        f"{FOLDER}/study_ratio.py",
        (*REORIENTED, *POLAR_MAPS, "workflow/study_report", "review"),
        ("docs/explanation/how-good-it-is.md",),
        4,
        ("--runs", "3", "--files", "5000"),
        bundled=True,
    ),
    Result(
        "benchmark_quantify",
        "How long does a polar map take?",
        f"{FOLDER}/quantify.py",
        (*REORIENTED, *POLAR_MAPS),
        (POLAR_MAPS_PAGE,),
        0.5,
        bundled=True,
    ),
    Result(
        "benchmark_report",
        "How long does a report of stress and rest take?",
        f"{FOLDER}/report.py",
        (*REORIENTED, *POLAR_MAPS, "workflow/study_report"),
        (POLAR_MAPS_PAGE,),
        1,
        bundled=True,
    ),
    Result(
        "benchmark_batch",
        "How many studies a second does a batch make, and what is lost when it is killed?",
        f"{FOLDER}/batch.py",
        (*REORIENTED, "processes", "workflow/batch"),
        ("docs/how-to/batch.md",),
        20,
        ("--studies", "2000"),
        (Cohort("clinical", 9_500_100, 50),),
        threads=None,
    ),
    Result(
        "batch_survival",
        "What does a batch survive, and what does its pool cost beside Dask's local cluster?",
        "evidence/measuring/survival/batch_survival.py",
        ("processes", "workflow/batch"),
        ("docs/how-to/batch.md",),
        30,
        ("--runs", "50", "--pools", "50", "--interrupts", "2", "--beside", "2", "--clusters", "3"),
        bundled=True,
        threads=None,
    ),
    Result(
        "benchmark_review",
        "How fast is the review page?",
        f"{FOLDER}/review.py",
        (*REORIENTED, "review"),
        ("docs/how-to/review.md",),
        3,
        bundled=True,
        threads=None,
    ),
    Result(
        "browser_page",
        "How fast is the page that works in the browser alone, what does it fetch, and is its pose that of the package?",
        f"{FOLDER}/browser_page.py",
        (*POSE, *PHYSICS, *READING),
        ("docs/how-to/browser.md",),
        2,
        cohorts=(Cohort("clinical", 9_500_300, 1),),
        bundled=True,
        uses_weights=True,
    ),
    Result(
        "benchmark_service",
        "How many studies does the node bear?",
        f"{FOLDER}/service.py",
        (*REORIENTED, "service"),
        ("docs/how-to/serve.md",),
        25,
        bundled=True,
        threads=None,
    ),
    Result(
        "benchmark_simulate",
        "How fast are exams simulated?",
        f"{FOLDER}/simulate.py",
        PHYSICS,
        ("docs/how-to/simulate-a-cohort.md",),
        5,
        ("--count", "40"),
        (Cohort("every preset", 9_500_000, 40),),
    ),
    Result(
        "benchmark_simulate_ratio",
        "Are exams made faster than before, and are they the same?",
        f"{FOLDER}/simulate_ratio.py",
        PHYSICS,
        ("docs/how-to/simulate-a-cohort.md",),
        4,
        ("--count", "10", "--gated", "3"),
        (Cohort("every preset", 9_500_000, 11),),
    ),
    Result(
        "benchmark_camera",
        "How fast is the camera, beside PyTomography?",
        f"{FOLDER}/camera.py",
        ("geometry", "camera"),
        ("docs/explanation/simulation.md",),
        2,
        ("--runs", "5"),
    ),
    Result(
        "benchmark_reconstruct",
        "How fast are raw projections reconstructed, beside PyTomography, and how alike are the images?",
        f"{FOLDER}/reconstruct.py",
        ("geometry", "spect", "reconstruction"),
        ("docs/explanation/reconstruction.md",),
        2,
        ("--runs", "2"),
    ),
)  # fmt: skip
