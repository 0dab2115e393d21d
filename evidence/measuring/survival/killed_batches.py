"""Batches in which one study ends every process that works on it, and the same without studies.

Workers import the module that was begun, and through it this one, so it imports late what is heavy.
"""

from __future__ import annotations

import random
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

from evidence.measuring.survival import deadly_work
from evidence.registry.places import REPOSITORY
from shortaxis.processes.pool import Pool

__all__ = ["killed_batches", "killed_pools", "make_studies"]

KILLER = 7
"""The task that ends its process."""

PATIENCE_S = 900
"""A batch of these studies takes seconds, on a machine that is kept busy minutes."""


def make_studies(folder: Path, names: list[str]) -> None:
    """Copies of the demo study with UIDs of their own, below a folder each."""
    import pydicom
    from pydicom.uid import generate_uid

    dataset = pydicom.dcmread(REPOSITORY / "demo" / "study.dcm")
    for number, name in enumerate(names):
        dataset.StudyInstanceUID, dataset.SeriesInstanceUID = generate_uid(), generate_uid()
        uid = generate_uid()
        dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = uid
        path = folder / name / f"{number}.dcm"
        path.parent.mkdir(parents=True, exist_ok=True)
        dataset.save_as(path)


def killed_pools(workers: int, runs: int, tasks: int, rng: random.Random) -> dict[str, Any]:
    """Do small tasks by as many pools, one of which ends its process; the mechanism alone."""
    counts = {"runs": runs, "hung": 0, "innocent_lost": 0, "killer_not_named": 0}
    for number in range(runs):
        ending = _ending(number)
        given = [*range(7), *range(8, tasks)]
        given.insert(rng.randint(0, len(given)), 7)
        told: list[tuple[int, str]] = []
        work = partial(deadly_work.double_or_die, ending=ending)
        try:
            with _patience(), Pool(workers) as pool:
                pieces = pool.done(work, [[each] for each in given], partial(_note, told))
                made = {each for piece in pieces for each in piece}
        except TimeoutError:
            counts["hung"] += 1
            continue
        counts["innocent_lost"] += len({2 * each for each in given if each != KILLER} - made)
        counts["killer_not_named"] += [each for each, why in told if ending in why] != [KILLER]
    print(f"{workers} workers, small tasks: {counts}", flush=True)
    return counts


def _ending(number: int) -> str:
    return [*deadly_work.ENDINGS][number % len(deadly_work.ENDINGS)]


def _note(told: list[tuple[int, str]], given: int, reason: str) -> int:
    told.append((given, reason))
    return -1


def killed_batches(
    folder: Path, workers: int, runs: int, innocent: int, rng: random.Random
) -> dict[str, Any]:
    """Do as many batches; each has one killer at a random place, which ends in turn otherwise."""
    from shortaxis.workflow.batch import running

    counts = {"runs": runs, "hung": 0, "innocent_lost": 0, "killer_not_named": 0}
    seconds = []
    for number in range(runs):
        ending = _ending(number)
        names = [f"innocent-{each}" for each in range(innocent)]
        names.insert(rng.randint(0, innocent), ending)
        made = folder / f"{workers}-{number}"
        make_studies(made / "in", names)
        begun = time.perf_counter()
        try:
            with _patience(), patch.object(running, "work_on", deadly_work.work_on_or_die):
                records = _records(made, workers)
        except TimeoutError:
            counts["hung"] += 1
            continue
        seconds.append(time.perf_counter() - begun)
        lost = sum("error" in each for each in records if not _is_killer(each, ending))
        counts["innocent_lost"] += lost + len(names) - len(records)
        named = [each for each in records if _is_killer(each, ending)]
        counts["killer_not_named"] += not named or ending not in named[0].get("error", "")
        print(f"{workers} workers, run {number}, {ending}: {counts}", flush=True)
        shutil.rmtree(made)
    return {**counts, "slowest_s": round(max(seconds, default=0.0), 1)}


def _records(made: Path, workers: int) -> tuple[dict[str, Any], ...]:
    from shortaxis.workflow.batch.options import BatchOptions
    from shortaxis.workflow.batch.running import BatchRequest, run_batch

    options = BatchOptions(formats=("nifti",))
    return run_batch(BatchRequest((made / "in",), made / "out", options, workers=workers)).records


def _is_killer(record: dict[str, Any], ending: str) -> bool:
    return Path(record["path"]).parent.name == ending


@contextmanager
def _patience() -> Iterator[None]:
    def end(number: int, frame: object) -> None:
        raise TimeoutError

    signal.signal(signal.SIGALRM, end)
    signal.alarm(PATIENCE_S)
    try:
        yield
    finally:
        signal.alarm(0)
