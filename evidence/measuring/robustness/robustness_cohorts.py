"""Cohorts that were made otherwise, each beside the same patients simulated as always."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import count as counted
from itertools import islice
from pathlib import Path

from evidence.measuring.robustness.hardest_exams import SETTINGS, to_hardest
from shortaxis.errors import UnreadableFileError
from shortaxis.simulation.exam import SimulatedExam
from shortaxis.simulation.exam_files import CohortFormat, exam_path, read_exam_facts, write_exam
from shortaxis.simulation.presets import sample_scenario
from shortaxis.simulation.scenario import ExamScenario
from shortaxis.simulation.simulating import simulate

__all__ = ["COHORTS", "SINGLE_SETTINGS", "ChangedCohort", "ExamPair", "complete", "pairs_of"]

FIRST_SEED = 8_500_000
FIRST_HARDEST_SEED = 8_600_000
"""Within the seeds for tests, apart from the benchmarks."""

FORMAT = CohortFormat.COMPACT


@dataclass(frozen=True)
class ChangedCohort:
    """Scenarios of ``clinical``, changed, and how they are simulated.

    Parameters
    ----------
    name, words : str
        Its folder, and what it is called in tables.
    first_seed : int
        Scenarios are drawn from here on; those that do not suit are skipped.
    ordinary : str
        Folder of the same exams, unchanged and simulated as always.
    suits : callable
        Whether a scenario can be changed so.
    change : callable
        The changed scenario.
    simulate : callable
        The exam of a changed scenario.
    """

    name: str
    words: str
    first_seed: int
    ordinary: str
    suits: Callable[[ExamScenario], bool]
    change: Callable[[ExamScenario], ExamScenario]
    simulate: Callable[[ExamScenario], SimulatedExam]


@dataclass(frozen=True)
class ExamPair:
    """Where an exam lies and where its changed twin does, with the scenario before the change."""

    scenario: ExamScenario
    ordinary: Path
    changed: Path


def pairs_of(cohort: ChangedCohort, folder: Path, count: int) -> Iterator[ExamPair]:
    """The first exams of a cohort that suit; nothing is read or simulated."""
    drawn = (sample_scenario("clinical", seed, version=1) for seed in counted(cohort.first_seed))
    for scenario in islice(filter(cohort.suits, drawn), count):
        paths = (
            exam_path(folder / name, scenario.exam_seed, FORMAT)
            for name in (cohort.ordinary, cohort.name)
        )
        yield ExamPair(scenario, *paths)


def complete(
    cohort: ChangedCohort, folder: Path, count: int, progress: Callable[[int], None]
) -> None:
    """Simulate what is missing, pair by pair; an exam of another scenario is made again."""
    for done, pair in enumerate(pairs_of(cohort, folder, count), start=1):
        _make(pair.scenario, pair.ordinary, simulate)
        _make(cohort.change(pair.scenario), pair.changed, cohort.simulate)
        progress(done)


def _make(
    scenario: ExamScenario, path: Path, simulated: Callable[[ExamScenario], SimulatedExam]
) -> None:
    if not _holds(path, scenario):
        write_exam(simulated(scenario), path.parent.parent, FORMAT)


def _holds(path: Path, scenario: ExamScenario) -> bool:
    try:
        return path.exists() and read_exam_facts(path)[0] == scenario
    except UnreadableFileError:
        return False


def _is_still_and_parallel(scenario: ExamScenario) -> bool:
    acquisition = scenario.acquisition
    return acquisition.technique == "PARALLEL_HOLES" and acquisition.motion.shift_mm == 0


def _by_osem(scenario: ExamScenario) -> ExamScenario:
    return replace(scenario, reconstruction=replace(scenario.reconstruction, method="osem"))


def _by_pytomography(scenario: ExamScenario) -> SimulatedExam:
    # PyTomography is needed for nothing else, and importing it takes seconds.
    from evidence.measuring.robustness.pytomography_exams import simulate_by_pytomography

    return simulate_by_pytomography(scenario)


def _any(scenario: ExamScenario) -> bool:
    return True


ORDINARY_HARDEST = "robust-hardest-ordinary"

COHORTS = {
    "pytomography": ChangedCohort(
        "robust-pytomography",
        "PyTomography",
        FIRST_SEED,
        "robust-pytomography-ordinary",
        _is_still_and_parallel,
        _by_osem,
        _by_pytomography,
    ),
    "hardest": ChangedCohort(
        "robust-hardest",
        "hardest settings",
        FIRST_HARDEST_SEED,
        ORDINARY_HARDEST,
        _any,
        to_hardest,
        simulate,
    ),
}
"""What is measured, by name."""

SINGLE_SETTINGS = {
    setting.name: ChangedCohort(
        f"robust-hardest-{setting.name.replace(' ', '-')}",
        f"{setting.name} alone",
        FIRST_HARDEST_SEED,
        ORDINARY_HARDEST,
        _any,
        setting.change,
        simulate,
    )
    for setting in SETTINGS
}
"""One setting at its hardest and the rest as it was: which of them costs what."""
