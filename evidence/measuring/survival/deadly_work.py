"""Work that ends the process that does it; it imports nothing that a new process would wait for."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

__all__ = [
    "ENDINGS",
    "Unsendable",
    "double",
    "double_or_die",
    "gigabyte",
    "main",
    "one_of",
    "process_of",
    "slow_double",
    "unsendable",
    "work_on_or_die",
]


def _overflow() -> None:
    """A segmentation fault as a library of C has it."""
    import ctypes

    ctypes.string_at(0)


ENDINGS: dict[str, Callable[[], object]] = {
    "SIGKILL": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "code 3": lambda: os._exit(3),
    "SIGSEGV": _overflow,
    "SIGTERM": lambda: os.kill(os.getpid(), signal.SIGTERM),
}
"""How a process can end in the middle of its work, by the word that tells it."""


class Unsendable:
    """Work that only this process can load: it refuses to be made elsewhere, slowly in one."""

    def __init__(self, process: int, slow: int = 0) -> None:
        self.slow = slow
        if process != os.getpid():
            time.sleep(0.3 if slow == os.getpid() else 0)
            raise ImportError("a library is missing there")

    def __reduce__(self) -> tuple[object, ...]:
        return Unsendable, (os.getpid(), self.slow)

    def __call__(self, given: Sequence[int]) -> list[int]:
        return list(given)


def double(numbers: Sequence[int]) -> list[int]:
    """Twice each number; a negative one is an error."""
    if min(numbers) < 0:
        raise ValueError(f"{min(numbers)} is below zero")
    return [2 * each for each in numbers]


def double_or_die(numbers: Sequence[int], ending: str = "SIGKILL") -> list[int]:
    """Twice each number; seven is death."""
    if 7 in numbers:
        ENDINGS[ending]()
    return double(numbers)


def slow_double(numbers: Sequence[int]) -> list[int]:
    """Twice each number; seven takes for ever."""
    if 7 in numbers:
        time.sleep(3600)
    return double(numbers)


def gigabyte(numbers: Sequence[int]) -> list[int]:
    """How much could be had: so many bytes, or none."""
    try:
        return [len(bytearray(1_000_000_000)) for _ in numbers]
    except MemoryError:
        return [0 for _ in numbers]


def unsendable(numbers: Sequence[int]) -> list[Any]:
    """Results that no other process can be sent."""
    return [threading.Lock() for _ in numbers]


def one_of(work: Callable[[Sequence[int]], list[int]], given: int) -> int:
    """Of work for many things, that for one."""
    return work([given])[0]


def process_of(numbers: Sequence[int]) -> list[int]:
    """Who does it."""
    return [os.getpid() for _ in numbers]


def work_on_or_die(studies: Sequence[Any], **options: object) -> list[Any]:
    """The work of a batch; studies in a folder named for an ending end the process so."""
    from shortaxis.workflow.batch.study_work import work_on

    for each in studies:
        ending = Path(each.found.paths[0]).parent.name
        if ending in ENDINGS:
            ENDINGS[ending]()
    return work_on(studies, **options)  # type: ignore[arg-type]


def main() -> None:
    """Run two workers, of which one never ends; tell who they are once both are at it."""
    from shortaxis.processes.pool import Pool

    with Pool(2) as pool:
        for made in pool.done(process_of, [[0], [0]], lambda given, reason: 0):
            print(*made, flush=True)
        for made in pool.done(slow_double, [[1], [7]], lambda given, reason: 0):
            print(*made, flush=True)


if __name__ == "__main__":
    main()
