"""``shortaxis report``: stress and rest beside each other."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from shortaxis.cli.arguments import (
    EstimatorMethod,
    JsonOutput,
    NetworkWeights,
    NormalLimitsChoice,
    ReorientedInput,
    ResultsFolder,
    WallMethodChoice,
    WallRoll,
    quantify_options,
)
from shortaxis.cli.paths import typed_path
from shortaxis.cli.reading import (
    CorrectedChoice,
    ExamNumbers,
    Flips,
    Orientation,
    PixelSpacing,
    RawChoice,
    SliceSpacing,
    WholeBody,
    exam_choice,
    reading_options,
)

__all__ = ["report"]


def report(  # noqa: PLR0913 - one parameter an option
    stress: Annotated[
        Path,
        typer.Argument(
            metavar="STRESS",
            parser=typed_path,
            help="The stress exam, a single exam, or a folder with one of stress and one of rest.",
            show_default=False,
        ),
    ],
    out: ResultsFolder,
    rest: Annotated[
        Path | None,
        typer.Argument(
            metavar="REST", parser=typed_path, help="The exam at rest.", show_default=False
        ),
    ] = None,
    pose: Annotated[
        str, typer.Option(help="own: a pose for each exam; shared: that of stress for both.")
    ] = "own",
    method: EstimatorMethod = None,
    weights: NetworkWeights = None,
    roll: WallRoll = "conventional",
    normals: NormalLimitsChoice = "simulated-clinical",
    wall: WallMethodChoice = "tracing",
    force: Annotated[bool, typer.Option("--force", help="Overwrite an earlier report.")] = False,
    force_input: ReorientedInput = False,
    whole_body: WholeBody = False,
    orientation: Orientation = None,
    slice_spacing: SliceSpacing = None,
    pixel_spacing: PixelSpacing = None,
    flip: Flips = None,
    raw: RawChoice = "alone",
    corrected: CorrectedChoice = None,
    study: ExamNumbers = None,
    force_pair: Annotated[
        bool,
        typer.Option(
            "--force-pair",
            help="Take exams that say they are the other one, or of another patient; the flag then "
            "asks for a look.",
        ),
    ] = False,
    as_json: JsonOutput = False,
) -> None:
    """Report a stress and a rest exam: slices, polar maps, scores and their difference.

    Of several reconstructions the rule is: both attenuation-corrected, else both not; of energy
    windows Tc-99m, then Tl-201; gated rather than ungated. --corrected and --study choose instead.
    Stress and rest are cut with a pose of their own, at the same distances from the apex. Writes
    report.html with everything in it, the same as report.pdf and PNG pictures, study_report.json
    and segments.csv, and of DICOM input documents for the archive. One exam makes a report, too.
    Values are not interchangeable with those of other software.
    """
    from shortaxis.cli.json_errors import errors_as_json
    from shortaxis.cli.progress import progress_bar
    from shortaxis.cli.report_tables import show_report
    from shortaxis.workflow.study_report.requests import StudyReportRequest, make_study_report

    with errors_as_json(as_json):
        options = quantify_options(method, weights, roll, normals, wall)
        request = StudyReportRequest(
            stress,
            rest,
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
            ),
            force_pair=force_pair,
            choice=exam_choice(corrected, study),
        )
        with progress_bar("Reporting", quiet=as_json) as update:
            made = make_study_report(request, out, progress=update)
    show_report(made, as_json=as_json)
