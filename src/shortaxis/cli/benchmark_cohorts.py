"""Cohorts by what was typed: a folder, or the name of a benchmark, which is made if need be."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from shortaxis.errors import ExistingOutputError

if TYPE_CHECKING:
    from shortaxis.evaluation.cohorts.benchmarks import Benchmark
    from shortaxis.evaluation.cohorts.cohort import Cohort

__all__ = ["cohort_folder", "find_or_make_cohort"]


def cohort_folder(typed: str, cohorts: Path) -> Path:
    """Where the cohort is, or will be made."""
    from shortaxis.evaluation.cohorts.benchmarks import BENCHMARKS

    return cohorts / typed if typed in BENCHMARKS else Path(typed)


def find_or_make_cohort(typed: str, cohorts: Path, workers: int, *, quiet: bool) -> Cohort:
    """Cohort in a folder; of a benchmark, exams that are missing in `cohorts` are simulated.

    Raises
    ------
    MissingExtraError
        If exams must be simulated and the packages for that are not installed.
    InputNotFoundError
        If what was typed is neither a folder of a cohort nor the name of a benchmark.
    ExistingOutputError
        If the folder of the benchmark holds another cohort.
    """
    from shortaxis.evaluation.cohorts.benchmarks import BENCHMARKS
    from shortaxis.evaluation.cohorts.cohort import find_cohort

    folder = cohort_folder(typed, cohorts)
    if typed not in BENCHMARKS:
        return find_cohort(folder)
    benchmark = BENCHMARKS[typed]
    if not _is_complete(folder, benchmark):
        _simulate(benchmark, folder, workers, quiet=quiet)
    return find_cohort(folder)


def _is_complete(folder: Path, benchmark: Benchmark) -> bool:
    from shortaxis.evaluation.cohorts.benchmarks import benchmark_of
    from shortaxis.evaluation.cohorts.cohort import find_cohort

    if not folder.exists():
        return False
    cohort = find_cohort(folder)
    if benchmark_of(cohort) == benchmark:
        return not cohort.missing
    asked = cohort.request
    if benchmark.is_begun_by(asked):
        # The first exams of it: the simulation adds the others.
        return False
    raise ExistingOutputError(
        f"the folder of {benchmark.name} holds another cohort",
        path=folder,
        expected=f"preset {benchmark.preset}, seeds from {benchmark.first_seed}",
        found=f"preset {asked.preset}, seeds from {asked.first_seed}",
        cause="another cohort of this name; choose another folder with --cohorts",
    )


def _simulate(benchmark: Benchmark, folder: Path, workers: int, *, quiet: bool) -> None:
    from shortaxis.cli.extras import needs_extra
    from shortaxis.cli.progress import progress_bar

    title = f"Simulating {benchmark.name}"
    with needs_extra("simulate"), progress_bar(title, quiet=quiet) as update:
        from shortaxis.simulation.cohort import simulate_cohort

        simulate_cohort(benchmark.request, folder, workers=workers, progress=update)
