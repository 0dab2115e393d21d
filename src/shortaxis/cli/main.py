"""The command ``shortaxis``: its verbs, and how errors end it."""

from __future__ import annotations

import atexit
import gc
import os
import signal
import sys
from types import FrameType
from typing import Annotated

import typer

from shortaxis._version import __version__
from shortaxis.cli.exit_codes import FAILED, TERMINATED, exit_code_of
from shortaxis.cli.verbs import VerbGroup
from shortaxis.errors import ShortAxisError
from shortaxis.files.inputs.input_size import allow_inputs, largest_input_bytes

__all__ = ["app", "main"]

OBJECTS_MADE = 50_000
"""Before Python looks for those that only point at each other. Loading makes many that stay: with
Python's own 700, looking through them takes a twentieth of a small command."""

app = typer.Typer(
    name="shortaxis",
    cls=VerbGroup,
    help="Standard cardiac slices from transaxial SPECT and PET. Research software, not a medical device.",  # noqa: E501 - one line on screen
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"shortaxis {__version__}")
        raise typer.Exit


@app.callback()
def _shortaxis(
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Show the version and exit.", is_eager=True, callback=_show_version
        ),
    ] = False,
    largest_input_mb: Annotated[
        float | None,
        typer.Option(
            metavar="MB",
            help="Memory that one input may take, packed or not; larger ones are refused. 256 "
            "unless SHORTAXIS_LARGEST_INPUT_MB says otherwise.",
            show_default=False,
        ),
    ] = None,
) -> None:
    if largest_input_mb is not None:
        allow_inputs(largest_input_mb)
    largest_input_bytes()


def main() -> None:
    """Run the command; an expected error ends it with one message and a code above 0."""
    signal.signal(signal.SIGTERM, _end)
    gc.set_threshold(OBJECTS_MADE)
    # Before it ends, Python looks through all that was loaded, which takes a tenth of a small
    # command. What is frozen is passed over.
    atexit.register(gc.freeze)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            # A terminal that cannot spell a file's name must not hide what happened to it.
            stream.reconfigure(errors="backslashreplace")
    try:
        app()
        sys.stdout.flush()
    except ShortAxisError as error:
        typer.secho(f"error: {error}", err=True, fg=typer.colors.RED)
        sys.exit(exit_code_of(error))
    except BrokenPipeError:
        # The reader of our output went away, as `head` does.
        _forget_output()
        sys.stderr.close()
        sys.exit(FAILED)
    except OSError as error:
        words = error.strerror or "the system refused it"
        typer.secho(f"error: {error.filename or 'output'}: {words}.", err=True)
        _forget_output()
        sys.exit(FAILED)


def _forget_output() -> None:
    """Send what could not be written to nowhere: Python would try once more, and print an error."""
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
    except (OSError, ValueError):
        return


def _end(number: int, frame: FrameType | None) -> None:
    """Leave as by an exception, so that nothing half-written stays behind."""
    sys.exit(TERMINATED)
