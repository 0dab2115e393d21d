"""Received objects are read in processes with limits: in the node itself none is parsed."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from shortaxis.dicom.received.identity import Identity, read_identity
from shortaxis.dicom.received.ordinary_header import read_ordinary_header
from shortaxis.dicom.received.same_object import is_same_object
from shortaxis.service.reception.connection import Connection
from shortaxis.service.reception.limits import Limits
from shortaxis.service.reception.quick_reading import Question, QuickReading, Unfinished
from shortaxis.service.reception.reading_turns import ReadingTurns
from shortaxis.service.workers import TaskFailedError, Worker, WorkerDiedError

__all__ = ["READERS", "ObjectReaders"]

READERS, SLOW_READERS = 3, 2
"""Processes, and how many of them read what takes long: one is always soon free."""

FIRST = Question(read_ordinary_header, (), is_brief=True)
"""What a reader is asked before anybody's object: it learns how long a moment is."""

Reader = Worker[Question, Any]


@dataclass(eq=False)
class ObjectReaders:
    """The processes, and whose turn it is."""

    limits: Limits
    _turns: ReadingTurns[Reader] = field(default_factory=lambda: ReadingTurns(SLOW_READERS))

    @contextmanager
    def running(self) -> Iterator[None]:
        """Start the processes; end them with the block."""
        time_s, memory_mb = self.limits.header_time_limit_s, self.limits.header_memory_limit_mb
        work = QuickReading(read_ordinary_header)
        readers = [Worker(work, time_s, memory_mb) for _ in range(READERS)]
        for reader in readers:
            threading.Thread(target=self._start, args=(reader,), daemon=True).start()
        try:
            yield
        finally:
            for reader in readers:
                reader.end()

    def _start(self, reader: Reader) -> None:
        _begin(reader)
        self._turns.add(reader)

    def identity(self, path: Path, connection: Connection) -> Identity:
        """UIDs of an object that came over a connection.

        Raises
        ------
        WorkerDiedError, TaskFailedError
            If it cannot be read within the limits.
        SenderGoneError
            If the connection was over before it was its turn.
        """
        found: Identity = self._ask(Question(read_identity, (path,)), connection)
        return found

    def is_same(self, kept: Path, sent: Path, connection: Connection) -> bool:
        """`is_same_object`; what cannot be compared within the limits is not the same.

        Raises
        ------
        FileNotFoundError
            If the object that was kept is gone.
        SenderGoneError
            As `identity`.
        """
        try:
            return bool(self._ask(Question(is_same_object, (kept, sent)), connection))
        except (TaskFailedError, WorkerDiedError):
            if not kept.exists():
                raise FileNotFoundError(kept.name) from None
            return False

    def _ask(self, question: Question, connection: Connection) -> Any:  # noqa: ANN401 - as asked
        with self._turns.turn(connection, is_slow=False) as reader:
            found = _told(reader, replace(question, is_brief=True))
        if not isinstance(found, Unfinished):
            return found
        connection.queues()
        try:
            with self._turns.turn(connection, is_slow=True) as reader:
                connection.is_served()
                return _told(reader, question)
        finally:
            connection.is_served()


def _told(reader: Reader, question: Question) -> Any:  # noqa: ANN401 - as it was asked
    try:
        return reader.perform(question)
    except WorkerDiedError:
        # Started again by whose object killed it: the next in turn does not wait for that.
        _begin(reader)
        raise


def _begin(reader: Reader) -> None:
    """Have a reader import what it needs, which takes seconds, outside of any object's time."""
    with suppress(WorkerDiedError, TaskFailedError):
        reader.start()
        reader.perform(FIRST)
