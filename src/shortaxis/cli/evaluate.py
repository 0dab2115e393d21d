"""``shortaxis evaluate``: how far poses are from the truth over a cohort."""

from __future__ import annotations

import shlex
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from shortaxis.cli.arguments import ClusterAddress, MethodChoices, ResultsFolder
from shortaxis.cli.counted import counted
from shortaxis.cli.exit_codes import FAILED
from shortaxis.cli.paths import typed_path

if TYPE_CHECKING:
    from shortaxis.evaluation.cohorts.cohort import Cohort
    from shortaxis.evaluation.evaluating import EvaluationRequest
    from shortaxis.evaluation.scores.cohort_evaluation import CohortEvaluation
    from shortaxis.evaluation.scores.method_evaluation import MethodEvaluation

__all__ = ["evaluate"]

FIRST_LISTED = 5
"""Exams without a pose that the terminal names."""


def evaluate(  # noqa: PLR0913 - one parameter an option
    cohort: Annotated[
        str,
        typer.Argument(
            metavar="COHORT",
            help="A folder of shortaxis simulate, review export or import-physionet, or a "
            "benchmark: clinical-1000, wide-1000.",
            show_default=False,
        ),
    ],
    out: ResultsFolder,
    method: MethodChoices = None,
    poses: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            parser=typed_path,
            help="Score pose.json files too: SEED/pose.json or SEED.json.",
        ),
    ] = None,
    poses_name: Annotated[str, typer.Option(help="What to call these poses.")] = "poses",
    cohorts: Annotated[
        Path,
        typer.Option(
            metavar="FOLDER", parser=typed_path, help="Where benchmark cohorts are, or are made."
        ),
    ] = Path("cohorts"),
    workers: Annotated[int, typer.Option(help="Processes.")] = 1,
    scheduler: ClusterAddress = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite earlier results.")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print evaluation.json instead of a summary.")
    ] = False,
) -> None:
    """Compare poses with the truth over a cohort of simulated or reviewed exams.

    Writes evaluation.json, evaluation.md, evaluation.html, errors.csv and figures. A benchmark
    whose exams are not there is simulated first, which needs the extra "simulate". Of an index of
    wall masks (import-physionet) walls are compared, not poses: walls.json, walls.csv and a picture
    of each study. The exit code is 1 if the exams are not those of the published benchmark, or a
    study with a mask could not be compared.
    """
    from shortaxis.cli.benchmark_cohorts import cohort_folder, find_or_make_cohort
    from shortaxis.cli.json_errors import errors_as_json
    from shortaxis.evaluation.evaluating import EvaluationRequest
    from shortaxis.evaluation.report.files import (
        refuse_earlier_evaluation,
        refuse_results_among_inputs,
    )
    from shortaxis.evaluation.walls.masks.index import is_mask_index
    from shortaxis.reorientation.methods import METHODS

    if is_mask_index(Path(cohort)):
        from shortaxis.cli.evaluate_masks import evaluate_masks

        evaluate_masks(Path(cohort), out, method, force=force, as_json=as_json)
        return
    with errors_as_json(as_json):
        request = EvaluationRequest(
            methods=tuple(method or METHODS),
            poses=poses,
            poses_name=poses_name,
            workers=workers,
            scheduler=scheduler,
            command=shlex.join(["shortaxis", *sys.argv[1:]]),
        )
        inputs = [cohort_folder(cohort, cohorts), *([] if poses is None else [poses])]
        refuse_results_among_inputs(out, inputs)
        if not force:
            refuse_earlier_evaluation(out)
        found = find_or_make_cohort(cohort, cohorts, workers, quiet=as_json)
        evaluation = _evaluated(found, request, out, quiet=as_json)
    _show(evaluation, out, as_json=as_json)
    from shortaxis.evaluation.cohorts.benchmarks import CheckState

    if evaluation.check.state is CheckState.DIFFERENT:
        raise typer.Exit(FAILED)


def _evaluated(
    cohort: Cohort, request: EvaluationRequest, out: Path, *, quiet: bool
) -> CohortEvaluation:
    from shortaxis.cli.progress import progress_bar
    from shortaxis.evaluation.cohorts.cohort import read_exam_volume
    from shortaxis.evaluation.evaluating import evaluate_cohort
    from shortaxis.evaluation.figures.all_figures import count_figures, draw_figures
    from shortaxis.evaluation.report.files import write_evaluation

    bar = partial(progress_bar, quiet=quiet)
    evaluation = evaluate_cohort(cohort, request, bar)
    drawn = []
    with bar("Drawing") as update:
        for each in draw_figures(evaluation, lambda seed: read_exam_volume(cohort.path_of(seed))):
            drawn.append(each)
            update(len(drawn), count_figures(evaluation))
    write_evaluation(evaluation, drawn, out)
    return evaluation


def _show(evaluation: CohortEvaluation, out: Path, *, as_json: bool) -> None:
    from shortaxis.evaluation.report.content import check_words
    from shortaxis.evaluation.report.files import RECORD_FILE

    if as_json:
        typer.echo((out / RECORD_FILE).read_text(encoding="utf-8"), nl=False)
        return
    typer.echo(check_words(evaluation.check))
    for method in evaluation.methods:
        _show_method(method)
    typer.echo(str(out / "evaluation.html"))


def _show_method(method: MethodEvaluation) -> None:
    from shortaxis.evaluation.scores.wording import (
        no_exam_words,
        proportion_words,
        statistics_words,
    )

    overall = method.overall
    axis, center = (overall.errors[name] for name in ("long_axis_deg", "center_mm"))
    typer.echo(f"{method.method}: {counted(overall.exams, 'exams')}, {_without_words(method)}")
    if method.files_of_no_exam:
        typer.echo(f"  {no_exam_words(method.files_of_no_exam)}")
    typer.echo(f"  long axis, median / 95th / max: {statistics_words(axis)} degrees")
    typer.echo(f"  centre, median / 95th / max: {statistics_words(center)} mm")
    typer.echo(f"  failures: {proportion_words(overall.failures)}")
    typer.echo(f"  accepted failures: {proportion_words(overall.unflagged_failures)}")


def _without_words(method: MethodEvaluation) -> str:
    """How many exams have no pose, and the first of them."""
    from shortaxis.evaluation.scores.exam_estimate import Absence
    from shortaxis.evaluation.scores.wording import listed

    seeds = sorted(seed for absence in Absence for seed in method.seeds_without(absence))
    words = f"{len(seeds)} without a pose"
    return f"{words}: {listed(seeds, FIRST_LISTED)}" if seeds else words
