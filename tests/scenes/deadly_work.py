"""Work that ends the process that does it; it imports nothing that a new process would wait for."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

__all__ = ["ENDINGS", "double", "double_or_die", "slow_double", "work_on_or_die"]


def _overflow() -> None:
    """A segmentation fault as a library of C has it."""
    import ctypes

    ctypes.string_at(0)


ENDINGS = {
    "SIGKILL": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "code 3": lambda: os._exit(3),
    "SIGSEGV": _overflow,
    "SIGABRT": os.abort,
}
"""How a process can end in the middle of its work, by the word that tells it."""


def double(numbers: Sequence[int]) -> list[int]:
    """Twice each number."""
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


def work_on_or_die(studies: Sequence[Any], **options: Any) -> list[dict[str, Any]]:
    """The work of a batch; studies in a folder named for an ending end the process so."""
    from shortaxis.workflow.batch.study_work import work_on

    for each in studies:
        ending = Path(each.found.paths[0]).parent.name
        if ending in ENDINGS:
            ENDINGS[ending]()
    return work_on(studies, **options)
