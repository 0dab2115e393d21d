"""A training run of two epochs on two exams for each purpose."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from shortaxis.simulation.cohort import CohortRequest, simulate_cohort
from shortaxis.simulation.seed_ranges import CALIBRATION, SELECTION, TRAINING


def simulate_exams(folder: Path) -> None:
    """Two exams for each purpose, each in its own folder."""
    for name, purpose in (("train", TRAINING), ("selection", SELECTION), ("calib", CALIBRATION)):
        request = CohortRequest("paper", 2, purpose.first + 20, "compact", 0, preset_version=1)
        simulate_cohort(request, folder / name)


def write_config(
    folder: Path, stages: Sequence[str] = ("localiser", "refiner"), **changes: str
) -> Path:
    """A run of two epochs of two batches for each block, of which the stages have the names."""
    ranges = {
        "train": ("train", 20),
        "selection": ("selection", 6_000_020),
        "calibration": ("calib", 7_000_020),
    }
    lines = [
        f'{name} = [{{ folder = "{where}", preset = "paper", first = {first}, count = 2 }}]'
        for name, (where, first) in ranges.items()
    ]
    values = {"seed": "3", "epoch_samples": "8", "batch": "4", "samples": "16", **changes}
    lines += [f"{name} = {value}" for name, value in values.items()]
    for block in stages:
        lines += ["[[stages]]", f'name = "{block}"']
        lines += [] if "block" in changes else [f'block = "{block}"']
    path = folder / "run.toml"
    path.write_text("\n".join(lines))
    return path
