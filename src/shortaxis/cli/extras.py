"""Verbs that need more than the base install say what to install."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from shortaxis.errors import MissingExtraError

__all__ = ["needs_extra"]


@contextmanager
def needs_extra(extra: str) -> Iterator[None]:
    """Turn a missing package into an error that names the extra which brings it."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise MissingExtraError(
            "this verb needs packages that are not installed",
            expected=f'pip install "shortaxis[{extra}]"',
            found=f"no module {error.name}",
            cause="the base install leaves out what the clinical path does not need",
        ) from error
