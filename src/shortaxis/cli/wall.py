"""``shortaxis wall``: endocardium, epicardium and valve plane as files."""

from __future__ import annotations

from typing import Annotated

import typer

from shortaxis.cli.arguments import (
    EstimatorMethod,
    JsonOutput,
    NetworkWeights,
    ReorientedInput,
    ResultsFolder,
    StudyInput,
    WallHandFile,
    WallRoll,
    quantify_options,
)
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

__all__ = ["wall"]


def wall(  # noqa: PLR0913 - one parameter an option
    input_path: StudyInput,
    out: ResultsFolder,
    method: EstimatorMethod = None,
    weights: NetworkWeights = None,
    roll: WallRoll = "conventional",
    drawn_by: Annotated[
        str, typer.Option("--wall", help="What finds the wall: network or tracing.")
    ] = "network",
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
    store_back: StoreBack = False,
    as_json: JsonOutput = False,
) -> None:
    """Draw the wall of the left ventricle, and write it for other programs.

    Writes wall.nii.gz (labels on the grid of the study: 1 wall, 2 cavity), endocardium.stl,
    epicardium.stl and valve_plane.stl, all three with uptake in wall.vtk (LPS, mm), wall.json, and
    of a DICOM study wall.dcm, a Segmentation in the same study.
    Takes transaxial studies, and short-axis slices with --force-input. Several studies get one
    folder each. The exit code is 1 if any study failed, 2 if the command line is wrong.
    """
    from shortaxis.cli.json_errors import errors_as_json
    from shortaxis.cli.progress import progress_bar
    from shortaxis.cli.study_outcomes import show_outcomes
    from shortaxis.cli.wall_tables import WALLS
    from shortaxis.workflow.quantify.wall_by_hand import require_one_study
    from shortaxis.workflow.studies.finding import find_studies
    from shortaxis.workflow.studies.loop import outcomes_of
    from shortaxis.workflow.wall_files.requests import WallRequest

    with (
        errors_as_json(as_json),
        local_source(input_path, store_back=store_back, quiet=as_json) as source,
    ):
        options = quantify_options(method, weights, roll, "none", drawn_by)
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
        request = WallRequest(options, force, wall_by_hand, source.object_origin)
        outcomes = []
        with progress_bar("Drawing walls", quiet=as_json) as update:
            for outcome in outcomes_of(found, out, request):
                outcomes.append(outcome)
                update(len(outcomes), len(found.studies))
        stored = source.store(path for each in outcomes for path in each.files)
    show_outcomes(found, outcomes, WALLS, as_json=as_json, told=stored)
