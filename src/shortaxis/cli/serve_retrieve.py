"""``shortaxis serve retrieve``: what an archive has and the node has not."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from shortaxis.cli.arguments import JsonOutput
from shortaxis.cli.node_log import log_to_stderr
from shortaxis.cli.paths import typed_path
from shortaxis.files.plain_json import to_json_text

if TYPE_CHECKING:
    from shortaxis.service.retrieval.retrieving import Retrieved

__all__ = ["NodeFile", "retrieve"]

NodeFile = Annotated[
    Path,
    typer.Argument(
        metavar="CONFIG", parser=typed_path, help="The node's TOML file.", show_default=False
    ),
]


def retrieve(  # noqa: PLR0913 - one parameter an option
    config: NodeFile,
    source: Annotated[
        str,
        typer.Option("--from", help="Name of the archive: a destination of the file."),
    ],
    date: Annotated[
        str | None,
        typer.Option(help="A backlog: a day or a range of days, such as 20260101-20260131."),
    ] = None,
    modality: Annotated[str, typer.Option(help="Of the backlog: NM or PT.")] = "NM",
    missing_rest: Annotated[
        bool,
        typer.Option("--missing-rest", help="What may be the rest of each stress that is alone."),
    ] = False,
    days: Annotated[
        int, typer.Option(help="With --missing-rest: days from the stress, at most.", min=0)
    ] = 30,
    prior_exams: Annotated[
        bool,
        typer.Option("--prior-exams", help="Earlier exams of each patient who has a study here."),
    ] = False,
    years: Annotated[
        int,
        typer.Option(
            help="With --prior-exams: years before the newest study of a patient, at most.",
            min=1,
            max=100,
        ),
    ] = 5,
    get: Annotated[
        bool,
        typer.Option("--get", help="Fetch it (C-GET), if the archive cannot reach the node."),
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Look only; let nothing be sent.")
    ] = False,
    as_json: JsonOutput = False,
) -> None:
    """Let an archive send to the node what it has and the node has not.

    Looks it up (C-FIND) and has it sent (C-MOVE) to the node, which must be running and known to
    the archive; with --get it is fetched instead. What is here is not sent again. The exit code is
    1 if a series was not sent.
    """
    from shortaxis.cli.exit_codes import FAILED
    from shortaxis.cli.extras import needs_extra
    from shortaxis.cli.json_errors import errors_as_json
    from shortaxis.dicom.received.queries import require_dates
    from shortaxis.service.administration import open_journal
    from shortaxis.service.settings import read_settings
    from shortaxis.service.spool import Spool

    if [date is not None, missing_rest, prior_exams].count(True) != 1:
        expected = "one of --date, --missing-rest and --prior-exams"
        raise typer.BadParameter(expected, param_hint="--date")
    with errors_as_json(as_json):
        settings = read_settings(config)
        with needs_extra("service"):
            from shortaxis.service.retrieval.query_retrieve import Archive
            from shortaxis.service.retrieval.retrieving import Retrieval
        log_to_stderr("error" if as_json else "warning")
        title = settings.node.ae_title
        archive = Archive(settings.archive(source), title)
        handed_to = settings.node_as_destination if get else None
        journal = open_journal(settings)
        retrieval = Retrieval(archive, title, Spool(settings.folder), journal, handed_to)
        if date is not None:
            wanted = retrieval.backlog(require_dates(date), modality)
        elif missing_rest:
            wanted = retrieval.missing_rests(days)
        else:
            wanted = retrieval.prior_exams(years)
        outcome = retrieval.retrieve(wanted, dry_run=dry_run)
    _show(outcome, dry_run=dry_run, as_json=as_json)
    if outcome.reasons:
        raise typer.Exit(FAILED)


def _show(outcome: Retrieved, *, dry_run: bool, as_json: bool) -> None:
    if as_json:
        record = {
            "found": outcome.found,
            "here": outcome.here,
            "missing" if dry_run else "retrieved": outcome.retrieved,
            "failed": outcome.reasons,
        }
        typer.echo(to_json_text(record), nl=False)
        return
    rest = "missing" if dry_run else "sent to the node"
    typer.echo(
        f"{outcome.found} series found: {outcome.here} here already, "
        f"{outcome.retrieved} {rest}, {len(outcome.reasons)} failed"
    )
    for reason in dict.fromkeys(outcome.reasons):
        typer.echo(f"failed: {reason}", err=True)
