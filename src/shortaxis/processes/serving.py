"""What a worker does in its own process: load the work, then one task after the other."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import threading
import warnings
from collections.abc import Callable
from contextlib import suppress
from enum import Enum, auto
from multiprocessing.connection import Connection

from shortaxis.processes.limits import Limits

__all__ = ["Asked", "Said", "serve"]


class Asked(Enum):
    """Of a worker: with a function, or with what it is called with; both pickled."""

    LOAD = auto()
    CALL = auto()


class Said(Enum):
    """By a worker: that it is there, that it can do the work or not, and what came of a task."""

    HERE = auto()
    READY = auto()
    UNLOADABLE = auto()
    MADE = auto()
    RAISED = auto()


Message = tuple[Said, object]


def serve(connection: Connection, limits: Limits) -> None:
    """Do what is asked until the other end is closed."""
    # Ctrl+C is for the run, which ends its workers.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    threading.Thread(target=_end_after_the_run, daemon=True).start()
    # They quote values of headers.
    warnings.simplefilter("ignore")
    os.environ.update(limits.environment)
    if limits.memory_mb is not None:
        _limit_memory(limits.memory_mb)
    # The other end may be gone at any moment.
    with suppress(EOFError, OSError):
        _serve(connection)


def _serve(connection: Connection) -> None:
    work: Callable[[object], object] | None = None
    connection.send_bytes(_packed((Said.HERE, None)))
    while True:
        asked, content = connection.recv()
        if asked is Asked.LOAD:
            work, said = _loaded(content)
        else:
            said = _called(work, content)
        connection.send_bytes(_packed(said))


def _loaded(content: bytes) -> tuple[Callable[[object], object] | None, Message]:
    try:
        return pickle.loads(content), (Said.READY, None)  # noqa: S301 - of the process that began this one
    except Exception as error:
        return None, (Said.UNLOADABLE, f"{type(error).__name__}: {error}")


def _called(work: Callable[[object], object] | None, content: bytes) -> Message:
    try:
        if work is None:
            raise RuntimeError("asked for work that was not loaded")
        return Said.MADE, work(pickle.loads(content))  # noqa: S301 - as above
    except Exception as error:
        return Said.RAISED, error


def _packed(said: Message) -> bytes:
    try:
        content = pickle.dumps(said)
        if said[0] is Said.RAISED:
            # Some errors can be written and not read: their makers want other arguments.
            pickle.loads(content)  # noqa: S301 - of this function
    except Exception as error:
        words = f"what the work gave cannot be sent: {type(said[1]).__name__}"
        return pickle.dumps((Said.RAISED, RuntimeError(f"{words} ({type(error).__name__})")))
    return content


def _end_after_the_run() -> None:
    """End with the run: a worker whose run was killed would wait for ever.

    It would also hold its memory, and write into the folder of the next run.
    """
    run = multiprocessing.parent_process()
    if run is not None:
        run.join()
        os._exit(1)


def _limit_memory(megabytes: float) -> None:
    try:
        import resource
    except ImportError:  # Windows
        return
    limit = int(megabytes * 1e6)
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
