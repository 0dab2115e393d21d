"""What real studies tell, whose pose nobody knows exactly."""

from __future__ import annotations

from evidence.registry.result import Cohort, Result
from evidence.registry.rows.rooms import METHODS, READING

__all__ = ["ROWS"]

CHECKED = "docs/explanation/how-good-it-is.md"
FOLDER = "evidence/measuring/real_studies"

ROWS = (
    Result(
        "real_studies",
        "Does the pose follow known motions, agree with an expert's wall mask, and give files that conform?",
        f"{FOLDER}/real_studies.py",
        (*METHODS, *READING, "dicom/writing"),
        (CHECKED,),
        2,
        ("--method", "network", "--pictures", "docs/images"),
        real=True,
        uses_weights=True,
    ),
    Result(
        "real_consistency",
        "How widely do poses spread around their mean after larger motions, by method?",
        f"{FOLDER}/real_consistency.py",
        (*METHODS, *READING, "workflow/consistency"),
        (CHECKED,),
        5,
        ("--pictures", "docs/images"),
        real=True,
        uses_weights=True,
    ),
    Result(
        "annotation_errors",
        "How far is `shortaxis annotate` off where the pose is known, and what does it reject?",
        f"{FOLDER}/annotation_errors.py",
        (*METHODS, *READING, "simulation", "workflow/annotation"),
        ("docs/how-to/your-own-data.md",),
        10,
        ("--most", "8"),
        (Cohort("clinical", 8_000_000, 8),),
        real=True,
    ),
)  # fmt: skip
