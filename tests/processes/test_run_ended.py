"""A run that is interrupted or killed leaves no process behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from repository import REPOSITORY

WAIT_S = 120.0
"""For what is soon over on a machine that has nothing else to do."""


@contextmanager
def running() -> Iterator[tuple[subprocess.Popen[str], list[int]]]:
    """A run whose second worker is in a task that never ends, and its workers."""
    process = subprocess.Popen(
        [sys.executable, "-m", "evidence.measuring.survival.deadly_work"], cwd=REPOSITORY,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        start_new_session=True,
        # Where these tests run in the background, Ctrl+C is ignored, and children would inherit it.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )  # fmt: skip
    try:
        assert process.stdout is not None
        workers = [int(process.stdout.readline()) for _ in range(2)]
        assert process.stdout.readline() == "2\n"
        yield process, workers
    finally:
        process.kill()
        process.wait(WAIT_S)


def ended(pids: list[int]) -> bool:
    """Whether all end soon."""
    until = time.monotonic() + WAIT_S
    while any(map(is_alive, pids)):
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.skipif(not hasattr(os, "killpg"), reason="needs groups of processes")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL], ids=["Ctrl+C", "killed"])
def test_workers_end_with_their_run(number: signal.Signals) -> None:
    with running() as (process, workers):
        if number is signal.SIGINT:
            # As a terminal does: everybody gets it.
            os.killpg(process.pid, number)
        else:
            process.send_signal(number)
        _, errors = process.communicate(timeout=WAIT_S)

        assert ended(workers)
        assert errors.count("Traceback") == (number is signal.SIGINT)
