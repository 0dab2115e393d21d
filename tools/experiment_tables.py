"""Tables of the paper's experiment, from ``results/paper-cpu`` and ``augmentation_gap.json``."""

from __future__ import annotations

import json

from record import REPOSITORY
from simulation_tables import origin, stored

__all__ = ["augmentation_gap_text", "comparisons_text", "experiment_text"]

FOLDER = REPOSITORY / "results" / "paper-cpu"

NOT_STORED = "Not stored yet: `python tools/experiment_results.py` stores it."


def experiment_text() -> str:
    """Table 1 on the test exams."""
    return _table("table1", "Test exams")


def comparisons_text() -> str:
    """Pairs of methods on the test exams."""
    return _table("comparisons", "Test exams")


def _table(name: str, words: str) -> str:
    path = FOLDER / f"{name}.md"
    if not path.exists():
        return NOT_STORED
    record = json.loads((FOLDER / "experiment.json").read_text(encoding="utf-8"))
    return f"{words} ({origin(record)}):\n\n{path.read_text(encoding='utf-8').strip()}"


def augmentation_gap_text() -> str:
    """Mean errors on own and new images, of images cut close and of whole ones."""
    record = stored("augmentation_gap")
    if record is None:
        return "Not stored yet: `python validation/augmentation_gap.py` measures it."
    names = ("cut to 288 mm around the heart", "the whole exam")
    head = "| images of exams | new ones made from | mean error of alpha, beta, theta | r |"
    lines = [head, "|---|---|---|---|"]
    for words, run in zip(names, record["runs"], strict=True):
        for kind, found in run["errors"].items():
            errors, r = (
                [found[part][name] for name in ("alpha", "beta", "theta")]
                for part in ("mean_error", "r")
            )
            cells = [
                ", ".join(f"{value:.1f}°" for value in errors),
                ", ".join(f"{value:.2f}" for value in r),
            ]
            lines.append(f"| {kind} | {words} | {cells[0]} | {cells[1]} |")
    revisions = " and ".join(run["trained_at"] for run in record["runs"])
    return f"Trained at {revisions} ({origin(record)}):\n\n" + "\n".join(lines)
