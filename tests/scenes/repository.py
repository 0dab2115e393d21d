"""Where this checkout is, and what of it the tests read."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["DEMO", "DOCS", "REPOSITORY", "find_real_data"]

REPOSITORY = next(
    folder for folder in Path(__file__).resolve().parents if (folder / "pyproject.toml").exists()
)

DEMO = REPOSITORY / "demo"
DOCS = REPOSITORY / "docs"


def find_real_data() -> Path | None:
    """Folder of real studies: SHORTAXIS_REAL_DATA, or ``shared/real`` beside the checkout."""
    named = os.environ.get("SHORTAXIS_REAL_DATA")
    folder = Path(named) if named else REPOSITORY.parent / "shared" / "real"
    return folder if (folder / "dicom").is_dir() else None
