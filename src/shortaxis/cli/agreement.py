"""``shortaxis agreement``: our numbers beside readers, packages and angiography."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer

from shortaxis.cli.arguments import ResultsFolder
from shortaxis.cli.counted import counted
from shortaxis.cli.paths import typed_path
from shortaxis.cli.void_options import CheckedCommand

__all__ = ["agreement"]

agreement = typer.Typer(
    help="Numbers beside those of readers, other packages and angiography.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@agreement.command(cls=CheckedCommand)
def measure(
    table: Annotated[
        Path,
        typer.Argument(
            metavar="TABLE",
            parser=typed_path,
            help="CSV with a row for each patient and condition: columns patient, condition, and "
            "SOURCE:QUANTITY such as reader_1:summed_score or package:tpd_percent; angiography.",
            show_default=False,
        ),
    ],
    out: ResultsFolder,
    results: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            parser=typed_path,
            help="Folder of shortaxis batch --with quantify, or of quantify. Rows name a result by "
            "key, study_uid or file. Without it the table has columns shortaxis:QUANTITY.",
        ),
    ] = None,
    cut: Annotated[
        list[str] | None,
        typer.Option(
            metavar="QUANTITY=VALUE",
            help="From where an exam is called abnormal, such as tpd_percent=5; may be given "
            "again. Others: summed_score, territory_score.",
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite earlier results.")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print agreement.json instead of a summary.")
    ] = False,
) -> None:
    """Make the table of a validation: agreement of every two sources, and detection of disease.

    Bias, limits of agreement, correlation, ICC, kappa, areas under the ROC curve, sensitivity and
    specificity, each with an interval, for all exams, and for accepted and flagged ones apart.
    Writes agreement.json, agreement.csv, agreement.md, agreement.html and pictures. Tables name
    exams by their row alone.
    """
    from shortaxis.agreement.comparisons.comparing import compare
    from shortaxis.agreement.exams.joining import JoinedExams, join
    from shortaxis.agreement.exams.results import find_results
    from shortaxis.agreement.exams.table import read_table
    from shortaxis.agreement.report.files import (
        RECORD_FILE,
        refuse_earlier_comparison,
        write_comparison,
    )
    from shortaxis.cli.json_errors import errors_as_json

    with errors_as_json(as_json):
        cuts = _cuts(cut or ())
        if not force:
            refuse_earlier_comparison(out)
        rows = read_table(table, joined=results is not None)
        if results is None:
            joined = JoinedExams(tuple(each.exam for each in rows), 0)
        else:
            joined = join(table, rows, find_results(results))
        found = compare(joined.exams, cuts, unused=joined.unused)
        write_comparison(found, out, shlex.join(["shortaxis", *sys.argv[1:]]))
    if as_json:
        typer.echo((out / RECORD_FILE).read_text(encoding="utf-8"), nl=False)
        return
    from shortaxis.agreement.report.wording import summary_lines

    typer.echo("\n".join(summary_lines(found)))
    typer.echo(str(out / "agreement.html"))


@agreement.command(cls=CheckedCommand)
def plan(
    limits_within: Annotated[
        float | None,
        typer.Option(
            help="How many pairs make a limit of agreement known to +- this, in the unit of --sd.",
            show_default=False,
        ),
    ] = None,
    sd: Annotated[
        float, typer.Option(help="Standard deviation of the differences that is expected.")
    ] = 1.0,
    auc_within: Annotated[
        float | None,
        typer.Option(
            help="How many patients make an area under the ROC curve known to +- this.",
            show_default=False,
        ),
    ] = None,
    auc: Annotated[float, typer.Option(help="The area that is expected.")] = 0.85,
    healthy_each: Annotated[
        float, typer.Option(help="Patients without disease for each one with it.")
    ] = 1.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Say how many patients a validation needs for intervals of 95 % that are narrow enough.

    Give --limits-within, --auc-within, or both.
    """
    from shortaxis.agreement.measures.sample_size import pairs_for_limits, patients_for_area
    from shortaxis.cli.json_errors import errors_as_json
    from shortaxis.files.plain_json import to_json_text

    if limits_within is None and auc_within is None:
        raise typer.BadParameter("give --limits-within, --auc-within, or both")
    if not sd > 0:
        raise typer.BadParameter("is no standard deviation above 0", param_hint="--sd")
    values: dict[str, int] = {}
    words = []
    with errors_as_json(as_json):
        if limits_within is not None:
            pairs = pairs_for_limits(limits_within / sd)
            values["pairs"] = pairs
            words.append(
                f"{counted(pairs, 'pairs')}: limits of agreement known to +- {limits_within:g}, "
                f"where differences have a standard deviation of {sd:g}"
            )
        if auc_within is not None:
            planned = patients_for_area(auc, auc_within, healthy_each)
            values |= {"diseased": planned.diseased, "healthy": planned.healthy}
            words.append(
                f"{planned.diseased} patients with and {planned.healthy} without disease: an area "
                f"of {auc:g} known to +- {auc_within:g}"
            )
    typer.echo(to_json_text(values) if as_json else "\n".join(words) + "\n", nl=False)


def _cuts(texts: list[str] | tuple[()]) -> dict[str, float]:
    from shortaxis.agreement.exams.quantities import CUTS

    found = {}
    for text in texts:
        name, _, value = text.partition("=")
        try:
            if name not in CUTS:
                raise ValueError
            found[name] = float(value)
        except ValueError:
            names = ", ".join(f"{each}=VALUE" for each in CUTS)
            raise typer.BadParameter(f"{text!r} is none of {names}", param_hint="--cut") from None
    return found
