"""Measure results: one by name, or all stale ones, the cheapest first."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from evidence.registry.places import REPOSITORY, real_data_folder
from evidence.registry.result import Result
from evidence.registry.state import State, standing_of
from evidence.registry.table import KEPT_WITH_THE_PACKAGE, RESULTS

__all__ = ["hindrance", "run", "run_stale", "stale_results"]

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def run(name: str, options: Sequence[str] | None = None, into: Path | None = None) -> int:
    """Measure one result in a process of its own and return its exit code.

    Without `options` those of its row are taken. `into` is another folder to store it in.

    Raises
    ------
    KeyError
        If there is no such result.
    """
    row = RESULTS.get(name)
    script = KEPT_WITH_THE_PACKAGE[name] if row is None else row.script
    given = options if options is not None else () if row is None else row.options
    command = [sys.executable, *_target(script), *given]
    environment = _environment(1 if row is None else row.threads, into)
    return subprocess.run(command, env=environment, check=False).returncode


def _target(script: str) -> list[str]:
    """A module of this package by its name, another script by its path."""
    if script.startswith("evidence/"):
        return ["-m", script.removesuffix(".py").replace("/", ".")]
    return [str(REPOSITORY / script)]


def _environment(threads: int | None, into: Path | None) -> dict[str, str]:
    """The package and this one are found wherever the command is given."""
    folders = [REPOSITORY, REPOSITORY / "src", *os.environ.get("PYTHONPATH", "").split(os.pathsep)]
    made = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, map(str, folders)))}
    if threads is not None:
        made |= dict.fromkeys(THREADS, str(threads))
    if into is not None:
        made["SHORTAXIS_RESULTS"] = str(into.resolve())
    return made


def hindrance(result: Result) -> str:
    """Why a result cannot be measured without a person or a folder; empty where it can."""
    if result.by_hand:
        return f"needs {result.by_hand}"
    if result.real and not real_data_folder().is_dir():
        return "needs the real studies, whose folder SHORTAXIS_REAL_DATA names"
    return ""


def stale_results(minutes: float | None = None) -> Iterator[tuple[Result, str]]:
    """Stale and missing results, the cheapest first, each with why it is left out, if it is."""
    left = float("inf") if minutes is None else minutes
    for result in sorted(RESULTS.values(), key=lambda each: each.minutes):
        if standing_of(result).state is State.FRESH:
            continue
        why_not = hindrance(result)
        if not why_not and result.minutes > left:
            why_not = f"takes {result.minutes:g} minutes, and {left:g} are left"
        if not why_not:
            left -= result.minutes
        yield result, why_not


def run_stale(minutes: float | None = None) -> int:
    """Measure what is stale and return the number of results that could not be measured."""
    failed = 0
    for result, why_not in list(stale_results(minutes)):
        if why_not:
            print(f"{result.name}: left out, {why_not}", flush=True)
            continue
        print(f"{result.name}: about {result.minutes:g} minutes", flush=True)
        if run(result.name):
            print(f"{result.name}: failed", file=sys.stderr, flush=True)
            failed += 1
    return failed
