"""Errors as JSON on standard output, for callers that asked for JSON."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import typer

from shortaxis.cli.exit_codes import exit_code_of
from shortaxis.errors import ShortAxisError
from shortaxis.files.plain_json import to_json_text

__all__ = ["errors_as_json"]


@contextmanager
def errors_as_json(wanted: bool) -> Iterator[None]:
    """Print an expected error as a JSON object of the usual shape and exit, if `wanted`."""
    try:
        yield
    except ShortAxisError as error:
        if not wanted:
            raise
        values = {"studies": [], "errors": [error.to_dict()], "skipped": []}
        typer.echo(to_json_text(values), nl=False)
        raise typer.Exit(exit_code_of(error)) from error
