"""The paper's experiment: its tables, and what augmented images teach."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from evidence.registry.places import results_folder
from evidence.registry.table import RESULTS

__all__ = ["augmentation_gap", "comparisons", "table_1"]

Records = Mapping[str, Any]

ANGLES = ("alpha", "beta", "theta")


def table_1(records: Records) -> dict[str, Any]:
    """Table 1 on the test exams."""
    return _table("table1", records)


def comparisons(records: Records) -> dict[str, Any]:
    """Pairs of methods on the test exams."""
    return _table("comparisons", records)


def _table(name: str, records: Records) -> dict[str, Any]:
    path = (results_folder() / RESULTS["paper-cpu"].file).with_name(f"{name}.md")
    return {"record": records["paper-cpu"], "table": path.read_text(encoding="utf-8").strip()}


def augmentation_gap(records: Records) -> dict[str, Any]:
    """Mean errors on own and new images, of images cut close and of whole ones."""
    record = records["augmentation_gap"]
    return {
        "record": record,
        "revisions": [run["trained_at"] for run in record["runs"]],
        "runs": [
            {
                kind: [
                    ", ".join(f"{found['mean_error'][name]:.1f}°" for name in ANGLES),
                    ", ".join(f"{found['r'][name]:.2f}" for name in ANGLES),
                ]
                for kind, found in run["errors"].items()
            }
            for run in record["runs"]
        ],
    }
