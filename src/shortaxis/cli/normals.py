"""``shortaxis normals build``: normal limits from the healthy hearts of a cohort."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from shortaxis.cli.paths import typed_path

__all__ = ["normals"]

normals = typer.Typer(
    help="Normal limits of polar maps.", no_args_is_help=True, rich_markup_mode=None
)


@normals.command()
def build(
    cohort: Annotated[
        Path,
        typer.Argument(
            metavar="COHORT",
            parser=typed_path,
            help="A folder that shortaxis simulate wrote.",
            show_default=False,
        ),
    ],
    out: Annotated[
        Path,
        typer.Option(
            "--out",
            "-o",
            metavar="FILE",
            parser=typed_path,
            help="File for the limits, JSON.",
            show_default=False,
        ),
    ],
    name: Annotated[str, typer.Option(help="Name of the set.")] = "own",
    by: Annotated[
        list[str] | None,
        typer.Option(
            help="Tell exams apart by this: correction, tracer, sex, condition; may be given "
            "again. Default: all."
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace an earlier file.")] = False,
) -> None:
    """Make normal limits from the exams of COHORT that have no defect.

    Mean and standard deviation of the uptake at every place of the polar map, for all healthy
    exams and for each group of at least 20 of them.
    """
    from shortaxis.cli.progress import progress_bar
    from shortaxis.evaluation.cohorts.cohort import find_cohort
    from shortaxis.evaluation.normals_building import GROUPED_BY, build_normals
    from shortaxis.files.staged_folder import refuse_existing, staged_folder
    from shortaxis.quantification.normal_limits import normals_to_json

    if not force:
        refuse_existing(out.parent, [out.name])
    found = find_cohort(cohort)
    with progress_bar("Quantifying") as update:
        built = build_normals(found, name, by or GROUPED_BY, update)
    with staged_folder(out.parent) as staging:
        (staging / out.name).write_text(normals_to_json(built), encoding="utf-8")
    for limits in built.limits:
        typer.echo(f"{limits.group.words}: {limits.exams} exams")
    typer.echo(str(out))
