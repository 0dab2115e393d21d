"""``shortaxis info``: what is in a file or folder, without patient identifiers."""

from __future__ import annotations

from typing import Annotated

import typer

from shortaxis.cli.arguments import StudyInput

__all__ = ["info"]


def info(
    input_path: StudyInput,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """Show what can be reoriented, and why the rest cannot.

    Patient identifiers of headers are never shown; paths are.
    """
    from shortaxis.cli import found_tables
    from shortaxis.cli.json_errors import errors_as_json
    from shortaxis.cli.progress import progress_bar
    from shortaxis.workflow.studies.finding import find_studies

    quiet = as_json or input_path.is_file()
    with errors_as_json(as_json), progress_bar("Looking at files", quiet=quiet) as update:
        found = find_studies(input_path, progress=update)
    if as_json:
        typer.echo(found_tables.found_as_json(found), nl=False)
    else:
        found_tables.print_found(found)
