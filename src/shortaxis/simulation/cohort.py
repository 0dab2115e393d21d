"""Cohorts on disk: any number of exams, by several processes, resumed where they stopped."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from shortaxis.errors import OptionError, OutputError, ShortAxisError, WorkerError
from shortaxis.processes.pool import Pool
from shortaxis.simulation.cohort_folder import COHORT_SCHEMA, claimed_folder
from shortaxis.simulation.cohort_request import CohortRequest
from shortaxis.simulation.exam_files import exam_path, write_exam
from shortaxis.simulation.index import require_table_library, write_index
from shortaxis.simulation.presets import sample_scenario
from shortaxis.simulation.simulating import simulate

__all__ = ["COHORT_SCHEMA", "CohortRequest", "CohortSummary", "SharedOut", "simulate_cohort"]

SharedOut = Callable[[Callable[[int], int], Iterable[int]], Iterator[int]]
"""Does a task for every seed somewhere else; gives the results as they come."""


@dataclass(frozen=True)
class CohortSummary:
    """What a run did: exams made now, exams that were there, and where the index lies."""

    made: int
    found: int
    index: Path


def simulate_cohort(
    request: CohortRequest,
    folder: Path,
    *,
    workers: int = 1,
    shared_out: SharedOut | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> CohortSummary:
    """Simulate what is missing of a cohort, and write its index.

    The same request gives the same exams whatever the number of workers; with `shared_out`, as
    of a cluster, they are made there. A run that was stopped goes on where it was; the count may
    grow from one run to the next, and with a smaller one the index holds fewer exams.

    Raises
    ------
    ModuleNotFoundError
        If the table library for the index is not installed.
    ExistingOutputError
        If the folder holds another cohort.
    OutputError
        If an exam cannot be written.
    WorkerError
        If an exam killed two workers. Finished exams stay.
    UnreadableFileError
        If an exam of an earlier run is damaged.
    """
    if workers < 1:
        raise OptionError("no workers", expected="1 or more", found=str(workers))
    require_table_library()
    folder = folder.resolve()
    with _failures_named(folder), claimed_folder(folder, request):
        missing = [
            seed for seed in request.seeds if not exam_path(folder, seed, request.format).exists()
        ]
        there = request.count - len(missing)
        report = progress or (lambda done, total: None)
        report(there, request.count)
        # Closed before the folder is swept: workers may still write into it.
        with closing(_made(request, folder, missing, workers, shared_out)) as made:
            for done, _ in enumerate(made, start=1):
                report(there + done, request.count)
        index = write_index(folder, request.seeds, request.format)
    return CohortSummary(len(missing), there, index)


def make_exam(request: CohortRequest, folder: Path, seed: int) -> int:
    """Draw, simulate and write one exam; returns its seed."""
    scenario = sample_scenario(
        request.preset, seed, time_slots=request.time_slots, version=request.preset_version
    )
    exam = simulate(scenario, scatter_windows=request.projections)
    write_exam(exam, folder, request.format, with_projections=request.projections)
    return seed


def _made(
    request: CohortRequest,
    folder: Path,
    seeds: list[int],
    workers: int,
    shared_out: SharedOut | None,
) -> Generator[int, None, None]:
    """Make exams one after the other or in processes; yields each seed that is done."""
    make = partial(make_exam, request, folder)
    if shared_out is not None:
        yield from shared_out(make, seeds)
    elif workers == 1:
        yield from map(make, seeds)
    else:
        with Pool(workers) as pool:
            yield from pool.each(make, seeds)


@contextmanager
def _failures_named(folder: Path) -> Iterator[None]:
    """Say in words of this package what went wrong in the system."""
    try:
        yield
    except WorkerError as error:
        raise error.at_path(folder) from error
    except ShortAxisError:
        raise
    except OSError as error:
        raise OutputError(
            "cannot be written",
            path=folder,
            expected="a folder that can be written to, with free space",
            found=error.strerror or "the system refused to write",
            cause="missing permission, a full disk or a quota; run again to go on",
        ) from error
