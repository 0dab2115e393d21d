"""``shortaxis train``: from simulated exams to weights."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from shortaxis.cli.arguments import CohortsFolder, ConfigFile
from shortaxis.cli.paths import typed_path

__all__ = ["train"]


def train(  # noqa: PLR0913 - one parameter an option
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
    cohorts: CohortsFolder = Path("cohorts"),
    stage: Annotated[
        list[str] | None, typer.Option(help="Train only this stage; may be given again.")
    ] = None,
    workers: Annotated[int, typer.Option(help="Processes that draw samples.")] = 0,
    name: Annotated[str, typer.Option(help="Name of the weights.")] = "own",
    version: Annotated[str, typer.Option(help="Version of the weights.")] = "1",
    force: Annotated[bool, typer.Option("--force", help="Overwrite earlier weights.")] = False,
) -> None:
    """Train a network on simulated exams.

    Trains the stages of CONFIG one after the other, with a checkpoint after every epoch from
    which a stopped run goes on exactly, then exports the blocks, sets their bounds and the limits
    of the flag on the calibration exams, and writes FOLDER/weights, to be used with shortaxis
    reorient --weights. A configuration of the block handedness trains the network that tells which
    way round a volume lies; its weights are the installed ones with that network.
    Exams, blocks and earlier weights are looked for before training begins; a stage that was
    trained to its end, on another machine perhaps, needs its exams no more. With --stage, or
    without calibration exams, no weights are written.
    Logs are in FOLDER/STAGE/logs. Needs the extra: pip install "shortaxis[train]".
    """
    from shortaxis.cli.configurations import errors_name_file
    from shortaxis.cli.extras import needs_extra
    from shortaxis.cli.progress import progress_bar

    with needs_extra("train"):
        from shortaxis.training.config import read_config
        from shortaxis.training.packaging import package_weights, refuse_unpackable
        from shortaxis.training.training_stages import is_trained, train_stage
    with errors_name_file(config):
        settings = read_config(config, cohorts)
    chosen = settings.chosen(stage)
    packages = bool(settings.calibration) and not stage
    with errors_name_file(config):
        todo = [one for one in chosen if not is_trained(settings, one, out)]
        if todo:
            settings.require_exams(("train", "selection"))
        if packages:
            refuse_unpackable(settings, out, force=force)
        for one in todo:
            typer.echo(str(train_stage(settings, one, out, workers=workers)))
        if packages:
            with progress_bar("Calibrating") as update:
                weights = package_weights(
                    settings, out, name=name, version=version, force=force, progress=update
                )
            typer.echo(str(weights))
