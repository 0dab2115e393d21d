"""``shortaxis simulate``: exams with exactly known pose."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import typer

from shortaxis.cli.arguments import ClusterAddress, ResumedFolder
from shortaxis.cli.counted import counted

__all__ = ["simulate"]


def simulate(  # noqa: PLR0913 - one parameter an option
    out: ResumedFolder,
    preset: Annotated[
        str, typer.Option(help="paper, clinical, wide, parallel or mirrored.")
    ] = "clinical",
    count: Annotated[int, typer.Option(help="Number of exams.")] = 10,
    seed: Annotated[int, typer.Option(help="Seed of the first exam; the next ones follow.")] = 0,
    workers: Annotated[int, typer.Option(help="Processes.")] = 1,
    scheduler: ClusterAddress = None,
    form: Annotated[
        str, typer.Option("--format", help="dicom, or compact for training.")
    ] = "dicom",
    gates: Annotated[int, typer.Option(help="Time slots of the cardiac cycle; 0: ungated.")] = 0,
    preset_version: Annotated[
        int, typer.Option(help="1: as published first; 2: hearts as measured in patients.")
    ] = 2,
    projections: Annotated[
        bool, typer.Option("--projections", help="Write the raw projections as NM TOMO, too.")
    ] = False,
) -> None:
    """Simulate exams whose pose is known exactly.

    Writes one transaxial NM object an exam with its true pose.json and its scenario.json (or one
    compact file), and index.parquet. The same seed gives the same exam, whatever the number of
    workers. Needs the extra: pip install "shortaxis[simulate]".
    """
    from shortaxis.cli.extras import needs_extra
    from shortaxis.cli.progress import progress_bar

    with needs_extra("simulate"), progress_bar("Simulating") as update:
        from shortaxis.simulation.cohort import CohortRequest, simulate_cohort
        from shortaxis.simulation.exam_files import cohort_format
        from shortaxis.workflow.batch.workforce import workforce

        request = CohortRequest(
            preset, count, seed, cohort_format(form), gates, preset_version, projections
        )
        simulated = partial(simulate_cohort, request, out, workers=workers, progress=update)
        if scheduler is None:
            summary = simulated()
        else:
            with workforce(scheduler) as cluster:
                summary = simulated(shared_out=cluster.each)
    if summary.found:
        were = "was" if summary.found == 1 else "were"
        typer.echo(f"{counted(summary.found, 'exams')} {were} there already")
    typer.echo(counted(summary.made, "exams simulated"))
    typer.echo(str(summary.index))
