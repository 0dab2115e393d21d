"""Ctrl+C in a moment where half of something would be left behind."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import resource_tracker
from types import FrameType

__all__ = ["interrupts_deferred", "interrupts_unseen_by_children"]

DEFERRED = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def interrupts_deferred() -> Iterator[None]:
    """What asks this process to end is heard after the block, and not within."""
    # Python hears signals in the main thread alone.
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []

    def note(number: int, frame: FrameType | None) -> None:
        came.append(number)

    earlier = {each: signal.signal(each, note) for each in DEFERRED}
    try:
        yield
    finally:
        for each, handler in earlier.items():
            signal.signal(each, signal.SIG_DFL if handler is None else handler)
        for number in dict.fromkeys(came):
            signal.raise_signal(number)


@contextmanager
def interrupts_unseen_by_children() -> Iterator[None]:
    """Processes that are started in the block are not ended by Ctrl+C while they still start."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    # Its start lets signals through again, so it must not come later.
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
