"""``shortaxis consistency``: does the pose follow known motions of the input."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from shortaxis.cli.arguments import (
    JsonOutput,
    NetworkWeights,
    ResultsFolder,
    StudyInput,
)
from shortaxis.cli.exit_codes import FAILED, exit_code_of

if TYPE_CHECKING:
    from shortaxis.workflow.consistency.options import ConsistencyOptions
    from shortaxis.workflow.consistency.requests import ConsistencyOutcome
    from shortaxis.workflow.studies.finding import FoundStudies

__all__ = ["consistency"]


def consistency(  # noqa: PLR0913 - one parameter an option
    input_path: StudyInput,
    out: ResultsFolder,
    method: Annotated[
        str | None, typer.Option(help="Estimator; default: that of shortaxis reorient.")
    ] = None,
    weights: NetworkWeights = None,
    motions: Annotated[int, typer.Option(help="Number of motions, 1 to 1000.")] = 40,
    seed: Annotated[int, typer.Option(help="Seed of the motions, 0 or more.")] = 0,
    series: Annotated[
        str | None, typer.Option(help="Take only the series with this Series Instance UID.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite earlier results.")] = False,
    force_input: Annotated[
        bool, typer.Option("--force-input", help="Take input that is marked as short axis.")
    ] = False,
    as_json: JsonOutput = False,
) -> None:
    """Turn and shift studies by known motions, estimate again, and tell the spread of the poses.

    Motions are up to 25 degrees and 20 mm. How far the poses lie apart once they are moved back
    needs no truth: a large spread means a large error; a small one proves nothing. Writes
    consistency.json and consistency.png.
    Several studies get one folder each. The exit code is 1 if any study could not be measured,
    2 if the command line is wrong.
    """
    from shortaxis.cli.json_errors import errors_as_json
    from shortaxis.workflow.consistency.options import ConsistencyOptions
    from shortaxis.workflow.studies.finding import find_studies

    with errors_as_json(as_json):
        chosen = {} if method is None else {"method": method}
        options = ConsistencyOptions(weights=weights, motions=motions, seed=seed, **chosen)
        found = find_studies(input_path, series_uid=series, force_input=force_input)
        outcomes = _run(found, out, options, force=force, quiet=as_json)
    _show(found, outcomes, as_json=as_json)
    failures = [outcome.error for outcome in outcomes if outcome.error]
    if failures:
        raise typer.Exit(max(map(exit_code_of, failures)) if len(outcomes) == 1 else FAILED)


def _run(
    found: FoundStudies, out: Path, options: ConsistencyOptions, *, force: bool, quiet: bool
) -> list[ConsistencyOutcome]:
    from shortaxis.cli.progress import progress_bar
    from shortaxis.workflow.consistency.requests import consistency_of_found

    with progress_bar("Estimating again", quiet=quiet) as update:
        return list(consistency_of_found(found, out, options, force=force, progress=update))


def _show(found: FoundStudies, outcomes: list[ConsistencyOutcome], *, as_json: bool) -> None:
    from shortaxis.cli import consistency_tables

    if as_json:
        typer.echo(consistency_tables.consistency_as_json(found, outcomes), nl=False)
    else:
        consistency_tables.print_consistency(found, outcomes)
