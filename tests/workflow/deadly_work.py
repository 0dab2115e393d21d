"""Work that ends the process that does it; it imports nothing that a new process would wait for."""

from __future__ import annotations

import os
import signal

__all__ = ["double_or_die"]


def double_or_die(numbers: list[int]) -> list[int]:
    """Twice each number; seven is death."""
    if 7 in numbers:
        os.kill(os.getpid(), signal.SIGKILL)
    return [2 * each for each in numbers]
