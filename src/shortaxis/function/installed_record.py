"""A record of the function that comes with the package, read with one error for a damaged one."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from shortaxis.errors import UnreadableFileError
from shortaxis.files.plain_json import OF_ANOTHER_SHAPE

__all__ = ["read_installed"]

Read = TypeVar("Read")


def read_installed(
    path: Path, schema: str, what: str, from_record: Callable[[Mapping[str, Any]], Read]
) -> Read:
    """What a record of the package says; `what` is what it holds, in words.

    Raises
    ------
    UnreadableFileError
        If the record is damaged.
    """
    try:
        return from_record(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, *OF_ANOTHER_SHAPE) as error:
        raise UnreadableFileError(
            f"{what} cannot be read",
            path=path,
            expected=f"a record of the schema {schema}",
            found=f"{type(error).__name__}: {error}",
            cause="a damaged installation; install the package again",
        ) from error
