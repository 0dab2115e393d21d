"""Measure case by case, so that a measurement that was stopped goes on where it was."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

from evidence.registry.rooms import hash_of, rooms_now
from evidence.registry.table import RESULTS
from evidence.registry.weights import weights_now
from shortaxis.processes.pool import Pool

__all__ = ["measured_cases", "measured_seeds"]

FOLDER = "measured"
"""Below the folder of cohorts."""

Value = TypeVar("Value")


def measured_cases(
    name: str, cohorts: Path, cases: Mapping[str, Callable[[], Any]]
) -> dict[str, Any]:
    """Values of every case of a result; those that are known already are not measured again.

    Each goes as a line of JSON into a file below `cohorts` as soon as it is measured. The file
    belongs to the code and the weights that it was measured with: with others all cases are
    measured anew.

    Parameters
    ----------
    name : str
        Of the result.
    cohorts : Path
        Folder of simulated cohorts.
    cases : mapping of str to callable
        What measures each; its values are plain.
    """
    with _Notes(name, cohorts, list(cases)) as notes:
        for case in notes.left():
            notes.add(case, cases[case]())
        return notes.of_all()


def measured_seeds(
    name: str, cohorts: Path, seeds: range, measure: Callable[[int], Value], workers: int = 1
) -> list[Value]:
    """Values of the exam of each seed, as `measured_cases` has them.

    Of several workers each is a process that measures one seed after the other; `measure` is then
    a function that another process can import. The order is that of the seeds.

    Raises
    ------
    WorkerError
        If a seed ends two workers; what was measured until then stays.
    """
    if workers == 1:
        cases = {str(seed): partial(measure, seed) for seed in seeds}
        return list(measured_cases(name, cohorts, cases).values())
    with _Notes(name, cohorts, list(map(str, seeds))) as notes, Pool(workers) as pool:
        for seed, value in pool.each(partial(_seed_and_value, measure), map(int, notes.left())):
            notes.add(str(seed), value)
        return list(notes.of_all().values())


def _seed_and_value(measure: Callable[[int], Value], seed: int) -> tuple[int, Value]:
    return seed, measure(seed)


class _Notes:
    """The file of a result's cases, a line each; a context that closes it."""

    def __init__(self, name: str, cohorts: Path, cases: list[str]) -> None:
        path = cohorts / FOLDER / f"{name}-{_version(name)}.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        self._name, self._cases, self._known = name, cases, _known(path)
        self._file = path.open("a", encoding="utf-8")

    def __enter__(self) -> _Notes:
        return self

    def __exit__(self, *error: object) -> None:
        self._file.close()

    def left(self) -> list[str]:
        """Cases that are not known yet."""
        return [case for case in self._cases if case not in self._known]

    def add(self, case: str, value: object) -> None:
        """Keep the value of a case, and say how many are known."""
        self._known[case] = value
        print(json.dumps([case, value]), file=self._file, flush=True)
        done = len(self._cases) - len(self.left())
        print(f"{self._name}: {done} of {len(self._cases)}, {case}", flush=True)

    def of_all(self) -> dict[str, Any]:
        """Values of all cases, in their order."""
        return {case: self._known[case] for case in self._cases}


def _known(path: Path) -> dict[str, Any]:
    """Cases of earlier runs; a line that was being written when a run was stopped is cut off."""
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True) if path.exists() else []
    whole = [line for line in lines if line.endswith("\n")]
    if len(whole) < len(lines):
        path.write_text("".join(whole), encoding="utf-8")
    return dict(json.loads(line) for line in whole)


def _version(name: str) -> str:
    """Of everything that a value depends on: rooms, weights, and what measures it."""
    row = RESULTS[name]
    parts = [*rooms_now(row.rooms).values(), weights_now(), hash_of(row.path.parent)]
    return sha256(" ".join(map(str, parts)).encode()).hexdigest()[:16]
