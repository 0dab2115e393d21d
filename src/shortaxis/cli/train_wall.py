"""``shortaxis train-wall``: from simulated exams to the network that draws the wall."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from shortaxis.cli.arguments import CohortsFolder, ConfigFile
from shortaxis.cli.paths import typed_path

__all__ = ["train_wall"]


def train_wall(  # noqa: PLR0913 - one parameter an option
    config: ConfigFile,
    out: Annotated[
        Path,
        typer.Option(
            "--out",
            "-o",
            metavar="FOLDER",
            parser=typed_path,
            help="Folder of the run; a run that was stopped goes on there.",
            show_default=False,
        ),
    ],
    start: Annotated[
        Path | None,
        typer.Option(
            metavar="RUN",
            parser=typed_path,
            help="Folder of another run, whose network this one begins with.",
            show_default=False,
        ),
    ] = None,
    cohorts: CohortsFolder = Path("cohorts"),
    name: Annotated[str, typer.Option(help="Name of the weights.")] = "own",
    version: Annotated[str, typer.Option(help="Version of the weights.")] = "1",
    force: Annotated[bool, typer.Option("--force", help="Overwrite earlier weights.")] = False,
) -> None:
    """Train the network that draws the wall, on simulated exams.

    Learns from the exams of CONFIG whose true wall is known, with a checkpoint after every epoch
    from which a stopped run goes on exactly, then exports the network, sets its bounds and the
    limits of its flag on the calibration exams, and writes FOLDER/weights. Without calibration
    exams it is only trained. Needs the extra: pip install "shortaxis[train]".
    """
    from shortaxis.cli.configurations import errors_name_file
    from shortaxis.cli.extras import needs_extra
    from shortaxis.cli.progress import progress_bar

    with needs_extra("train"):
        from shortaxis.training.wall.config import read_wall_config
        from shortaxis.training.wall.loop import train_wall
        from shortaxis.training.wall.packaging import package_wall, refuse_unpackable_wall
    with errors_name_file(config):
        settings = read_wall_config(config, cohorts)
        packages = bool(settings.calibration)
        if packages:
            refuse_unpackable_wall(settings, out, force=force)
        with progress_bar("Training") as update:
            checkpoint = train_wall(settings, out, start=start, progress=update)
        typer.echo(str(checkpoint))
        if packages:
            with progress_bar("Calibrating") as update:
                weights = package_wall(
                    settings, out, name=name, version=version, force=force, progress=update
                )
            typer.echo(str(weights))
