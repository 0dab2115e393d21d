"""Options that stand in a file and not on the command line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from shortaxis.errors import OptionError, UnreadableFileError

__all__ = ["errors_name_file"]


@contextmanager
def errors_name_file(path: Path) -> Iterator[None]:
    """Report a wrong option as a wrong file: `path`, unless the error names another one."""
    try:
        yield
    except OptionError as error:
        raise UnreadableFileError(
            error.summary,
            path=path if error.path is None else error.path,
            expected=error.expected,
            found=error.found,
            cause=error.cause,
        ) from error
