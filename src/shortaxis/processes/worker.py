"""One process that does one task at a time, and can be killed without harm."""

from __future__ import annotations

import multiprocessing
import pickle
from multiprocessing.connection import Connection, wait

from shortaxis.processes.endings import ending_words
from shortaxis.processes.interrupts import interrupts_deferred, interrupts_unseen_by_children
from shortaxis.processes.limits import UNLIMITED, Limits
from shortaxis.processes.serving import Asked, Message, serve

__all__ = ["START_S", "Worker", "WorkerEndedError", "WorkerLateError"]

JOIN_S = 5.0
"""How long the system may take to end a process that was killed."""

START_S = 600.0
"""How long a process may take to be there with its work loaded; on a busy machine minutes."""


class WorkerEndedError(Exception):
    """The process ended in the middle of something; the message says how.

    `exit_code` is that of the process, negative for a signal, None if it is not known.
    """

    def __init__(self, words: str, exit_code: int | None = None) -> None:
        super().__init__(words)
        self.exit_code = exit_code


class WorkerLateError(WorkerEndedError):
    """The process took longer than it may, and was killed."""

    def __init__(self, limit_s: float) -> None:
        super().__init__(f"took longer than {limit_s:g} s")


class Worker:
    """A process that is asked and answers, one thing after the other.

    Parameters
    ----------
    limits : Limits
        What it may take.
    """

    def __init__(self, limits: Limits = UNLIMITED) -> None:
        # Not a fork: threads of this process would be half-copied.
        context = multiprocessing.get_context("spawn")
        self.connection, theirs = context.Pipe()
        self._process = context.Process(target=serve, args=(theirs, limits), daemon=True)
        try:
            with interrupts_unseen_by_children():
                self._process.start()
        except BaseException:
            self.connection.close()
            raise
        finally:
            theirs.close()

    @property
    def channels(self) -> tuple[Connection, int]:
        """What can be waited for: an answer, and the end of the process."""
        return self.connection, self._process.sentinel

    @property
    def is_alive(self) -> bool:
        """Whether the process is there."""
        return self._process.is_alive()

    def ask(self, asked: Asked, content: bytes) -> None:
        """Ask for something; the answer comes later.

        Raises
        ------
        WorkerEndedError
            If the process is not there any more.
        """
        try:
            self.connection.send((asked, content))
        except OSError as error:
            raise self._ended() from error

    def answer(self, within_s: float | None = None) -> Message:
        """What the process says; waits for it.

        Raises
        ------
        WorkerEndedError
            If the process ended before it had said all.
        WorkerLateError
            If it took longer; it is killed then.
        """
        if not wait(self.channels, within_s):
            self.kill()
            raise WorkerLateError(within_s or 0.0)
        try:
            said: Message = pickle.loads(self.connection.recv_bytes())  # noqa: S301 - of our own process
        except (EOFError, OSError) as error:
            raise self._ended() from error
        return said

    def end(self) -> None:
        """End the process from another thread; who waits for its answer is told."""
        self._process.kill()

    def kill(self) -> None:
        """End the process at once: what it was writing is not there, and can be done again."""
        with interrupts_deferred():
            self._process.kill()
            self._process.join(JOIN_S)
            self.connection.close()

    def _ended(self) -> WorkerEndedError:
        self._process.join(JOIN_S)
        code = self._process.exitcode
        self.kill()
        return WorkerEndedError(ending_words(code), code)
