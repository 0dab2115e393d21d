"""Store what a training run reached, from its logs, and draw its curve.

``python -m evidence run training -- RUN --config CONFIG --name NAME [--picture PNG]`` reads the
logs of ``shortaxis train CONFIG -o RUN``, counts the exams that were learnt from, and stores
``NAME.json``, which is ``training`` or ``heads``. Of a run that was copied from another machine,
``--processor`` and ``--hours`` say which and how long in all, since files that were copied have
lost their times.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.ticker import LogFormatter, ScalarFormatter

from evidence.recording.record import store_result
from evidence.registry.places import REPOSITORY, cohorts_folder
from shortaxis.simulation.presets import sample_scenario
from shortaxis.simulation.strata import strata_of
from shortaxis.training.config import Stage, read_config
from shortaxis.training.exams import SeedRange, is_learnt_from
from shortaxis.training.module import block_of

ERRORS = ("long_axis_deg", "roll_deg", "center_mm")
LABELS = {
    "long_axis_deg": "long axis (degrees)",
    "roll_deg": "roll (degrees)",
    "center_mm": "centre (mm)",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--name", required=True, choices=("training", "heads"))
    parser.add_argument("--picture", type=Path)
    parser.add_argument("--processor", default="")
    parser.add_argument("--hours", type=float)
    arguments = parser.parse_args()
    config = read_config(arguments.config, cohorts_folder())
    curves = {stage.name: curve(arguments.run / stage.name) for stage in config.stages}
    exams = exam_counts(config.train)
    stages = {stage.name: reached(stage, arguments.run, curves) for stage in config.stages}
    if arguments.hours is not None:
        stages = {
            name: {key: value for key, value in reached_there.items() if key != "hours"}
            for name, reached_there in stages.items()
        }
    values = {"exams": exams, "stages": stages}
    if arguments.hours is not None:
        values["hours"] = arguments.hours
    if arguments.processor:
        values["processor"] = arguments.processor
    store_result(arguments.name, values, config.stages[0].seed)
    if arguments.picture:
        draw(curves, {stage.name: stage for stage in config.stages}, arguments.picture)


def exam_counts(ranges: Iterable[SeedRange]) -> dict[str, int]:
    """Exams of each preset that are learnt from, over all its ranges."""
    counts: dict[str, int] = {}
    for one in ranges:
        version = one.preset_version
        drawn = (sample_scenario(one.preset, seed, version=version) for seed in one.seeds)
        used = sum(is_learnt_from(strata_of(each, each.phantom.pose)) for each in drawn)
        counts[one.preset] = counts.get(one.preset, 0) + used
    return counts


def hours_of(logs: Iterable[Path]) -> float:
    """From the first to the last line of every log; a stage has one for each start.

    The time of a folder is that of the first line, which makes the files in it.
    """
    seconds = (log.stat().st_mtime - log.parent.stat().st_ctime for log in logs)
    return sum(seconds) / 3600


def curve(folder: Path) -> list[dict[str, float]]:
    """Errors on the selection exams after each epoch; of all starts of the stage."""
    rows: dict[int, dict[str, float]] = {}
    for log in sorted((folder / "logs").glob("*/metrics.csv")):
        with log.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                if row.get("selection/center_mm_median"):
                    values = {
                        name: float(value)
                        for name, value in row.items()
                        if name.startswith("selection/")
                    }
                    rows[int(row["epoch"])] = values
    return [rows[epoch] for epoch in sorted(rows)]


def reached(stage: Stage, run: Path, curves: dict[str, list[dict[str, float]]]) -> dict[str, Any]:
    """Last errors, size and duration of a stage."""
    last = curves[stage.name][-1]
    logs = sorted((run / stage.name / "logs").glob("*/metrics.csv"))
    return {
        "block": stage.block,
        "head": stage.head,
        "samples": stage.samples,
        "parameters": sum(each.numel() for each in block_of(stage).parameters()),
        "hours": round(hours_of(logs), 2),
        **{
            name: [round(last[f"selection/{name}_{part}"], 2) for part in ("median", "95th")]
            for name in ERRORS
        },
    }


def draw(curves: dict[str, list[dict[str, float]]], stages: dict[str, Stage], path: Path) -> None:
    """Median and 95th percentile on the selection exams against samples."""
    figure, axes = plt.subplots(1, 3, figsize=(10, 3.2), layout="constrained")
    for axis, name in zip(axes, ERRORS, strict=True):
        for color, (stage, rows) in zip(("C0", "C1"), curves.items(), strict=False):
            draw_stage(axis, name, color, stages[stage], rows)
        axis.set(xlabel="thousand samples", ylabel=LABELS[name], yscale="log")
        axis.grid(visible=True, which="both", alpha=0.2)
        axis.yaxis.set_major_formatter(ScalarFormatter())
        axis.yaxis.set_minor_formatter(LogFormatter(labelOnlyBase=False, minor_thresholds=(2, 0.5)))
    axes[-1].legend(frameon=False)
    figure.savefig(REPOSITORY / path, dpi=110)


def draw_stage(
    axis: Axes, name: str, color: str, stage: Stage, rows: list[dict[str, float]]
) -> None:
    thousands = [(epoch + 1) * stage.epoch_samples / 1000 for epoch in range(len(rows))]
    for part, style in (("median", "-"), ("95th", ":")):
        values = [row[f"selection/{name}_{part}"] for row in rows]
        axis.plot(thousands, values, style, color=color, label=f"{stage.name}, {part}")


if __name__ == "__main__":
    main()
