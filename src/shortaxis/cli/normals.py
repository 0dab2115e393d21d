"""``shortaxis normals``: limits from healthy hearts, of patients or simulated, and sets merged."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from shortaxis.cli.arguments import (
    EstimatorMethod,
    NetworkWeights,
    ReorientedInput,
    StatedCamera,
    StatedCondition,
    StatedCorrection,
    StatedSex,
    StatedTracer,
    WallMethodChoice,
    quantify_options,
    stated_group,
)
from shortaxis.cli.counted import counted
from shortaxis.cli.paths import typed_path
from shortaxis.cli.reading import (
    CorrectedChoice,
    Flips,
    Orientation,
    PixelSpacing,
    RawChoice,
    RawSettings,
    SliceSpacing,
    WholeBody,
    correction,
    reading_options,
)
from shortaxis.cli.void_options import CheckedCommand

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from shortaxis.quantification.normal_limits import NormalSet
    from shortaxis.workflow.normals.normal_sets import BuiltNormals
    from shortaxis.workflow.normals.patients import PatientsRequest

__all__ = ["normals"]

normals = typer.Typer(
    help="Normal limits of polar maps.", no_args_is_help=True, rich_markup_mode=None
)

LimitsFile = Annotated[
    Path,
    typer.Option(
        "--out",
        "-o",
        metavar="FILE",
        parser=typed_path,
        help="File for the limits, JSON.",
        show_default=False,
    ),
]
SetName = Annotated[str, typer.Option(help="Name of the set.")]
Replace = Annotated[bool, typer.Option("--force", help="Replace an earlier file.")]


@normals.command(cls=CheckedCommand)
def build(  # noqa: PLR0913 - one parameter an option
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="FOLDER",
            parser=typed_path,
            help="Studies of healthy patients, or what shortaxis simulate or review export wrote.",
            show_default=False,
        ),
    ],
    out: LimitsFile,
    listed: Annotated[
        Path | None,
        typer.Option(
            "--list",
            metavar="CSV",
            parser=typed_path,
            help="Which exams are of healthy patients: columns file, and as far as headers do not "
            "say sex, tracer, correction, camera, condition, age.",
            show_default=False,
        ),
    ] = None,
    everyone: Annotated[
        bool, typer.Option("--all", help="Every exam in FOLDER is of a healthy patient.")
    ] = False,
    name: SetName = "own",
    by: Annotated[
        list[str] | None,
        typer.Option(
            help="Tell exams apart by this: correction, camera, tracer, sex, condition; may be "
            "given again. Default: all."
        ),
    ] = None,
    sex: StatedSex = None,
    attenuation: StatedCorrection = None,
    tracer: StatedTracer = None,
    camera: StatedCamera = None,
    condition: StatedCondition = None,
    method: EstimatorMethod = None,
    weights: NetworkWeights = None,
    roll: Annotated[
        str, typer.Option(help="Where the walls of the map are: conventional or anatomical.")
    ] = "conventional",
    wall: WallMethodChoice = "tracing",
    force: Replace = False,
    force_input: ReorientedInput = False,
    whole_body: WholeBody = False,
    orientation: Orientation = None,
    slice_spacing: SliceSpacing = None,
    pixel_spacing: PixelSpacing = None,
    flip: Flips = None,
    raw: RawChoice = "alone",
    raw_settings: RawSettings = None,
    corrected: CorrectedChoice = None,
) -> None:
    """Make normal limits from exams of patients with a low likelihood of disease.

    Mean and standard deviation of the uptake at every place of the polar map, for all exams and for
    each group of at least 20 of them. Each exam is judged by limits made without it; those that are
    called abnormal are drawn beside FILE. Of a simulated cohort the exams without a defect are
    taken. Options of reading are for folders of patients.
    """
    from shortaxis.cli.progress import progress_bar
    from shortaxis.files.staged_folder import refuse_existing, staged_folder
    from shortaxis.quantification.normal_files import normals_to_json
    from shortaxis.workflow.normals.patients import PatientsRequest

    picture = out.with_name(f"{out.stem}-outliers.png")
    if not force:
        refuse_existing(out.parent, [out.name, picture.name])
    options = quantify_options(method, weights, roll, "none", wall)
    stated = stated_group(sex, attenuation, tracer, camera, condition)
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
    with progress_bar("Quantifying") as update:
        request = PatientsRequest(folder, listed, stated, options, reading, correction(corrected))
        built = _built(request, everyone, name, by, update)
    with staged_folder(out.parent) as staging:
        (staging / out.name).write_text(normals_to_json(built.normals), encoding="utf-8")
        if built.outliers:
            from shortaxis.workflow.drawing.png import png_of
            from shortaxis.workflow.normals.outliers import draw_outliers

            (staging / picture.name).write_bytes(png_of(draw_outliers(built.outliers)))
    _show(built.normals)
    for each in built.outliers:
        typer.echo(f"outlier: {each.exam.label}, see {picture.name}")
    typer.echo(str(out))


def _built(
    asked: PatientsRequest,
    everyone: bool,
    name: str,
    by: Sequence[str] | None,
    update: Callable[[int, int], None],
) -> BuiltNormals:
    """Limits of a cohort that was simulated or reviewed, or of a folder of patients."""
    from shortaxis.evaluation.cohorts.cohort import find_cohort
    from shortaxis.evaluation.cohorts.reviewed_exams import REVIEWED
    from shortaxis.evaluation.normals_building import build_normals
    from shortaxis.simulation.cohort_folder import COHORT_FILE
    from shortaxis.workflow.normals.healthy_exams import GROUPED_BY
    from shortaxis.workflow.normals.low_likelihood_list import read_list
    from shortaxis.workflow.normals.normal_sets import SetDescription, build_normal_set
    from shortaxis.workflow.normals.patients import healthy_patients

    folder, listed, options = asked.folder, asked.listed, asked.quantify
    facts = tuple(by or GROUPED_BY)
    cohort = find_cohort(folder) if (folder / COHORT_FILE).exists() else None
    if cohort is not None and cohort.request.preset != REVIEWED:
        return build_normals(cohort, name, facts, update, options)
    if listed is None and (cohort is not None or not everyone):
        raise typer.BadParameter(
            "nobody says which exams are of healthy patients; give --list"
            + ("" if cohort else ", or --all if every one in FOLDER is"),
            param_hint="--list",
        )
    if cohort is not None and listed is not None:
        return build_normals(cohort, name, facts, update, options, read_list(listed, folder))
    found = healthy_patients(asked, update)
    for label, reason in found.left_out:
        typer.echo(f"left out: {label}: {reason}", err=True)
    source = f"{len(found.exams)} exams of patients with a low likelihood of disease"
    return build_normal_set(SetDescription(name, source, options.wall), found.exams, facts)


@normals.command(cls=CheckedCommand)
def merge(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE...", parser=typed_path, help="Sets of limits.", show_default=False
        ),
    ],
    out: LimitsFile,
    name: SetName = "merged",
    force: Replace = False,
) -> None:
    """Put the normal limits of several places together.

    Means and deviations of groups are pooled by their numbers of exams. An exam that is in two of
    the sets counts twice.
    """
    from shortaxis.files.staged_folder import refuse_existing, staged_folder
    from shortaxis.quantification.normal_files import normals_to_json, read_normals
    from shortaxis.workflow.normals.merging import merged_sets

    if not force:
        refuse_existing(out.parent, [out.name])
    merged = merged_sets([read_normals(each) for each in files], name)
    with staged_folder(out.parent) as staging:
        (staging / out.name).write_text(normals_to_json(merged), encoding="utf-8")
    _show(merged)
    typer.echo(str(out))


def _show(found: NormalSet) -> None:
    for limits in found.limits:
        typer.echo(f"{limits.group.words}: {counted(limits.exams, 'exams')}")
    for words in found.statements:
        typer.echo(words)
