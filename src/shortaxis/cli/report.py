"""``shortaxis report``: stress and rest beside each other."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

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
    WallMethodChoice,
    WallRoll,
    quantify_options,
    stated_group,
)
from shortaxis.cli.paths import typed_path
from shortaxis.cli.reading import (
    CorrectedChoice,
    ExamNumbers,
    Flips,
    Orientation,
    PixelSpacing,
    RawChoice,
    RawSettings,
    SliceSpacing,
    WholeBody,
    exam_choice,
    reading_options,
)
from shortaxis.cli.web_source import StoreBack, local_source, local_sources

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
    second_position: Annotated[
        Path | None,
        typer.Option(
            "--second-position",
            metavar="STUDY",
            parser=typed_path,
            help="The first exam once more, prone or upright: scored where both are abnormal.",
            show_default=False,
        ),
    ] = None,
    prior: Annotated[
        Path | None,
        typer.Option(
            metavar="STUDY",
            parser=typed_path,
            help="An earlier exam of the patient, or a folder with earlier stress and rest: each "
            "is compared with the exam of the same condition.",
            show_default=False,
        ),
    ] = None,
    prior_stress: Annotated[
        Path | None,
        typer.Option(
            metavar="STUDY",
            parser=typed_path,
            help="The earlier stress exam, where --prior does not tell which it is.",
            show_default=False,
        ),
    ] = None,
    prior_rest: Annotated[
        Path | None,
        typer.Option(
            metavar="STUDY",
            parser=typed_path,
            help="The earlier exam at rest, likewise.",
            show_default=False,
        ),
    ] = None,
    pose: Annotated[
        str, typer.Option(help="own: a pose for each exam; shared: that of stress for both.")
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
    force: Annotated[bool, typer.Option("--force", help="Overwrite an earlier report.")] = False,
    force_input: ReorientedInput = False,
    whole_body: WholeBody = False,
    orientation: Orientation = None,
    slice_spacing: SliceSpacing = None,
    pixel_spacing: PixelSpacing = None,
    flip: Flips = None,
    raw: RawChoice = "alone",
    raw_settings: RawSettings = None,
    corrected: CorrectedChoice = None,
    study: ExamNumbers = None,
    store_back: StoreBack = False,
    force_pair: Annotated[
        bool,
        typer.Option(
            "--force-pair",
            help="Take exams that say they are the other one, or of another patient, earlier ones "
            "too; the flag then asks for a look.",
        ),
    ] = False,
    with_identity: Annotated[
        bool,
        typer.Option(
            "--with-identity",
            help="Give report.pdf a first page with the patient's name, dates and dose, as the "
            "header has them, and room for a conclusion and a signature.",
        ),
    ] = False,
    reviewed: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            parser=typed_path,
            help="What --out of shortaxis review was: take the axes, the wall and the conclusion "
            "that a reader signed there.",
            show_default=False,
        ),
    ] = None,
    as_json: JsonOutput = False,
) -> None:
    """Report a stress and a rest exam: slices, polar maps, scores and their difference.

    Of several reconstructions the rule is: both attenuation-corrected, else both not; of energy
    windows Tc-99m, then Tl-201; gated rather than ungated. --corrected and --study choose instead.
    Of supine and prone or upright the supine exam is shown, and both are scored together.
    Stress and rest are cut with a pose of their own, at the same distances from the apex. Writes
    report.html with everything in it, the same as report.pdf and PNG pictures, study_report.json
    and segments.csv, and of DICOM input documents for the archive. One exam makes a report, too.
    With --prior a page compares them with an earlier exam of the same patient.
    Values are not interchangeable with those of other software.
    """
    from shortaxis.cli.json_errors import errors_as_json
    from shortaxis.cli.progress import progress_bar
    from shortaxis.cli.report_tables import show_report
    from shortaxis.workflow.study_report.earlier.finding import EarlierPaths
    from shortaxis.workflow.study_report.requests import StudyReportRequest, make_study_report

    with (
        errors_as_json(as_json),
        local_source(stress, store_back=store_back, quiet=as_json) as source,
        local_source(rest, quiet=as_json) if rest else nullcontext() as source_of_rest,
        local_sources((prior, prior_stress, prior_rest), quiet=as_json) as earlier,
    ):
        stated = stated_group(sex, attenuation, tracer, camera_kind)
        options = quantify_options(method, weights, roll, normals, wall, stated, phase)
        request = StudyReportRequest(
            source.path,
            source_of_rest.path if source_of_rest else None,
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
            choice=exam_choice(corrected, study),
            with_identity=with_identity,
            second_position=second_position,
            reviewed=reviewed,
            origin=source.object_origin,
            earlier=EarlierPaths(*earlier),
        )
        with progress_bar("Reporting", quiet=as_json) as update:
            made = make_study_report(request, out, progress=update)
        stored = source.store(made.files)
    show_report(made, as_json=as_json, told=stored)
