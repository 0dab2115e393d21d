"""What the choice of a reconstruction changes in pose, uptake and scores.

``python -m evidence run raw_scores -- [--count N] [--data FOLDER] [--pictures FOLDER]`` simulates
exams of cameras with parallel holes and reconstructs their views by several presets, and by
``standard`` with more iterations. Pose and wall are found in each anew, and compared with those of
``standard``: poses apart, mean absolute change of the uptake of the 17 segments, change of the
summed score by fixed bands. The same is done with the real projections, whose sheets are kept by
``--pictures docs/images``. A run that was stopped goes on where it was.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from evidence.measuring.robustness.raw_pose import off
from evidence.recording.options import add_cohorts, add_pictures, add_real_data
from evidence.recording.pictures import keep_picture
from evidence.recording.record import store_result
from evidence.recording.resuming import measured_seeds
from evidence.registry.result import Cohort
from shortaxis.errors import ShortAxisError
from shortaxis.quantification.normal_files import FIXED_BANDS
from shortaxis.quantification.severity import segment_uptakes
from shortaxis.reconstruction.presets import PRESETS
from shortaxis.reconstruction.reconstructing import reconstruct
from shortaxis.reconstruction.settings import ReconstructionSettings
from shortaxis.simulation.presets import sample_scenario
from shortaxis.simulation.simulating import simulate
from shortaxis.spect.projections import Projections
from shortaxis.spect.study import PerfusionStudy
from shortaxis.workflow.python_api import reorient, write
from shortaxis.workflow.quantify.quantifying import QuantifiedStudy, QuantifyOptions, quantify_study
from shortaxis.workflow.reconstruct.python_api import reconstruct as reconstruct_file
from shortaxis.workflow.reconstruct.sheet import write_reconstruction_sheet

COHORT = Cohort("parallel", 8_950_300, 24)
REAL = Path("projections") / "tomo_rimd_00001.dcm"

STANDARD = PRESETS["standard"].settings
SETTINGS: dict[str, ReconstructionSettings] = {
    "more iterations": replace(STANDARD, iterations=8),
    "smoother filter": PRESETS["thallium"].settings,
    "filtered backprojection": PRESETS["fbp"].settings,
    "resolution recovery": PRESETS["resolution-recovery"].settings,
}
"""What is compared with ``standard``."""

OPTIONS = QuantifyOptions(normals=FIXED_BANDS)
SCORE_STEP = 4
"""Change of a summed score that is called a change in reading guides: two segments by two."""

Row = dict[str, Any]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=COHORT.count)
    add_cohorts(parser)
    add_real_data(parser)
    add_pictures(parser)
    arguments = parser.parse_args()
    seeds = range(COHORT.first_seed, COHORT.first_seed + arguments.count)
    rows = measured_seeds("raw_scores", arguments.cohorts, seeds, measured)
    values = {
        "exams": len(rows),
        "changes": {name: changes_of([row[name] for row in rows]) for name in SETTINGS},
        "real": real_projections(arguments.data / REAL, arguments.pictures),
    }
    store_result("raw_scores", values, COHORT.first_seed)


def measured(seed: int) -> Row:
    """Changes of one simulated exam, by what was changed."""
    exam = simulate(sample_scenario(COHORT.preset, seed))
    if exam.projections is None:
        raise TypeError("an exam of parallel holes keeps its projections")
    return compared(exam.projections)


def compared(projections: Projections) -> Row:
    """Changes against ``standard``; None where either found no heart, or no wall."""
    usual = quantified(projections, STANDARD)
    others = {name: quantified(projections, each) for name, each in SETTINGS.items()}
    return {
        name: None if usual is None or other is None else change(usual, other)
        for name, other in others.items()
    }


def quantified(
    projections: Projections, settings: ReconstructionSettings
) -> QuantifiedStudy | None:
    """The study as these settings show it."""
    study = PerfusionStudy(reconstruct(projections, settings).volume)
    try:
        return quantify_study(study, OPTIONS)
    except ShortAxisError:
        return None


def change(usual: QuantifiedStudy, other: QuantifiedStudy) -> Row:
    """From one reconstruction to another."""
    before, after = (
        np.array(list(segment_uptakes(each.traced.polar_map).values())) for each in (usual, other)
    )
    return {
        "pose": off(other.pose, usual.pose),
        "segments": round(float(np.abs(after - before).mean()), 2),
        "score": score(other) - score(usual),
    }


def score(found: QuantifiedStudy) -> int:
    """Summed score by the bands, which need no limits."""
    if found.severity is None:
        raise LookupError("the bands score every study")
    return found.severity.summed_score


def changes_of(rows: Sequence[Row | None]) -> Row:
    """Median and 95th percentile of each change, and how often a score changes by much."""
    found = [row for row in rows if row is not None]
    axis, _, center = np.abs(np.array([row["pose"] for row in found])).T
    scores = np.abs([row["score"] for row in found])
    measures: Mapping[str, Any] = {
        "long_axis_deg": axis,
        "center_mm": center,
        "segments_percent": [row["segments"] for row in found],
        "score": scores,
    }
    spread = {
        name: [round(float(np.percentile(values, part)), 2) for part in (50, 95)]
        for name, values in measures.items()
    }
    return {**spread, "much": int((scores >= SCORE_STEP).sum()), "of": len(found)}


def real_projections(path: Path, pictures: Path | None) -> Row:
    """Of the real acquisition: angle of its long axis, flag, words, and what settings change."""
    made = reconstruct_file(path)
    cut = reorient(made)
    if pictures:
        with tempfile.TemporaryDirectory() as temporary:
            folder = Path(temporary)
            write_reconstruction_sheet(folder / "sheet.png", made)
            keep_picture(folder / "sheet.png", pictures / "real-projections.png")
            write(cut, folder / "cut")
            keep_picture(folder / "cut" / "review.png", pictures / "real-projections-axes.png")
    return {
        "azimuth_deg": round(cut.report["pose"]["anatomical"]["parameters"]["theta"], 1),
        "flag": cut.report["quality"]["flag"],
        "words": made.study.facts.reconstructed_here,
        "notes": made.record["quality"]["reasons"],
        "changes": compared(made.shown),
    }


if __name__ == "__main__":
    main()
