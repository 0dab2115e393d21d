"""``shortaxis reorient``: transaxial study in, standard slices out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from shortaxis.cli.arguments import (
    JsonOutput,
    MethodChoice,
    NetworkWeights,
    ResultsFolder,
    StudyInput,
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
    reading_options,
    study_choice,
)
from shortaxis.cli.web_source import StoreBack, local_source
from shortaxis.reorientation.methods import DEFAULT_METHOD

__all__ = ["reorient"]


def reorient(  # noqa: PLR0913 - one parameter an option
    input_path: StudyInput,
    out: ResultsFolder,
    method: MethodChoice = DEFAULT_METHOD,
    weights: NetworkWeights = None,
    pose: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            parser=typed_path,
            help="Apply this pose.json instead of estimating a pose.",
        ),
    ] = None,
    roll: Annotated[
        str,
        typer.Option(
            help="Turn about the long axis: conventional, or anatomical (septum to the left)."
        ),
    ] = "conventional",
    spacing: Annotated[
        float | None, typer.Option(help="Voxel size of the slices in mm; default: as the input.")
    ] = None,
    size: Annotated[
        int | None, typer.Option(help="Rows and columns of the slices; default: 64 or more.")
    ] = None,
    interpolation: Annotated[
        str, typer.Option(help="Sampling of the counts: linear or cubic.")
    ] = "linear",
    formats: Annotated[
        str | None,
        typer.Option("--format", help="dicom, nifti or dicom,nifti; default: as the input."),
    ] = None,
    series: SeriesUid = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite earlier results.")] = False,
    force_input: Annotated[
        bool, typer.Option("--force-input", help="Take input that is marked as short axis.")
    ] = False,
    whole_body: WholeBody = False,
    orientation: Orientation = None,
    slice_spacing: SliceSpacing = None,
    pixel_spacing: PixelSpacing = None,
    flip: Flips = None,
    raw: RawChoice = "alone",
    raw_settings: RawSettings = None,
    corrected: CorrectedChoice = None,
    study: StudyNumber = None,
    no_sheet: Annotated[
        bool, typer.Option("--no-sheet", help="Draw no review.png, which saves its time.")
    ] = False,
    store_back: StoreBack = False,
    as_json: JsonOutput = False,
) -> None:
    """Cut transaxial studies into short-axis and long-axis slices.

    Writes short_axis, vertical_long_axis and horizontal_long_axis series, pose.json,
    transform.tfm, report.json and review.png. Several studies get one folder each. The exit
    code is 1 if any study could not be reoriented, 2 if the command line is wrong.
    """
    from shortaxis.cli.json_errors import errors_as_json
    from shortaxis.cli.pose_tables import POSES
    from shortaxis.cli.progress import progress_bar
    from shortaxis.cli.study_outcomes import show_outcomes
    from shortaxis.workflow.reorient.options import ReorientOptions
    from shortaxis.workflow.reorient.outputs import OutputOptions
    from shortaxis.workflow.reorient.requests import ReorientRequest, one_pose_for_several
    from shortaxis.workflow.repeated_slices import RepeatedSlices
    from shortaxis.workflow.studies.finding import find_studies
    from shortaxis.workflow.studies.loop import outcomes_of

    with (
        errors_as_json(as_json),
        local_source(input_path, store_back=store_back, quiet=as_json) as source,
    ):
        options = ReorientOptions(
            method=method,
            weights=weights,
            roll=roll.lower(),  # type: ignore[arg-type]  # converted and checked there
            spacing_mm=spacing,
            size=size,
            interpolation=interpolation,
        )
        output = None if formats is None else OutputOptions(formats=_split(formats))
        with progress_bar("Looking at files", quiet=as_json or input_path.is_file()) as update:
            found = find_studies(
                source.path,
                series_uid=series,
                options=reading_options(
                    force_input,
                    whole_body,
                    orientation,
                    slice_spacing,
                    pixel_spacing,
                    flip,
                    raw,
                    raw_settings,
                ),
                choice=study_choice(corrected, study),
                progress=update,
            )
        total = len(found.studies)
        if pose is not None and total != 1:
            raise one_pose_for_several(pose, found)
        asked = ReorientRequest(
            options, output, pose, force, review_sheet=not no_sheet, keeps_networks=total > 1
        )
        origin = source.object_origin
        request = asked if origin is None else RepeatedSlices(asked, origin)
        outcomes = []
        with progress_bar("Reorienting", quiet=as_json or total == 1) as update:
            for outcome in outcomes_of(found, out, request):
                outcomes.append(outcome)
                update(len(outcomes), total)
        stored = source.store(path for each in outcomes for path in each.files)
    show_outcomes(found, outcomes, POSES, as_json=as_json, told=stored)


def _split(formats: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in formats.split(","))
