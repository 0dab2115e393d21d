"""The table of a validation as a hospital would make it, on simulated patients.

``python -m evidence run agreement_example -- [--cohorts FOLDER] [--pictures FOLDER]`` quantifies
test exams of version 2, writes the table of a user, runs ``shortaxis agreement measure`` on it, and
stores what the command answers.

Nobody read these exams. The readers are drawn: each grades the true loss of every segment, and
misses by one grade in a tenth of them. The other package is our own second method for the wall.
Angiography is the truth: disease loses a fifth of the uptake somewhere, health less than a
twentieth everywhere; what lies between has none.
"""

from __future__ import annotations

import argparse
import csv
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from evidence.measuring.polar_maps.numbers import FIRST, HEALTHY, LOST, area_of, paths_of
from evidence.recording.options import add_cohorts, add_pictures
from evidence.recording.record import store_result
from shortaxis.agreement.exams.columns import NONE
from shortaxis.agreement.exams.quantities import SEGMENTS, SUMMED, TERRITORIES, TPD, segment_column
from shortaxis.anatomy.hybrid_grid import ray_points_mm
from shortaxis.anatomy.segments import segment_numbers
from shortaxis.errors import HeartNotFoundError
from shortaxis.evaluation.normals_building import exam_group
from shortaxis.evaluation.walls.true_wall import true_wall
from shortaxis.files.plain_json import write_json
from shortaxis.simulation.exam_files import StoredExam, read_compact_exam
from shortaxis.simulation.truth import lost_uptake
from shortaxis.spect.study import PerfusionStudy
from shortaxis.training.exams import SeedRange
from shortaxis.workflow.quantify.quantifying import QuantifyOptions, quantify_study
from shortaxis.workflow.quantify.record import build_quantification

PRESET, COUNT = "clinical", 110

READERS = ("reader_1", "reader_2")
PACKAGE = "second_method"
MISSED = 0.1
"""Part of the segments that a reader grades one too high or too low."""

GRADE_LOSSES = (0.1, 0.25, 0.4, 0.55)
"""Mean loss of a segment from which it is graded 1, 2, 3 and 4."""

PICTURES = ("bland-altman-tpd_percent-stress.png", "roc-patient.png")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    add_cohorts(parser)
    add_pictures(parser)
    asked = parser.parse_args()
    exams = SeedRange(asked.cohorts / f"test-{PRESET}-{FIRST}", PRESET, FIRST, COUNT, 2)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        rows = [
            row
            for path in paths_of(exams)
            if (row := row_of(read_compact_exam(path), folder / "results")) is not None
        ]
        write_table(rows, folder / "table.csv")
        answer = measured(folder)
        if asked.pictures:
            for name in PICTURES:
                shutil.copy(folder / "out" / name, asked.pictures / f"agreement-{name}")
    print(answer["summary"])
    values = {
        "summary": answer["summary"],
        "exams": answer["exams"],
        "cuts": answer["cuts"],
        "statistics": [each for each in answer["statistics"] if each["condition"] == "stress"],
    }
    store_result("agreement_example", values, FIRST)


def row_of(exam: StoredExam, results: Path) -> dict[str, Any] | None:
    """One row of the table; the record of the exam is written as ``quantify`` does."""
    seed = exam.scenario.exam_seed
    study = PerfusionStudy(exam.volume)
    group = exam_group(exam.scenario)
    try:
        ours = quantify_study(study, QuantifyOptions(stated=group))
        other = quantify_study(study, QuantifyOptions(stated=group, wall="network"),
                               estimated=ours.estimate)  # fmt: skip
    except HeartNotFoundError:
        return None
    folder = results / str(seed)
    folder.mkdir(parents=True)
    write_json(folder / "quantification.json", build_quantification(ours))
    row: dict[str, Any] = {
        "patient": seed // 2,
        "condition": group.condition,
        "key": seed,
        **truth_and_readers(exam, np.random.default_rng(seed)),
    }
    severity = other.severity
    deficit = NONE if severity is None else round(100 * severity.total_perfusion_deficit, 2)
    summed = NONE if severity is None else severity.summed_score
    return row | {f"{PACKAGE}:{TPD}": deficit, f"{PACKAGE}:{SUMMED}": summed}


def truth_and_readers(exam: StoredExam, rng: np.random.Generator) -> dict[str, Any]:
    """Angiography of the exam, and the grades of both readers."""
    wall = true_wall(exam.known_truth)
    lost = np.asarray(lost_uptake(exam.scenario.phantom.heart), dtype=np.float64)
    area = area_of(wall)
    points = ray_points_mm(wall.middle_mm)
    apex = float(points[0, :, 2].mean())
    heights = np.clip((points[..., 2] - apex) / (wall.valve.center_mm[2] - apex), 0, 1)
    numbers = segment_numbers(heights, np.rad2deg(np.arctan2(points[..., 1], points[..., 0])))
    is_wall = wall.is_wall > 0
    # Rest shows fixed loss alone; angiography is of the patient, and stands with the stress exam.
    is_stress = exam.scenario.condition == "stress"
    cells: dict[str, Any] = {"angiography": said(float(lost[is_wall].max())) if is_stress else NONE}
    for name, segments in TERRITORIES.items():
        here = is_wall & np.isin(numbers, segments)
        cells[f"angiography_{name}"] = said(float(lost[here].max())) if is_stress else NONE
    losses = []
    for number in SEGMENTS:
        here = (numbers == number) & is_wall
        losses.append(float(np.average(lost[here], weights=area[here])) if here.any() else 0.0)
    true = np.digitize(losses, GRADE_LOSSES)
    for reader in READERS:
        missed = (rng.random(len(true)) < MISSED) * rng.choice((-1, 1), len(true))
        grades = np.clip(true + missed, 0, len(GRADE_LOSSES))
        for number, grade in zip(SEGMENTS, grades.tolist(), strict=True):
            cells[f"{reader}:{segment_column(number)}"] = grade
    return cells


def said(largest: float) -> str:
    if largest >= LOST:
        return "yes"
    return "no" if largest < HEALTHY else NONE


def write_table(rows: list[dict[str, Any]], path: Path) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def measured(folder: Path) -> dict[str, Any]:
    """What the command answers."""
    command = ["agreement", "measure", folder / "table.csv", "--results", folder / "results"]
    words = [sys.executable, "-m", "shortaxis", *map(str, command), "-o", str(folder / "out")]
    run = subprocess.run([*words, "--json"], check=True, capture_output=True, text=True)
    found: dict[str, Any] = json.loads(run.stdout)
    return found


if __name__ == "__main__":
    main()
