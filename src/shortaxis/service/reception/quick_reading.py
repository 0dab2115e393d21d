"""What a reader does in its process: all of a task, or as much as a little time is enough for."""

from __future__ import annotations

import gc
import signal
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median
from types import FrameType
from typing import Any

__all__ = ["LEAST_MOMENT_S", "Question", "QuickReading", "Unfinished"]

AGAIN_S = 0.01
"""Between one signal and the next: the first may come where nothing can be raised."""

LEAST_MOMENT_S = 0.02
"""Of a processor: where it is fast, headers take one or two thousandths."""

TIMES_ORDINARY = 12
"""So many ordinary headers fit in a moment; where one takes two thousandths, that is the least."""

MEASURED_EVERY_S, MEASURED = 5.0, 5
"""How often an ordinary header is read, and how many of the last times count."""


@dataclass(frozen=True)
class Question:
    """A function of a module and its arguments; `is_brief`: it is broken off after a moment."""

    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    is_brief: bool = False


@dataclass(frozen=True)
class Unfinished:
    """In the place of an answer: there was not enough time."""


class _OutOfTimeError(BaseException):
    """Not an `Exception`: what is interrupted catches those."""


@dataclass(eq=False)
class QuickReading:
    """Answers questions, the brief ones within a moment or not at all.

    A moment is the time of the processor, so that work beside it makes nothing slow, and is as long
    as `read_ordinary` takes so many times, so that a slow processor does not, either. Nobody but
    this process has a say in that.
    """

    read_ordinary: Callable[[], object]
    processor_clock: Callable[[], float] = time.process_time
    clock: Callable[[], float] = time.monotonic
    _took_s: deque[float] = field(default_factory=lambda: deque(maxlen=MEASURED))
    _measured_s: float = 0.0

    def __call__(self, question: Question) -> object:
        """Call a function, and break it off when its time is over.

        Without a limit where the system has no such clock (Windows).
        """
        if not question.is_brief or not hasattr(signal, "setitimer"):
            return question.function(*question.arguments)
        timer = _Timer(self.moment_s())
        try:
            return timer.call(question)
        except _OutOfTimeError:
            timer.is_on = False
            return Unfinished()

    def moment_s(self) -> float:
        """How long a moment is now, s of the processor."""
        if not self._took_s:
            # What is loaded at the first time is not looked through again for what is unused.
            self.read_ordinary()
            gc.collect()
            gc.freeze()
        if not self._took_s or self.clock() >= self._measured_s + MEASURED_EVERY_S:
            begun_s = self.processor_clock()
            self.read_ordinary()
            self._took_s.append(self.processor_clock() - begun_s)
            self._measured_s = self.clock()
        return max(LEAST_MOMENT_S, TIMES_ORDINARY * median(self._took_s))


@dataclass
class _Timer:
    processor_s: float
    is_on: bool = True

    def call(self, question: Question) -> object:
        signal.signal(signal.SIGPROF, self._rings)
        signal.setitimer(signal.ITIMER_PROF, self.processor_s, AGAIN_S)
        try:
            return question.function(*question.arguments)
        finally:
            self.is_on = False
            signal.setitimer(signal.ITIMER_PROF, 0.0)

    def _rings(self, number: int, frame: FrameType | None) -> None:
        if self.is_on:
            raise _OutOfTimeError
