"""Errors as JSON on standard output, for callers that asked for JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import typer

from shortaxis.errors import ShortAxisError

__all__ = ["errors_as_json"]


@contextmanager
def errors_as_json(wanted: bool) -> Iterator[None]:
    """Print an expected error as a JSON object and exit with code 1, if `wanted`."""
    try:
        yield
    except ShortAxisError as error:
        if not wanted:
            raise
        typer.echo(json.dumps({"errors": [error.to_dict()]}, indent=2))
        raise typer.Exit(1) from error
