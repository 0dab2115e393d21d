"""``shortaxis info``: what is in a file or folder, without patient identifiers."""

from __future__ import annotations

from typing import Annotated

import typer

from shortaxis.cli.arguments import ReorientedInput, StudyInput
from shortaxis.cli.reading import (
    CorrectedChoice,
    Flips,
    Orientation,
    PixelSpacing,
    RawChoice,
    RawSettings,
    SeriesUid,
    SliceSpacing,
    StudyNumber,
    WholeBody,
    reading_options,
    study_choice,
)
from shortaxis.cli.web_source import local_source

__all__ = ["info"]


def info(  # noqa: PLR0913 - one parameter an option
    input_path: StudyInput,
    series: SeriesUid = None,
    force_input: ReorientedInput = False,
    whole_body: WholeBody = False,
    orientation: Orientation = None,
    slice_spacing: SliceSpacing = None,
    pixel_spacing: PixelSpacing = None,
    flip: Flips = None,
    raw: RawChoice = "alone",
    raw_settings: RawSettings = None,
    corrected: CorrectedChoice = None,
    study: StudyNumber = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """Show what can be reoriented, and why the rest cannot.

    With the options of reading and choosing of shortaxis reorient it shows what that would take.
    Patient identifiers of headers are never shown; paths are.
    """
    from shortaxis.cli import found_tables
    from shortaxis.cli.json_errors import errors_as_json
    from shortaxis.cli.progress import progress_bar
    from shortaxis.workflow.studies.finding import find_studies

    quiet = as_json or input_path.is_file()
    with (
        errors_as_json(as_json),
        local_source(input_path, quiet=as_json) as source,
        progress_bar("Looking at files", quiet=quiet) as update,
    ):
        found = find_studies(
            source.path,
            series_uid=series,
            options=reading_options(
                force_input,
                whole_body,
                orientation,
                slice_spacing,
                pixel_spacing,
                flip,
                raw,
                raw_settings,
            ),
            choice=study_choice(corrected, study),
            progress=update,
        )
    if as_json:
        typer.echo(found_tables.found_as_json(found), nl=False)
    else:
        found_tables.print_found(found)
