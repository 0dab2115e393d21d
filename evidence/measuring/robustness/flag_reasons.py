"""Which limits flag good exams, and which of them alone stop failures and wrong worlds.

``python -m evidence run flag_reasons -- [--cohorts FOLDER] [--most PER CENT]`` estimates the poses
of calibration exams once each: as they are, altered, of patients who move, and in wrong worlds. It
stores ``flag_reasons.json``: what each limit stops, what it alone stops, and how limits would be
moved so that at most so many good usual exams are flagged (`relaxed`). No limit is changed.

The rule is tried on one half, and judged on the other: limits are moved on exams with even numbers
of patients, and counted on those with odd ones. A run that was stopped goes on.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from evidence.measuring.pose.exam_alterations import Exam
from evidence.measuring.robustness.attack import alter
from evidence.measuring.robustness.calibration_exams import exam_at, seeds_of
from evidence.measuring.robustness.judged_rows import Row, is_beyond, is_flagged, measured_row
from evidence.measuring.robustness.moving_exams import moving_exam_at
from evidence.measuring.robustness.world_sources import exam_source
from evidence.measuring.robustness.worlds import GOOD, STRETCHED, WORLDS, World, factor_of
from evidence.recording.options import add_cohorts
from evidence.recording.record import store_result
from evidence.recording.resuming import measured_cases
from evidence.registry.result import Cohort
from evidence.registry.table import RESULTS
from shortaxis.reorientation.quality import Limit
from shortaxis.reorientation.weights import DEFAULT_WEIGHTS, find_weights
from shortaxis.simulation.exam_files import read_compact_exam
from shortaxis.training.limit_rules import outward

NAME = "flag_reasons"

USUAL, HARD, MOVING, ALTERED, WORLD = "usual", "hard", "moving", "altered", "world"
"""Groups of cases; of usual exams few shall be flagged, failures and worlds all."""

WORLD_EXAMS = 24
"""Of usual exams: each in some twenty worlds."""

DRAW_SEED = 1
"""Of the alterations; the result `attack` has 0."""

MOST_FLAGGED = 0.04
"""Of good usual exams."""

Rows = Mapping[str, Row]
Step = dict[str, Any]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    add_cohorts(parser)
    parser.add_argument("--most", type=float, default=100 * MOST_FLAGGED, help="per cent")
    arguments = parser.parse_args()
    limits = find_weights(DEFAULT_WEIGHTS).judgement.limits
    rows = measured_cases(NAME, arguments.cohorts, dict(cases(arguments.cohorts)))
    values = summary(rows, limits, arguments.most / 100)
    print(values["parts"], values["trial"], *values["steps"], sep="\n")
    store_result(NAME, values, RESULTS[NAME].cohorts[0].first_seed)


def cases(cohorts: Path) -> Iterator[tuple[str, Callable[[], Row]]]:
    """Every case by its name: group, preset, seed of the exam, and the world."""
    *still, moving = RESULTS[NAME].cohorts
    for cohort in still:
        folder, preset, version = stored_as(cohorts, cohort)
        is_usual = preset == still[0].preset
        for seed in seeds_of(cohort):
            path = partial(exam_at, folder, preset, seed, version)
            name = f"{preset} {seed}"
            yield f"{USUAL if is_usual else HARD} {name}", partial(as_it_is, path)
            if is_usual:
                yield f"{ALTERED} {name}", partial(altered, path, seed)
    for seed in range(moving.first_seed, moving.first_seed + moving.count):
        yield f"{MOVING} {seed}", partial(as_it_is, partial(mover_at, cohorts, seed))
    yield from _worlds(cohorts, still[0])


def stored_as(cohorts: Path, cohort: Cohort) -> tuple[Path, str, int]:
    """Folder, preset and its version of a cohort; the version follows the preset where not 1."""
    preset, _, version = cohort.preset.partition(" ")
    words = [preset, version, "calibration", str(cohort.first_seed)]
    return cohorts / "-".join(filter(None, words)), preset, int(version or 1)


def _worlds(cohorts: Path, cohort: Cohort) -> Iterator[tuple[str, Callable[[], Row]]]:
    folder, preset, version = stored_as(cohorts, cohort)
    for seed in seeds_of(cohort)[:WORLD_EXAMS]:
        path = partial(exam_at, folder, preset, seed, version)
        for world in WORLDS:
            is_in_turn = world.group != STRETCHED or factor_of(seed) == world.factor
            if world.group != GOOD and is_in_turn:
                name = f"{WORLD} {preset} {seed} {world.group}: {world.name}"
                yield name, partial(in_world, path, world)


def mover_at(cohorts: Path, seed: int) -> Path:
    """The exam of a patient who moves, of the seeds that the rule of motion was fitted on."""
    return moving_exam_at(cohorts, "clinical", seed)


def as_it_is(path: Callable[[], Path]) -> Row:
    """An exam as it was simulated."""
    exam = read_compact_exam(path())
    return measured_row(exam.volume, exam.pose)


def altered(path: Callable[[], Path], seed: int) -> Row:
    """An exam altered as in the result `attack`, by other draws."""
    exam = read_compact_exam(path())
    rng = np.random.default_rng([DRAW_SEED, seed])
    changed = alter(Exam(exam.volume, exam.pose, *exam.size_mm), rng, may_smear=True)
    return measured_row(changed.volume, changed.pose)


def in_world(path: Callable[[], Path], world: World) -> Row:
    """An exam in a wrong world, where no pose is a right one."""
    source = exam_source(path())
    found = measured_row(world.change(source.volume, source.pose), source.pose)
    return {**found, "failed": True}


# What was measured, judged


def summary(rows: Rows, limits: Sequence[Limit], most: float) -> dict[str, Any]:
    """What each limit stops, and how limits would be moved."""
    halves = [
        {name: row for name, row in rows.items() if patient_of(name) % 2 == half} for half in (0, 1)
    ]
    moved, _ = relaxed(limits, *_good_and_bad(halves[0]), most)
    after, steps = relaxed(limits, *_good_and_bad(rows), most)
    return {
        "most": most,
        "parts": {"now": parts(rows, limits), "moved": parts(rows, after)},
        "trial": {"now": parts(halves[1], limits), "moved": parts(halves[1], moved)},
        "limits": table(rows, limits),
        "steps": steps,
    }


def patient_of(name: str) -> int:
    """Number of the patient of a case: stress and rest of one have neighbouring seeds."""
    return next(int(word) for word in name.split() if word.isdigit()) // 2


def group_of(rows: Rows, group: str) -> list[Row]:
    """Rows of one group."""
    return [row for name, row in rows.items() if name.split()[0] == group]


def _good_and_bad(rows: Rows) -> tuple[list[Row], list[Row]]:
    """Usual exams that were found well, and whatever must be flagged."""
    good = [row for row in group_of(rows, USUAL) if not row["failed"]]
    return good, [row for row in rows.values() if row["failed"] and row["found"]]


def parts(rows: Rows, limits: Sequence[Limit]) -> dict[str, list[int]]:
    """How many are flagged, of how many: good exams; accepted: failures and worlds."""
    counts = {}
    for group in (USUAL, HARD):
        good = [row for row in group_of(rows, group) if not row["failed"]]
        counts[f"good {group}, flagged"] = [_flagged(good, limits), len(good)]
    for name, bad in _kinds_of_bad(rows).items():
        counts[f"{name}, accepted"] = [len(bad) - _flagged(bad, limits), len(bad)]
    return counts


def _kinds_of_bad(rows: Rows) -> dict[str, list[Row]]:
    bad = {name: row for name, row in rows.items() if row["failed"] and row["found"]}
    others = {name: row for name, row in bad.items() if not name.startswith(WORLD)}
    return {"failures": list(others.values()), "worlds": group_of(bad, WORLD)}


def _flagged(rows: Sequence[Row], limits: Sequence[Limit]) -> int:
    return sum(is_flagged(row, limits) for row in rows)


def table(rows: Rows, limits: Sequence[Limit]) -> list[dict[str, Any]]:
    """Of every limit: what is beyond it, and what no other limit stops."""
    groups = {
        group: [row for row in group_of(rows, group) if not row["failed"]]
        for group in (USUAL, HARD)
    } | _kinds_of_bad(rows)
    return [
        {
            "measure": limit.measure.value,
            "lowest": None if limit.lowest == -np.inf else limit.lowest,
            "highest": None if limit.highest == np.inf else limit.highest,
            "reason": limit.reason,
        }
        | {
            name: [len(stopped := [row for row in group if is_beyond(row, limit)]),
                   len(alone(stopped, limit, limits))]
            for name, group in groups.items()
        }
        for limit in limits
    ]  # fmt: skip


def alone(rows: Sequence[Row], limit: Limit, limits: Sequence[Limit]) -> list[Row]:
    """Those that this limit stops and no other."""
    others = [each for each in limits if each.measure is not limit.measure]
    return [row for row in rows if is_beyond(row, limit) and not is_flagged(row, others)]


def relaxed(
    limits: Sequence[Limit], good: Sequence[Row], bad: Sequence[Row], most: float
) -> tuple[list[Limit], list[Step]]:
    """Limits moved outwards until at most a part of the good is flagged, and each step.

    In each step one limit goes as far as the next good exam that it alone stops, two digits beyond:
    the limit whose step lets no bad one through and is the smallest part of the limit. Where every
    step would let one through, no further one is made.
    """
    kept = list(limits)
    steps: list[Step] = []
    while _flagged(good, kept) > most * len(good):
        tried = [step for limit in kept for step in _steps_of(limit, kept, good, bad)]
        if not tried:
            break
        _, place, moved = min(tried, key=lambda one: one[0])
        steps.append(
            {
                "measure": moved.measure.value,
                "from": _end(kept[place], moved),
                "to": _end(moved, kept[place]),
                "flagged": _flagged(good, [*kept[:place], moved, *kept[place + 1 :]]),
            }
        )
        kept[place] = moved
    return kept, steps


def _steps_of(
    limit: Limit, limits: Sequence[Limit], good: Sequence[Row], bad: Sequence[Row]
) -> Iterator[tuple[float, int, Limit]]:
    """Steps of one limit that let nothing bad through: size, place, and the moved limit."""
    place = list(limits).index(limit)
    stopped = [row["measures"][limit.measure.key] for row in alone(good, limit, limits)]
    stopped_bad = alone(bad, limit, limits)
    above = min((value for value in stopped if value > limit.highest), default=None)
    below = max((value for value in stopped if value < limit.lowest), default=None)
    for moved, end, earlier in (
        (above and replace(limit, highest=outward(above, 1)), "highest", limit.highest),
        (below and replace(limit, lowest=outward(below, -1)), "lowest", limit.lowest),
    ):
        if moved and all(is_beyond(row, moved) for row in stopped_bad):
            yield abs(getattr(moved, end) - earlier) / max(abs(earlier), 1.0), place, moved


def _end(limit: Limit, other: Limit) -> float:
    """The end of a limit that another has elsewhere."""
    return limit.highest if limit.highest != other.highest else limit.lowest


if __name__ == "__main__":
    main()
