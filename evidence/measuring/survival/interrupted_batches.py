"""Batches that are interrupted or killed at any moment, and begun again."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from evidence.measuring.survival.killed_batches import make_studies

__all__ = ["interrupted_batches"]

END_S = 20.0
"""How long processes may take to end."""

WAYS = {"Ctrl+C": signal.SIGINT, "SIGTERM": signal.SIGTERM, "SIGKILL": signal.SIGKILL}
"""Ctrl+C goes to every process, as a terminal sends it, and the others to the run alone."""


def interrupted_batches(
    folder: Path, runs: int, studies: int, rng: random.Random
) -> dict[str, dict[str, int]]:
    """End runs of two workers at random moments, by each way as often; the last ones finish."""
    make_studies(folder / "in", [f"study-{each}" for each in range(studies)])
    begun = time.perf_counter()
    _started(folder, folder / "whole").wait()
    whole_s = time.perf_counter() - begun
    found = {}
    for way in WAYS:
        found[way] = _ended_by(way, folder, runs, studies, lambda: rng.uniform(0, whole_s))
        print(way, found[way], flush=True)
    return found


def _ended_by(way: str, folder: Path, runs: int, studies: int, moment: Any) -> dict[str, int]:  # noqa: ANN401
    out = folder / "out"
    counts = {"runs": runs, "ended_before": 0, "hung": 0, "orphans": 0, "tracebacks": 0,
              "half_written": 0, "studies_lost": 0}  # fmt: skip
    for _ in range(runs):
        shutil.rmtree(out, ignore_errors=True)
        process = _started(folder, out)
        time.sleep(moment())
        counts["ended_before"] += process.poll() is not None
        _end(process, way)
        try:
            _, errors = process.communicate(timeout=END_S)
        except subprocess.TimeoutExpired:
            counts["hung"] += 1
            errors = b""
        counts["tracebacks"] += b"Traceback" in errors
        counts["orphans"] += len(_left(process.pid))
        finished = _finished(out)
        if way == "Ctrl+C":
            counts["half_written"] += len(list(out.glob(".staging/*")))
        again = _started(folder, out)
        again.wait()
        counts["studies_lost"] += studies - len(_finished(out)) + len(finished - _finished(out))
        counts["half_written"] += len(list(out.rglob(".partial*"))) + (out / ".staging").exists()
    return counts


def _started(folder: Path, out: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "shortaxis", "batch", str(folder / "in"), "-o", str(out)]
    return subprocess.Popen(
        [*command, "--workers", "2", "--format", "nifti"], stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip


def _end(process: subprocess.Popen[bytes], way: str) -> None:
    if process.poll() is not None:
        return
    if way == "Ctrl+C":
        os.killpg(process.pid, WAYS[way])
    else:
        process.send_signal(WAYS[way])


def _left(session: int) -> list[int]:
    """Processes of a session that are there when they should have ended."""
    until = time.monotonic() + END_S
    while (left := [*_of_session(session)]) and time.monotonic() < until:
        time.sleep(0.1)
    for pid in left:
        os.kill(pid, signal.SIGKILL)
    return left


def _of_session(session: int) -> list[int]:
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, _, number = path.read_text().rpartition(")")[2].split()[:4]
        except OSError:
            continue
        if int(number) == session and state != "Z":
            found.append(int(path.parent.name))
    return found


def _finished(out: Path) -> set[str]:
    return {path.parent.name for path in out.glob("studies/*/record.json")}
