"""``shortaxis import-miilab`` and ``shortaxis import-physionet``: public data sets of others."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from shortaxis.cli.arguments import ResultsFolder
from shortaxis.cli.counted import counted
from shortaxis.cli.paths import typed_path

__all__ = ["import_miilab", "import_physionet"]

FIRST_LISTED = 10
"""Files that could not be used; the table has all of them."""


def import_miilab(
    zips: Annotated[
        list[Path],
        typer.Argument(
            metavar="ZIPS...",
            parser=typed_path,
            help="Archives of the release, or folders that hold them.",
            show_default=False,
        ),
    ],
    out: ResultsFolder,
    force: Annotated[bool, typer.Option("--force", help="Overwrite an earlier import.")] = False,
) -> None:
    """Make pairs of the data set of Zhu et al. (arXiv 2208.03752), for shortaxis annotate.

    Volumes are found by what files hold and paired by their names. Writes one folder a pair,
    index.csv, and unused.csv with everything that is in no pair and why.
    """
    from shortaxis.workflow.importing.miilab import UNUSED_FILE
    from shortaxis.workflow.importing.miilab import import_miilab as run

    imported = run(zips, out, force=force)
    typer.echo(f"{counted(len(imported.names), 'pairs')} in {out}")
    _show_unused(imported.unused, out / UNUSED_FILE)


def import_physionet(
    data: Annotated[
        Path,
        typer.Argument(
            metavar="DIR",
            parser=typed_path,
            help="Folder of the database.",
            show_default=False,
        ),
    ],
    out: ResultsFolder,
    largest_part: Annotated[
        bool,
        typer.Option("--largest-part", help="Of a mask of several parts take the largest alone."),
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Overwrite an earlier index.")] = False,
) -> None:
    """Index the Myocardial Perfusion Scintigraphy Image Database: studies and their wall masks.

    Nothing is copied, unless --largest-part makes masks anew. Writes index.csv with one row a
    study, and index.json.
    """
    from shortaxis.workflow.importing.physionet import INDEX_FILE, SUMMARY_FILE
    from shortaxis.workflow.importing.physionet import import_physionet as run

    imported = run(data, out, force=force, largest_part=largest_part)
    with_mask = sum(bool(row["wall_ml"]) for row in imported.rows)
    typer.echo(f"{counted(len(imported.rows), 'studies')}, {with_mask} with a wall mask")
    alone = [(path, "is a mask of no study here") for path in imported.masks_alone]
    noted = [
        (row["mask"] or row["study"], row["note"])
        for row in imported.rows
        if row["note"] and not row["wall_ml"]
    ]
    for row in imported.rows:
        if row["note"] and row["wall_ml"]:
            typer.echo(f"largest part alone: {Path(row['mask']).name}: {row['note']}")
    _show_unused([*noted, *alone, *imported.skipped], out / SUMMARY_FILE)
    typer.echo(str(out / INDEX_FILE))


def _show_unused(unused: list[tuple[str, str]] | tuple[tuple[str, str], ...], table: Path) -> None:
    for path, reason in unused[:FIRST_LISTED]:
        typer.echo(f"not used: {path}: {reason}")
    if len(unused) > FIRST_LISTED:
        typer.echo(f"and {len(unused) - FIRST_LISTED} more in {table}")
