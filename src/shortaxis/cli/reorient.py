"""``shortaxis reorient``: transaxial study in, standard slices out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from shortaxis.cli.arguments import (
    JsonOutput,
    MethodChoice,
    NetworkWeights,
    ResultsFolder,
    StudyInput,
)
from shortaxis.cli.exit_codes import FAILED, exit_code_of
from shortaxis.cli.paths import typed_path
from shortaxis.reorientation.methods import DEFAULT_METHOD

if TYPE_CHECKING:
    from shortaxis.workflow.reorient.requests import ReorientRequest, StudyOutcome
    from shortaxis.workflow.studies.finding import FoundStudies

__all__ = ["reorient"]


def reorient(  # noqa: PLR0913 - one parameter an option
    input_path: StudyInput,
    out: ResultsFolder,
    method: MethodChoice = DEFAULT_METHOD,
    weights: NetworkWeights = None,
    pose: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            parser=typed_path,
            help="Apply this pose.json instead of estimating a pose.",
        ),
    ] = None,
    roll: Annotated[
        str,
        typer.Option(
            help="Turn about the long axis: conventional, or anatomical (septum to the left)."
        ),
    ] = "conventional",
    spacing: Annotated[
        float | None, typer.Option(help="Voxel size of the slices in mm; default: as the input.")
    ] = None,
    size: Annotated[
        int | None, typer.Option(help="Rows and columns of the slices; default: 64 or more.")
    ] = None,
    interpolation: Annotated[
        str, typer.Option(help="Sampling of the counts: linear or cubic.")
    ] = "linear",
    formats: Annotated[
        str | None,
        typer.Option("--format", help="dicom, nifti or dicom,nifti; default: as the input."),
    ] = None,
    series: Annotated[
        str | None, typer.Option(help="Take only the series with this Series Instance UID.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite earlier results.")] = False,
    force_input: Annotated[
        bool, typer.Option("--force-input", help="Take input that is marked as short axis.")
    ] = False,
    as_json: JsonOutput = False,
) -> None:
    """Cut transaxial studies into short-axis and long-axis slices.

    Writes short_axis, vertical_long_axis and horizontal_long_axis series, pose.json,
    transform.tfm, report.json and review.png. Several studies get one folder each. The exit
    code is 1 if any study could not be reoriented, 2 if the command line is wrong.
    """
    from shortaxis.cli.json_errors import errors_as_json
    from shortaxis.workflow.reorient.options import ReorientOptions
    from shortaxis.workflow.reorient.outputs import OutputOptions
    from shortaxis.workflow.reorient.requests import ReorientRequest

    with errors_as_json(as_json):
        request = ReorientRequest(
            reorient=ReorientOptions(
                method=method,
                weights=weights,
                roll=roll.lower(),  # type: ignore[arg-type]  # converted and checked there
                spacing_mm=spacing,
                size=size,
                interpolation=interpolation,
            ),
            output=None if formats is None else OutputOptions(formats=_split(formats)),
            pose_path=pose,
            force=force,
        )
        found = _find(input_path, series, force_input, quiet=as_json)
        outcomes = _run(found, out, request, quiet=as_json)
    _show(found, outcomes, as_json=as_json)
    failures = [outcome.error for outcome in outcomes if outcome.error]
    if failures:
        raise typer.Exit(max(map(exit_code_of, failures)) if len(outcomes) == 1 else FAILED)


def _split(formats: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in formats.split(","))


def _find(path: Path, series: str | None, force_input: bool, *, quiet: bool) -> FoundStudies:
    from shortaxis.cli.progress import progress_bar
    from shortaxis.workflow.studies.finding import find_studies

    with progress_bar("Looking at files", quiet=quiet or path.is_file()) as update:
        return find_studies(path, series_uid=series, force_input=force_input, progress=update)


def _run(
    found: FoundStudies, out: Path, request: ReorientRequest, *, quiet: bool
) -> list[StudyOutcome]:
    from shortaxis.cli.progress import progress_bar
    from shortaxis.workflow.reorient.requests import reorient_found

    total = len(found.studies)
    outcomes: list[StudyOutcome] = []
    with progress_bar("Reorienting", quiet=quiet or total == 1) as update:
        for outcome in reorient_found(found, out, request):
            outcomes.append(outcome)
            update(len(outcomes), total)
    return outcomes


def _show(found: FoundStudies, outcomes: list[StudyOutcome], *, as_json: bool) -> None:
    from shortaxis.cli import outcome_tables

    if as_json:
        typer.echo(outcome_tables.outcomes_as_json(found, outcomes))
    else:
        outcome_tables.print_outcomes(found, outcomes)
