"""What a batch has made: one line of counts, and every study and file that came to nothing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from shortaxis.cli.counted import counted
from shortaxis.cli.exit_codes import FAILED
from shortaxis.cli.reason_lines import FileReason, reason_lines
from shortaxis.errors import ShortAxisError
from shortaxis.files.plain_json import to_json_text
from shortaxis.workflow.batch.left_out import Outcome, outcome_of

if TYPE_CHECKING:
    from shortaxis.cli.batch_storing import StoredBatch
    from shortaxis.workflow.batch.running import BatchResult

__all__ = ["show_batch"]


def show_batch(
    result: BatchResult,
    table: Path,
    page: Path,
    *,
    as_json: bool,
    not_fetched: ShortAxisError | None = None,
    stored: StoredBatch | None = None,
) -> None:
    """Print counts, reasons and files, or all of it as JSON.

    Raises
    ------
    typer.Exit
        With 1 if an exam could not be read or reoriented, or there was none, or if studies did not
        come from a server, as `not_fetched` tells, or results are not all there, as `stored` does.
    """
    outcomes = [outcome_of(each) for each in result.rows]
    failed, not_read, not_used = (
        outcomes.count(each) for each in (Outcome.FAILED, Outcome.NOT_READ, Outcome.NOT_USED)
    )
    counts = {
        "studies": len(result.records),
        "done": result.done,
        "kept": result.kept,
        "changed": result.changed,
        "failed": failed,
        "to_review": sum(each.get("flag") == "review" for each in result.records),
        "not_read": not_read,
        "not_used": not_used,
        "skipped_files": len(result.skipped),
    }
    rows = [_row(each) for each in result.rows if each.get("error")]
    files = {"results": str(table), "page": str(page)}
    not_stored = None if stored is None else stored.error
    errors = [each for each in (not_fetched, not_stored) if each is not None]
    if as_json:
        told = {**counts, "left_out": rows, "errors": [each.to_dict() for each in errors], **files}
        if stored is not None:
            told["stored_back"] = stored.to_dict()
        typer.echo(to_json_text(told), nl=False)
    else:
        _print(counts, rows, files)
        if stored is not None:
            typer.echo(stored.words)
        for error in errors:
            typer.secho(f"error: {error}", err=True, fg=typer.colors.RED)
    if failed or not_read or not result.records or errors:
        raise typer.Exit(FAILED)


def _row(record: dict[str, Any]) -> dict[str, str | int | None]:
    return {
        "outcome": outcome_of(record),
        "key": record["key"],
        "path": record.get("path"),
        "reason": record["error"],
        "way_on": record.get("way_on", ""),
        "files": record.get("files", 1),
    }


def _print(
    counts: dict[str, int], rows: list[dict[str, str | int | None]], files: dict[str, str]
) -> None:
    typer.echo(
        f"{counted(counts['studies'], 'studies')}: {counts['done']} done, "
        f"{counts['kept']} kept of earlier runs; {counts['to_review']} to review, "
        f"{counts['failed']} failed; left out: "
        f"{counted(counts['not_read'], 'exams')} that could not be read, "
        f"{counts['not_used']} other {'file' if counts['not_used'] == 1 else 'files'}"
    )
    if counts["changed"]:
        typer.echo(f"Done again, since they hold other counts than before: {counts['changed']}")
    # Nobody needs it before there is something to show.
    from rich.console import Console

    console = Console()
    told = [
        FileReason(str(row["outcome"]), _name_of(row), str(row["reason"]), str(row["way_on"] or ""))
        for row in rows
    ]
    for line in reason_lines(told, "results.parquet lists all"):
        console.print(line, style="dim", soft_wrap=True, markup=False, highlight=False)
    for path in files.values():
        typer.echo(path)


def _name_of(row: dict[str, str | int | None]) -> str:
    more = int(row["files"] or 1) - 1 if row["outcome"] != Outcome.FAILED.value else 0
    return f"{row['path'] or row['key']}" + (f" and {more} more" if more else "")
