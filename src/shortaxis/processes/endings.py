"""How a process ended, in words."""

from __future__ import annotations

import signal

__all__ = ["ending_words"]

PERHAPS_MEMORY = (signal.SIGKILL,) if hasattr(signal, "SIGKILL") else ()
"""Signals that a system sends to who takes too much memory."""


def ending_words(exit_code: int | None) -> str:
    """What became of a worker.

    Parameters
    ----------
    exit_code : int or None
        Of the process, negative for a signal, as ``multiprocessing`` has it.

    Examples
    --------
    >>> ending_words(3)
    'its process ended with code 3'
    >>> ending_words(-11)
    'its process was ended by SIGSEGV'
    >>> ending_words(-9)
    'its process was ended by SIGKILL, perhaps for want of memory'
    """
    if exit_code is None:
        return "its process fell silent"
    if exit_code >= 0:
        return f"its process ended with code {exit_code}"
    try:
        number = signal.Signals(-exit_code)
    except ValueError:
        return f"its process was ended by signal {-exit_code}"
    memory = ", perhaps for want of memory" if number in PERHAPS_MEMORY else ""
    return f"its process was ended by {number.name}{memory}"
