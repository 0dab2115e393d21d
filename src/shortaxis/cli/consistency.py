"""``shortaxis consistency``: does the pose follow known motions of the input."""

from __future__ import annotations

from typing import Annotated

import typer

from shortaxis.cli.arguments import (
    JsonOutput,
    NetworkWeights,
    ResultsFolder,
    StudyInput,
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
from shortaxis.cli.web_source import local_source

__all__ = ["consistency"]


def consistency(  # noqa: PLR0913 - one parameter an option
    input_path: StudyInput,
    out: ResultsFolder,
    method: Annotated[
        str | None, typer.Option(help="Estimator; default: that of shortaxis reorient.")
    ] = None,
    weights: NetworkWeights = None,
    motions: Annotated[int, typer.Option(help="Number of motions, 1 to 1000.")] = 40,
    seed: Annotated[int, typer.Option(help="Seed of the motions, 0 or more.")] = 0,
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
    as_json: JsonOutput = False,
) -> None:
    """Turn and shift studies by known motions, estimate again, and tell the spread of the poses.

    Motions are up to 25 degrees and 20 mm. How far the poses lie apart once they are moved back
    needs no truth: a large spread means a large error; a small one proves nothing. Writes
    consistency.json and consistency.png.
    Several studies get one folder each. The exit code is 1 if any study could not be measured,
    2 if the command line is wrong.
    """
    from shortaxis.cli.consistency_tables import SPREADS
    from shortaxis.cli.json_errors import errors_as_json
    from shortaxis.cli.progress import progress_bar
    from shortaxis.cli.study_outcomes import show_outcomes
    from shortaxis.workflow.consistency.options import ConsistencyOptions
    from shortaxis.workflow.consistency.requests import ConsistencyRequest
    from shortaxis.workflow.studies.finding import find_studies
    from shortaxis.workflow.studies.loop import outcomes_of

    with errors_as_json(as_json), local_source(input_path, quiet=as_json) as source:
        chosen = {} if method is None else {"method": method}
        options = ConsistencyOptions(weights=weights, motions=motions, seed=seed, **chosen)
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
        with progress_bar("Estimating again", quiet=as_json) as update:
            outcomes = list(outcomes_of(found, out, ConsistencyRequest(options, force, update)))
    show_outcomes(found, outcomes, SPREADS, as_json=as_json)
