"""What the exit code of the command says."""

from __future__ import annotations

from shortaxis.errors import OptionError, UnknownWeightsError

__all__ = ["FAILED", "TERMINATED", "WRONG_COMMAND_LINE", "exit_code_of"]

FAILED = 1
WRONG_COMMAND_LINE = 2
TERMINATED = 128 + 15
"""As a shell reports a program that SIGTERM ended."""


def exit_code_of(error: Exception) -> int:
    """2 where the command line itself is wrong, 1 for everything else."""
    if isinstance(error, UnknownWeightsError) and error.path is not None:
        # The name was right, and the files are not.
        return FAILED
    return WRONG_COMMAND_LINE if isinstance(error, OptionError) else FAILED
