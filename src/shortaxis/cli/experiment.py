"""``shortaxis experiment``: the paper's networks over the paper's protocol."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from shortaxis.cli.arguments import CohortsFolder, ConfigFile
from shortaxis.cli.paths import typed_path

__all__ = ["experiment"]

experiment = typer.Typer(
    name="experiment",
    help="The paper's networks, trained and tested as the paper does.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

ExperimentFolder = Annotated[
    Path,
    typer.Option(
        "--out",
        "-o",
        metavar="FOLDER",
        parser=typed_path,
        help="Folder of the experiment; one that was stopped goes on there.",
        show_default=False,
    ),
]


@experiment.command()
def run(
    config: ConfigFile,
    out: ExperimentFolder,
    cohorts: CohortsFolder = Path("cohorts"),
    method: Annotated[
        list[str] | None, typer.Option(help="Only this method of CONFIG; may be given again.")
    ] = None,
    fold: Annotated[
        list[int] | None, typer.Option(help="Only this fold, from 1; may be given again.")
    ] = None,
    workers: Annotated[int, typer.Option(help="Processes that read images.")] = 0,
) -> None:
    """Train the methods of CONFIG on every fold, and write what they predict.

    FOLDER/METHOD/fold-N gets a checkpoint after every epoch, from which a stopped experiment goes
    on exactly, and predictions.csv: the six parameters of the exams that the fold validates on and
    of the test, true and predicted. What has been predicted is not trained again.
    FOLDER/images holds the images that are learnt from, which all networks share.
    Needs the extra: pip install "shortaxis[train]".
    """
    from shortaxis.cli.configurations import errors_name_file
    from shortaxis.cli.extras import needs_extra
    from shortaxis.cli.progress import passing_bar

    with needs_extra("train"):
        from shortaxis.training.paper.experiment import read_experiment
        from shortaxis.training.paper.running import run_experiment
    with errors_name_file(config):
        settings = read_experiment(config, cohorts)
        making = passing_bar("Making images")
        paths = run_experiment(
            settings, out, methods=method, folds=fold, workers=workers, making=making
        )
        for path in paths:
            typer.echo(str(path))


@experiment.command("time")
def time_methods(
    config: ConfigFile,
    out: ExperimentFolder,
    cohorts: CohortsFolder = Path("cohorts"),
    rounds: Annotated[int, typer.Option(help="How often each method is timed.", min=1)] = 5,
    threads: Annotated[int, typer.Option(help="Threads of the CPU; 0: as many as there are.")] = 0,
) -> None:
    """Measure what the methods of CONFIG cost, side by side, for the report.

    FOLDER/timing.json gets parameters, minutes of training for an epoch and seconds for an exam.
    Let nothing else run meanwhile. Needs the extra: pip install "shortaxis[train]".
    """
    from shortaxis.cli.configurations import errors_name_file
    from shortaxis.cli.extras import needs_extra

    with needs_extra("train"):
        from shortaxis.training.paper.experiment import read_experiment
        from shortaxis.training.paper.timing import write_costs
    with errors_name_file(config):
        typer.echo(str(write_costs(read_experiment(config, cohorts), out, rounds, threads)))


@experiment.command()
def report(
    config: ConfigFile,
    out: ExperimentFolder,
    cohorts: CohortsFolder = Path("cohorts"),
    force: Annotated[bool, typer.Option("--force", help="Replace an earlier report.")] = False,
) -> None:
    """Write the paper's tables and figures from what has been predicted so far.

    FOLDER/report gets Table 1 and paired comparisons as Markdown, LaTeX and CSV, and Figures 3 to
    7 as PNG and SVG, of the methods and folds that there are. Test exams are read for the figures
    that show them. Needs the extra: pip install "shortaxis[train]".
    """
    from shortaxis.cli.configurations import errors_name_file
    from shortaxis.cli.extras import needs_extra
    from shortaxis.cli.progress import progress_bar

    with needs_extra("train"):
        from shortaxis.training.paper.experiment import read_experiment
        from shortaxis.training.paper.report import write_experiment_report
    with errors_name_file(config):
        settings = read_experiment(config, cohorts)
    with progress_bar("Tables and figures") as update:
        paths = write_experiment_report(settings, out, force=force, progress=update)
    for path in paths:
        typer.echo(str(path))
