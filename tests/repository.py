"""Where this checkout is, and what of it the tests read."""

from __future__ import annotations

from pathlib import Path

__all__ = ["DEMO", "DOCS", "REPOSITORY"]

REPOSITORY = next(
    folder for folder in Path(__file__).resolve().parents if (folder / "pyproject.toml").exists()
)

DEMO = REPOSITORY / "demo"
DOCS = REPOSITORY / "docs"
