"""The workers of a pool: who is there, with what loaded, and at which task."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum, auto
from multiprocessing.connection import Connection, wait
from typing import Any

from shortaxis.errors import WorkerError
from shortaxis.processes.interrupts import interrupts_deferred
from shortaxis.processes.limits import Limits
from shortaxis.processes.serving import Asked, Message, Said
from shortaxis.processes.worker import START_S, Worker, WorkerEndedError, WorkerLateError

__all__ = ["Crew", "Member"]

STARTS = 3
"""Workers that may be killed one after the other before any work was begun."""


class Stage(Enum):
    """Of a member."""

    STARTING = auto()
    LOADING = auto()
    IDLE = auto()
    BUSY = auto()


@dataclass(eq=False)
class Member:
    """A worker, what it has loaded, what it is at, and until when it may be (monotonic, s)."""

    worker: Worker
    stage: Stage
    until: float
    loaded: bytes = b""
    task: Any = None


@dataclass
class Crew:
    """At most so many workers, hired as they are needed and replaced when they end."""

    most: int
    limits: Limits
    members: list[Member] = field(default_factory=list)
    _failed_starts: int = 0
    _has_started: bool = False

    @property
    def busy(self) -> list[Member]:
        """Those at a task."""
        return [each for each in self.members if each.stage is Stage.BUSY]

    def idle(self, work: bytes) -> list[Member]:
        """Those that could do a task of this work now; others that idle load it first."""
        for each in [each for each in self.members if each.stage is Stage.IDLE]:
            if each.loaded != work:
                self._load(each, work)
        return [each for each in self.members if each.stage is Stage.IDLE]

    def hire(self, wanted: int) -> None:
        """Start workers until there are so many, but no more than the most.

        The first one comes alone: what keeps all from starting is then told once.
        """
        allowed = min(wanted, self.most if self._has_started else 1)
        while len(self.members) < allowed:
            with interrupts_deferred():
                worker = Worker(self.limits)
                until = time.monotonic() + START_S
                self.members.append(Member(worker, Stage.STARTING, until))

    def give(self, member: Member, task: object, content: bytes) -> None:
        """Begin a task.

        Raises
        ------
        WorkerEndedError
            If the worker had ended while it had nothing to do.
        """
        try:
            member.worker.ask(Asked.CALL, content)
        except WorkerEndedError:
            self._leave(member)
            raise
        member.stage, member.task = Stage.BUSY, task
        limit_s = self.limits.time_s
        member.until = float("inf") if limit_s is None else time.monotonic() + limit_s

    def news(self, work: bytes) -> Iterator[tuple[Any, Message | WorkerEndedError]]:
        """Wait until something has happened; tasks that were done or ended their workers.

        Raises
        ------
        WorkerError
            If workers do not start, or cannot load the work.
        """
        for member in self._heard():
            was, task = member.stage, member.task
            try:
                message = self._message(member)
            except WorkerEndedError as error:
                self._leave(member)
                if was is Stage.BUSY:
                    yield task, error
                elif was is not Stage.IDLE:
                    self._note_failed_start(error)
                continue
            if was is Stage.BUSY:
                member.stage, member.task = Stage.IDLE, None
                yield task, message
            else:
                self._settle(member, message, work)

    def dismiss(self, members: list[Member]) -> None:
        """Kill some workers."""
        with interrupts_deferred():
            for each in list(members):
                self._leave(each)

    def _heard(self) -> list[Member]:
        """Those that said something, ended, or whose time is over."""
        by_channel: dict[Connection | int, Member] = {
            channel: each for each in self.members for channel in each.worker.channels
        }
        first = min((each.until for each in self.members), default=float("inf"))
        now = time.monotonic()
        patience = None if first == float("inf") else max(first - now, 0.0)
        heard = [by_channel[each] for each in wait(list(by_channel), patience)]  # type: ignore[index]
        late = [each for each in self.members if each.until <= time.monotonic()]
        return list(dict.fromkeys([*heard, *late]))

    def _message(self, member: Member) -> Message:
        """What a member says; one that is late is killed."""
        if wait(member.worker.channels, 0):
            return member.worker.answer()
        member.worker.kill()
        limit_s = self.limits.time_s if member.stage is Stage.BUSY else START_S
        raise WorkerLateError(limit_s or 0.0)

    def _settle(self, member: Member, message: Message, work: bytes) -> None:
        """A member on its way to work has said something."""
        said, words = message
        if said is Said.HERE:
            self._has_started = True
            self._load(member, work)
            return
        refused = member.loaded if said is Said.UNLOADABLE else None
        member.stage, member.until = Stage.IDLE, float("inf")
        if refused is None:
            self._failed_starts = 0
            return
        member.loaded = b""
        # What it was asked to load before this work is nobody's concern any more.
        if refused == work:
            raise WorkerError(
                "workers cannot load their work",
                expected="the same packages as in this process",
                found=str(words),
                cause="a broken installation, or a limit of memory that is too low",
            )

    def _load(self, member: Member, work: bytes) -> None:
        member.loaded, member.stage = work, Stage.LOADING
        member.until = time.monotonic() + START_S
        try:
            member.worker.ask(Asked.LOAD, work)
        except WorkerEndedError as error:
            self._leave(member)
            self._note_failed_start(error)

    def _note_failed_start(self, error: WorkerEndedError) -> None:
        """Try again what may have been bad luck; where others work, go on with them alone."""
        self._failed_starts += 1
        is_certain = (error.exit_code or 0) > 0 and not self._has_started
        if self._failed_starts < STARTS and not is_certain:
            return
        if not self.members:
            raise WorkerError(
                "workers do not start",
                expected="a process that can import what this one has imported",
                found=str(error),
                cause="too little memory, a limit of memory that is too low, or a script whose "
                "work is not below if __name__ == '__main__'",
            )
        self.most, self._failed_starts = len(self.members), 0

    def _leave(self, member: Member) -> None:
        member.worker.kill()
        if member in self.members:
            self.members.remove(member)
