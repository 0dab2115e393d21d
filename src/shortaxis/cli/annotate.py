"""``shortaxis annotate``: poses from pairs of transaxial and short-axis volumes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from shortaxis.cli.arguments import ReorientedInput, ResultsFolder
from shortaxis.cli.exit_codes import FAILED
from shortaxis.cli.paths import typed_path
from shortaxis.cli.reading import (
    CorrectedChoice,
    Flips,
    Orientation,
    PixelSpacing,
    RawChoice,
    RawSettings,
    SliceSpacing,
    WholeBody,
    correction,
    reading_options,
)

__all__ = ["annotate"]


def annotate(  # noqa: PLR0913 - one parameter an option
    pairs: Annotated[
        Path,
        typer.Argument(
            metavar="PAIRS",
            parser=typed_path,
            help="A folder with one folder a pair, or a CSV table.",
            show_default=False,
        ),
    ],
    out: ResultsFolder,
    center: Annotated[
        str, typer.Option(help="Centre of the pose: ventricle or slices.")
    ] = "ventricle",
    engine: Annotated[
        str | None,
        typer.Option(
            help="elastix or simpleitk; default: the first installed.", show_default=False
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite earlier results.")] = False,
    force_input: ReorientedInput = False,
    whole_body: WholeBody = False,
    orientation: Orientation = None,
    slice_spacing: SliceSpacing = None,
    pixel_spacing: PixelSpacing = None,
    flip: Flips = None,
    raw: RawChoice = "alone",
    raw_settings: RawSettings = None,
    corrected: CorrectedChoice = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print annotations.json instead of a table.")
    ] = False,
) -> None:
    """Recover the pose from transaxial volumes and the short-axis slices that were cut from them.

    Writes pose.json and registration.json for every pair, annotations.csv and annotations.json.
    Pairs that do not match are rejected. What is stated about geometry holds for the transaxial
    volumes. Needs the extra "annotate". The exit code is 1 if any
    pair was not annotated.
    """
    from shortaxis.cli.json_errors import errors_as_json
    from shortaxis.cli.progress import progress_bar
    from shortaxis.workflow.annotation.requests import (
        SUMMARY_FILE,
        AnnotateOptions,
        annotate_pairs,
    )

    with errors_as_json(as_json), progress_bar("Registering", quiet=as_json) as update:
        options = AnnotateOptions(
            center,  # type: ignore[arg-type]  # converted and checked there
            engine,
            reading_options(
                force_input,
                whole_body,
                orientation,
                slice_spacing,
                pixel_spacing,
                flip,
                raw,
                raw_settings,
            ),
            correction(corrected),
        )
        rows = annotate_pairs(pairs, out, options, force=force, progress=update)
    if as_json:
        typer.echo((out / SUMMARY_FILE).read_text(encoding="utf-8"), nl=False)
    else:
        _show(rows, out)
    if any(row["outcome"] != "annotated" for row in rows):
        raise typer.Exit(FAILED)


def _show(rows: list[dict[str, str]], out: Path) -> None:
    from rich.console import Console

    from shortaxis.cli.narrow_tables import print_table
    from shortaxis.workflow.annotation.requests import TABLE_FILE

    shown = {"name": "Pair", "outcome": "Outcome", "flag": "Flag", "similarity": "Similarity",
             "heart_similarity": "Heart", "agreeing": "Starts", "mirrored": "Mirrored"}  # fmt: skip
    print_table(
        Console(), list(shown.values()), [[row[name] or "-" for name in shown] for row in rows]
    )
    for row in rows:
        if row["reasons"]:
            typer.echo(f"{row['name']}: {row['reasons']}")
    typer.echo(str(out / TABLE_FILE))
