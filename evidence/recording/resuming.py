"""Measure case by case, so that a measurement that was stopped goes on where it was."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

from evidence.registry.rooms import hash_of, rooms_now
from evidence.registry.state import weights_now
from evidence.registry.table import RESULTS

__all__ = ["measured_cases", "measured_seeds"]

FOLDER = "measured"
"""Below the folder of cohorts."""


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
    path = cohorts / FOLDER / f"{name}-{_version(name)}.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    known = _known(path)
    with path.open("a", encoding="utf-8") as file:
        for number, (case, measure) in enumerate(cases.items(), start=1):
            if case in known:
                continue
            known[case] = measure()
            print(json.dumps([case, known[case]]), file=file, flush=True)
            print(f"{name}: {number} of {len(cases)}, {case}", flush=True)
    return {case: known[case] for case in cases}


def measured_seeds(
    name: str, cohorts: Path, seeds: range, measure: Callable[[int], Any]
) -> list[Any]:
    """Values of the exam of each seed, as `measured_cases` has them."""
    cases = {str(seed): partial(measure, seed) for seed in seeds}
    return list(measured_cases(name, cohorts, cases).values())


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
