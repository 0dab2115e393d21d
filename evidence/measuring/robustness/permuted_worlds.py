"""What the flag says of worlds that are wrong although the header is kept.

``python -m evidence run permuted_worlds -- [--count N] [--seed S]`` reverses, exchanges, cuts,
doubles and stretches `clinical` exams and the real studies (`worlds`), estimates each, and stores
``permuted_worlds.json``: how many are accepted with the limits that were made for such worlds, and
without them. Those limits were set on other seeds (`CALIBRATION_SEED`). The heart of a real study
is where the network finds it in the study as it is.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from evidence.measuring.real_studies.study_files import find_studies
from evidence.measuring.robustness.worlds import STRETCHED, WORLDS, World, factor_of
from evidence.recording.options import add_cohorts, add_real_data
from evidence.recording.record import store_result
from shortaxis.errors import HeartNotFoundError
from shortaxis.geometry.pose import RigidPose
from shortaxis.reorientation.judgement import LATER_MEASURES
from shortaxis.reorientation.network_estimate import measured_estimate
from shortaxis.reorientation.quality import judge
from shortaxis.reorientation.weights import DEFAULT_WEIGHTS, find_weights
from shortaxis.simulation.exam_files import CohortFormat, exam_path, read_compact_exam, write_exam
from shortaxis.simulation.presets import sample_scenario
from shortaxis.simulation.simulating import simulate
from shortaxis.spect.volume import SpectVolume
from shortaxis.workflow.studies.finding import find_studies as find_studies_in

CALIBRATION_SEED = 7_900_000
FIRST_SEED = 7_970_000
"""Limits were set on exams from the one on (60, and 60 and 40 of two later tries) and measured on
those from the other on."""

PRESET = "clinical"
PROCESSES = 2

NOT_FOUND, REVIEWED, STOPPED, ACCEPTED = "no heart", "reviewed before", "stopped now", "accepted"
"""Outcomes; `STOPPED` are those that only the later limits send to review."""


@dataclass(frozen=True, eq=False)
class Source:
    """An exam or a real study in the right world; `number` decides what is tried on it."""

    number: int
    volume: SpectVolume
    pose: RigidPose


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    add_real_data(parser)
    add_cohorts(parser)
    parser.add_argument("--count", type=int, default=40)
    parser.add_argument("--seed", type=int, default=FIRST_SEED)
    arguments = parser.parse_args()
    seeds = range(arguments.seed, arguments.seed + arguments.count)
    folder = arguments.cohorts / f"permuted-{arguments.seed}"
    with ProcessPoolExecutor(PROCESSES, get_context("spawn")) as pool:
        exams = list(pool.map(outcomes_of_exam, (exam_at(folder, seed) for seed in seeds)))
        real = list(pool.map(outcomes_of_study, (path for path, _ in find_studies(arguments.data))))
    values = {"count": arguments.count, "exams": counted(exams), "real": counted(real)}
    for row in values["exams"]:
        print(row)
    store_result("permuted_worlds", values, arguments.seed)


def exam_at(folder: Path, seed: int) -> Path:
    """An exam of the cohort, simulated where it is missing."""
    path = exam_path(folder, seed, CohortFormat.COMPACT)
    if not path.exists():
        write_exam(simulate(sample_scenario(PRESET, seed, version=1)), folder, CohortFormat.COMPACT)
    return path


def outcomes_of_exam(path: Path) -> list[str]:
    """Outcome of every world of an exam, in their order; empty where it is not tried."""
    exam = read_compact_exam(path)
    return outcomes(Source(int(path.stem), exam.volume, exam.pose))


def outcomes_of_study(path: Path) -> list[str]:
    """The same of a real study; every wrong voxel size is tried."""
    volume = find_studies_in(path).studies[0].load().study.volume
    return outcomes(Source(-1, volume, measured_estimate(volume)[0].pose))


def outcomes(source: Source) -> list[str]:
    """Outcome of every world of a source."""
    return [outcome(source, world) if is_tried(source, world) else "" for world in WORLDS]


def is_tried(source: Source, world: World) -> bool:
    """One wrong voxel size for each direction of an exam, and each for a real study."""
    return source.number < 0 or world.group != STRETCHED or factor_of(source.number) == world.factor


def outcome(source: Source, world: World) -> str:
    """What comes of a study in a wrong world."""
    volume = world.change(source.volume, source.pose)
    try:
        estimate, measures = measured_estimate(volume)
    except HeartNotFoundError:
        return NOT_FOUND
    limits = find_weights(DEFAULT_WEIGHTS).judgement.limits
    before = [limit for limit in limits if limit.measure not in LATER_MEASURES]
    if judge(measures, before, many_near=None).reasons:
        return REVIEWED
    return STOPPED if estimate.quality.reasons else ACCEPTED


def counted(rows: Sequence[Sequence[str]]) -> list[dict[str, Any]]:
    """How often each outcome came of each world."""
    return list(_counted(rows))


def _counted(rows: Sequence[Sequence[str]]) -> Iterator[dict[str, Any]]:
    for number, world in enumerate(WORLDS):
        found = Counter(row[number] for row in rows if row[number])
        named = {name: found[name] for name in (ACCEPTED, STOPPED, REVIEWED, NOT_FOUND)}
        yield {"group": world.group, "world": world.name, "tried": found.total(), **named}


if __name__ == "__main__":
    main()
