"""Where results, pages and inputs lie."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = [
    "DEMO",
    "DOCS",
    "IMAGES",
    "REPOSITORY",
    "RESULTS",
    "ROOMS",
    "cohorts_folder",
    "real_data_folder",
    "results_folder",
]

REPOSITORY = Path(__file__).resolve().parents[2]
RESULTS = REPOSITORY / "evidence" / "results"
ROOMS = REPOSITORY / "src" / "shortaxis"
DOCS = REPOSITORY / "docs"
IMAGES = DOCS / "images"
DEMO = REPOSITORY / "demo"


def results_folder() -> Path:
    """Where results are stored; ``run --into FOLDER`` says another one."""
    return Path(os.environ.get("SHORTAXIS_RESULTS", RESULTS))


def cohorts_folder() -> Path:
    """Where simulated cohorts are found, or made."""
    return Path(os.environ.get("SHORTAXIS_COHORTS", REPOSITORY / "cohorts"))


def real_data_folder() -> Path:
    """Where the real studies lie."""
    beside = REPOSITORY.parent / "shared" / "real"
    return Path(os.environ.get("SHORTAXIS_REAL_DATA", beside))
