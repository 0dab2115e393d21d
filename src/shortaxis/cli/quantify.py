"""``shortaxis quantify``: polar map, 17 segments and scores."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from shortaxis.cli.arguments import (
    EstimatorMethod,
    JsonOutput,
    NetworkWeights,
    NormalLimitsChoice,
    PhaseChoice,
    ReorientedInput,
    ResultsFolder,
    StatedCamera,
    StatedCorrection,
    StatedSex,
    StatedTracer,
    StudyInput,
    WallHandFile,
    WallMethodChoice,
    WallRoll,
    quantify_options,
    stated_group,
)
from shortaxis.cli.paths import typed_path
from shortaxis.cli.reading import (
    CorrectedChoice,
    Flips,
    Orientation,
    PixelSpacing,
    RawChoice,
    RawSettings,
    SeriesUid,
    SliceSpacing,
    StudyNumber,
    WholeBody,
    exam_choice,
    reading_options,
    study_choice,
)
from shortaxis.cli.web_source import local_source

if TYPE_CHECKING:
    from shortaxis.workflow.study_report.requests import StudyReportRequest

__all__ = ["quantify"]


def quantify(  # noqa: PLR0913 - one parameter an option
    input_path: StudyInput,
    out: ResultsFolder,
    rest: Annotated[
        Path | None,
        typer.Option(
            metavar="STUDY",
            parser=typed_path,
            help="The same patient at rest; INPUT is under stress then.",
            show_default=False,
        ),
    ] = None,
    pose: Annotated[
        str,
        typer.Option(help="With --rest, own: a pose for each; shared: that of stress for both."),
    ] = "own",
    method: EstimatorMethod = None,
    weights: NetworkWeights = None,
    roll: WallRoll = "conventional",
    normals: NormalLimitsChoice = "simulated-clinical",
    sex: StatedSex = None,
    attenuation: StatedCorrection = None,
    tracer: StatedTracer = None,
    camera_kind: StatedCamera = None,
    wall: WallMethodChoice = "tracing",
    phase: PhaseChoice = "onset",
    wall_by_hand: WallHandFile = None,
    series: SeriesUid = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite earlier results.")] = False,
    force_input: ReorientedInput = False,
    whole_body: WholeBody = False,
    orientation: Orientation = None,
    slice_spacing: SliceSpacing = None,
    pixel_spacing: PixelSpacing = None,
    flip: Flips = None,
    raw: RawChoice = "alone",
    raw_settings: RawSettings = None,
    corrected: CorrectedChoice = None,
    study: StudyNumber = None,
    force_pair: Annotated[
        bool,
        typer.Option(
            "--force-pair",
            help="With --rest: take exams that say they are the other one, or of another patient.",
        ),
    ] = False,
    as_json: JsonOutput = False,
) -> None:
    """Trace the left ventricle, lay its wall flat, and score the 17 segments.

    Takes transaxial studies, and short-axis slices of any origin with --force-input, whose axes are
    kept. Writes quantification.json, segments.csv and quantification.png. Scores are by normal
    limits of studies like this one; where none fit, nothing is scored. Values are not
    interchangeable with those of other software. Several studies get one folder each. With --rest
    the files hold stress, rest and their difference. The exit code is 1 if any study failed, 2 if
    the command line is wrong.
    """
    from shortaxis.cli.json_errors import errors_as_json
    from shortaxis.cli.progress import progress_bar
    from shortaxis.cli.quantification_tables import SCORES
    from shortaxis.cli.study_outcomes import show_outcomes
    from shortaxis.workflow.quantify.requests import QuantifyRequest
    from shortaxis.workflow.quantify.wall_by_hand import require_one_study
    from shortaxis.workflow.studies.finding import find_studies
    from shortaxis.workflow.studies.loop import outcomes_of
    from shortaxis.workflow.study_report.requests import StudyReportRequest

    if rest is None and (pose.lower() != "own" or force_pair):
        raise typer.BadParameter(
            "--pose and --force-pair are about two exams; name the other one", param_hint="--rest"
        )
    if rest is not None and series is not None:
        raise typer.BadParameter(
            "a series names one study, not stress and rest", param_hint="--rest"
        )
    if rest is not None and wall_by_hand is not None:
        raise typer.BadParameter(
            "what was set by hand is of one exam, not of two", param_hint="--wall-by-hand"
        )
    if rest is not None and study is not None:
        raise typer.BadParameter(
            "--study names one study; shortaxis report takes numbers of both", param_hint="--rest"
        )
    with (
        errors_as_json(as_json),
        local_source(input_path, quiet=as_json) as source,
        local_source(rest, quiet=as_json) if rest else nullcontext() as source_of_rest,
    ):
        options = quantify_options(
            method,
            weights,
            roll,
            normals,
            wall,
            stated_group(sex, attenuation, tracer, camera_kind),
            phase,
        )
        if source_of_rest is not None:
            _quantify_pair(
                StudyReportRequest(
                    source.path,
                    source_of_rest.path,
                    options,
                    pose=pose.lower(),
                    force=force,
                    reading=reading_options(
                        force_input,
                        whole_body,
                        orientation,
                        slice_spacing,
                        pixel_spacing,
                        flip,
                        raw,
                        raw_settings,
                    ),
                    force_pair=force_pair,
                    numbers_only=True,
                    choice=exam_choice(corrected, None),
                ),
                out,
                as_json=as_json,
            )
            return
        reading = reading_options(
            force_input,
            whole_body,
            orientation,
            slice_spacing,
            pixel_spacing,
            flip,
            raw,
            raw_settings,
        )
        choice = study_choice(corrected, study)
        found = find_studies(source.path, series_uid=series, options=reading, choice=choice)
        require_one_study(wall_by_hand, len(found.studies))
        request = QuantifyRequest(options, force, wall_by_hand)
        outcomes = []
        with progress_bar("Quantifying", quiet=as_json) as update:
            for outcome in outcomes_of(found, out, request):
                outcomes.append(outcome)
                update(len(outcomes), len(found.studies))
    show_outcomes(found, outcomes, SCORES, as_json=as_json)


def _quantify_pair(request: StudyReportRequest, out: Path, *, as_json: bool) -> None:
    from shortaxis.cli.progress import progress_bar
    from shortaxis.cli.report_tables import show_report
    from shortaxis.workflow.study_report.requests import make_study_report

    with progress_bar("Quantifying", quiet=as_json) as update:
        made = make_study_report(request, out, progress=update)
    show_report(made, as_json=as_json)
