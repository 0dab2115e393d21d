"""``shortaxis quantify``: polar map, 17 segments and scores."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from shortaxis.cli.arguments import ResultsFolder, StudyInput
from shortaxis.cli.exit_codes import FAILED, exit_code_of

if TYPE_CHECKING:
    from shortaxis.workflow.quantification_requests import QuantificationOutcome
    from shortaxis.workflow.quantifying import QuantifyOptions
    from shortaxis.workflow.studies import FoundStudies

__all__ = ["quantify"]


def quantify(  # noqa: PLR0913 - one parameter an option
    input_path: StudyInput,
    out: ResultsFolder,
    method: Annotated[
        str | None, typer.Option(help="Estimator; default: that of shortaxis reorient.")
    ] = None,
    weights: Annotated[
        str | None,
        typer.Option(help="Installed network weights, or a folder of shortaxis train."),
    ] = None,
    roll: Annotated[
        str, typer.Option(help="Where the walls of the map are: conventional or anatomical.")
    ] = "conventional",
    normals: Annotated[
        str, typer.Option(help="Installed normal limits by name, a file, or none.")
    ] = "simulated-clinical",
    series: Annotated[
        str | None, typer.Option(help="Take only the series with this Series Instance UID.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite earlier results.")] = False,
    force_input: Annotated[
        bool, typer.Option("--force-input", help="Take input that is marked as reoriented.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the outcome as JSON instead of a table.")
    ] = False,
) -> None:
    """Trace the left ventricle, lay its wall flat, and score the 17 segments.

    Takes transaxial studies, and short-axis slices of any origin with --force-input, whose axes are
    kept. Writes quantification.json, segments.csv and quantification.png. Scores are by normal
    limits of studies like this one, and by fixed bands of uptake. Values are not interchangeable
    with those of other software. Several studies get
    one folder each. The exit code is 1 if any study failed, 2 if the command line is wrong.
    """
    from shortaxis.cli.json_errors import errors_as_json
    from shortaxis.workflow.quantifying import QuantifyOptions
    from shortaxis.workflow.studies import find_studies

    with errors_as_json(as_json):
        chosen = {} if method is None else {"method": method}
        options = QuantifyOptions(
            weights=weights,
            roll=roll.lower(),  # type: ignore[arg-type]  # converted and checked there
            normals=None if normals.lower() == "none" else normals,
            **chosen,
        )
        found = find_studies(input_path, series_uid=series, force_input=force_input)
        outcomes = _run(found, out, options, force=force, quiet=as_json)
    _show(found, outcomes, as_json=as_json)
    failures = [outcome.error for outcome in outcomes if outcome.error]
    if failures:
        raise typer.Exit(max(map(exit_code_of, failures)) if len(outcomes) == 1 else FAILED)


def _run(
    found: FoundStudies, out: Path, options: QuantifyOptions, *, force: bool, quiet: bool
) -> list[QuantificationOutcome]:
    from shortaxis.cli.progress import progress_bar
    from shortaxis.workflow.quantification_requests import quantify_found

    outcomes = []
    with progress_bar("Quantifying", quiet=quiet) as update:
        for outcome in quantify_found(found, out, options, force=force):
            outcomes.append(outcome)
            update(len(outcomes), len(found.studies))
    return outcomes


def _show(found: FoundStudies, outcomes: list[QuantificationOutcome], *, as_json: bool) -> None:
    from shortaxis.cli import quantification_tables

    if as_json:
        typer.echo(quantification_tables.quantifications_as_json(found, outcomes))
    else:
        quantification_tables.print_quantifications(found, outcomes)
