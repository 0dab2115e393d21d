"""Cohorts on disk: any number of exams, by several processes, resumed where they stopped."""

from __future__ import annotations

import json
import multiprocessing
import os
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from shortaxis._version import __version__
from shortaxis.errors import ExistingOutputError, OptionError, OutputError, ShortAxisError
from shortaxis.simulation.exam_files import FORMATS, PARTIAL_PREFIX, exam_path, write_exam
from shortaxis.simulation.index import write_index
from shortaxis.simulation.presets import PRESETS, sample_scenario
from shortaxis.simulation.scenario import TIME_SLOTS
from shortaxis.simulation.simulating import simulate

__all__ = ["COHORT_SCHEMA", "CohortRequest", "CohortSummary", "simulate_cohort"]

COHORT_SCHEMA = "shortaxis/cohort/1"
COHORT_FILE, LOCK_FILE = "cohort.json", ".cohort.lock"

QUEUED_PER_WORKER = 4
"""Exams handed out ahead; more would only wait in memory."""


@dataclass(frozen=True)
class CohortRequest:
    """Exams ``first_seed`` to ``first_seed + count - 1`` of a preset, in one format."""

    preset: str
    count: int
    first_seed: int
    format: str = "dicom"
    time_slots: int = 0

    def __post_init__(self) -> None:
        for name, values in (("preset", PRESETS), ("format", FORMATS)):
            if getattr(self, name) not in values:
                raise OptionError(
                    f"unknown {name}", expected=", ".join(values), found=str(getattr(self, name))
                )
        if self.count < 1:
            raise OptionError("no exams", expected="a count of 1 or more", found=str(self.count))
        if self.first_seed < 0:
            raise OptionError(
                "a seed is negative", expected="0 or more", found=str(self.first_seed)
            )
        if self.time_slots not in TIME_SLOTS:
            raise OptionError(
                "time slots out of range", expected="0, or 4 to 32", found=str(self.time_slots)
            )

    @property
    def seeds(self) -> range:
        """Seeds of the exams."""
        return range(self.first_seed, self.first_seed + self.count)


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
    progress: Callable[[int, int], None] | None = None,
) -> CohortSummary:
    """Simulate what is missing of a cohort, and write its index.

    The same request gives the same exams whatever the number of workers. A run that was stopped
    goes on where it was; the count may grow from one run to the next.

    Raises
    ------
    ExistingOutputError
        If the folder holds another cohort.
    OutputError
        If an exam cannot be written, or a worker was killed. Finished exams stay.
    """
    if workers < 1:
        raise OptionError("no workers", expected="1 or more", found=str(workers))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _locked(folder):
            _claim(folder, request)
            _sweep(folder)
            missing = [
                seed
                for seed in request.seeds
                if not exam_path(folder, seed, request.format).exists()
            ]
            there = request.count - len(missing)
            report = progress or (lambda done, total: None)
            report(there, request.count)
            for done, _ in enumerate(_made(request, folder, missing, workers), start=1):
                report(there + done, request.count)
            index = write_index(folder, request.seeds, request.format)
    except OSError as error:
        if isinstance(error, ShortAxisError):
            raise
        raise OutputError(
            "cannot be written",
            path=folder,
            expected="a folder that can be written to, with free space",
            found=error.strerror or "the system refused to write",
            cause="missing permission, a full disk or a quota; run again to go on",
        ) from error
    return CohortSummary(len(missing), there, index)


def _made(request: CohortRequest, folder: Path, seeds: list[int], workers: int) -> Iterator[int]:
    """Make exams one after the other or in processes; yields each seed that is done."""
    if workers == 1:
        for seed in seeds:
            yield make_exam(request, folder, seed)
        return
    # Forked processes would share the threads of torch, and hang.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context, initializer=_use_one_thread) as pool:
        try:
            yield from _in_processes(pool, request, folder, iter(seeds), workers)
        except BrokenProcessPool as error:
            raise OutputError(
                "a worker was killed",
                path=folder,
                expected="workers that live as long as the run",
                found="a process that ended without a word",
                cause="too little memory; use fewer workers, and run again to go on",
            ) from error
        finally:
            pool.shutdown(cancel_futures=True)


def _in_processes(
    pool: ProcessPoolExecutor,
    request: CohortRequest,
    folder: Path,
    seeds: Iterator[int],
    workers: int,
) -> Iterator[int]:
    waiting: set[Future[int]] = set()
    for seed in seeds:
        waiting.add(pool.submit(make_exam, request, folder, seed))
        if len(waiting) >= workers * QUEUED_PER_WORKER:
            done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            yield from (each.result() for each in done)
    while waiting:
        done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
        yield from (each.result() for each in done)


def make_exam(request: CohortRequest, folder: Path, seed: int) -> int:
    """Draw, simulate and write one exam; returns its seed."""
    scenario = sample_scenario(request.preset, seed, time_slots=request.time_slots)
    write_exam(simulate(scenario), folder, request.format)
    return seed


def _use_one_thread() -> None:
    import torch

    torch.set_num_threads(1)


def _claim(folder: Path, request: CohortRequest) -> None:
    """Note what the folder holds, or check that it holds the same."""
    path = folder / COHORT_FILE
    wanted = {"schema": COHORT_SCHEMA, **asdict(request), "software_version": __version__}
    if path.exists():
        _refuse_another_cohort(path, wanted)
    elif any(folder.glob("[!.]*")):
        raise ExistingOutputError(
            "is not empty and holds no cohort",
            path=folder,
            expected="an empty folder, or one of an earlier run",
            found="other files",
        )
    partial = path.with_name(f"{PARTIAL_PREFIX}{COHORT_FILE}")
    partial.write_text(json.dumps(wanted, indent=2) + "\n", encoding="utf-8")
    partial.replace(path)


def _refuse_another_cohort(path: Path, wanted: dict[str, object]) -> None:
    try:
        there = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        there = {}
    differing = [name for name in wanted if name != "count" and there.get(name) != wanted[name]]
    if differing:
        name = differing[0]
        raise ExistingOutputError(
            "holds another cohort",
            path=path.parent,
            expected=f"{name} {wanted[name]}",
            found=f"{name} {there.get(name)}",
            cause="a folder of another run; choose another one",
        )


def _sweep(folder: Path) -> None:
    """Remove what killed workers left half-written; nobody else works here while we do."""
    import shutil

    for path in (folder / "exams").glob(f"{PARTIAL_PREFIX}*"):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Keep a second run out; the system frees the lock of a process that dies."""
    try:
        import fcntl
    except ImportError:  # Windows
        yield
        return
    handle = os.open(folder / LOCK_FILE, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise OutputError(
                "is in use by another run",
                path=folder,
                expected="one run at a time in a folder",
                found="a lock",
                cause="another process simulates this cohort",
            ) from error
        yield
        with suppress(OSError):
            (folder / LOCK_FILE).unlink()
    finally:
        os.close(handle)
