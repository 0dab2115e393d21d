"""Memory that was let go, back to the system.

The C library keeps what was freed for what is asked for next, in pieces between what is still used:
after an estimate that is as much as the slices of a gated study.
"""

from __future__ import annotations

import ctypes

__all__ = ["give_back_free_memory"]


def give_back_free_memory() -> None:
    """Give back what nothing uses, where the C library can (glibc); elsewhere nothing happens."""
    try:
        trim = ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):
        return
    trim(ctypes.c_size_t(0))
