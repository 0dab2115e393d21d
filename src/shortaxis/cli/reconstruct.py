"""``shortaxis reconstruct``: raw projections in, transaxial slices out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from shortaxis.cli.arguments import JsonOutput, ResultsFolder, StudyInput
from shortaxis.cli.paths import typed_path
from shortaxis.cli.reading import (
    PixelSpacing,
    RawSettings,
    SeriesUid,
    StudyNumber,
    reading_options,
)
from shortaxis.cli.void_options import refuse_void_of_reconstruction, typed_options
from shortaxis.cli.web_source import StoreBack, local_source

__all__ = ["reconstruct"]


def reconstruct(  # noqa: PLR0913 - one parameter an option
    context: typer.Context,
    input_path: StudyInput,
    out: ResultsFolder,
    preset: Annotated[
        str | None,
        typer.Option(
            help="standard, general-purpose, gated, thallium, fbp or resolution-recovery; "
            "default: what suits each study. Other options change it."
        ),
    ] = None,
    method: Annotated[str | None, typer.Option(help="osem or fbp.")] = None,
    iterations: Annotated[int | None, typer.Option(help="OSEM: passes over all views.")] = None,
    subsets: Annotated[int | None, typer.Option(help="OSEM: updates in each pass.")] = None,
    filter_kind: Annotated[
        str | None,
        typer.Option("--filter", help="none, butterworth, hann or gaussian, in three dimensions."),
    ] = None,
    cutoff: Annotated[
        float | None, typer.Option(help="Butterworth and Hann: cutoff, in --cutoff-unit.")
    ] = None,
    cutoff_unit: Annotated[
        str, typer.Option(metavar="UNIT", help="cycles/cm, or nyquist: a part of Nyquist.")
    ] = "cycles/cm",
    order: Annotated[float | None, typer.Option(help="Butterworth: order.")] = None,
    fwhm: Annotated[
        float | None, typer.Option(metavar="MM", help="Gaussian: full width at half maximum.")
    ] = None,
    resolution_recovery: Annotated[
        bool | None,
        typer.Option(
            "--resolution-recovery/--no-resolution-recovery",
            help="OSEM: model the collimator, which header or --collimator names.",
        ),
    ] = None,
    attenuation_map: Annotated[
        Path | None,
        typer.Option(
            metavar="PATH",
            parser=typed_path,
            help="Correct attenuation with a CT series (folder), an NM map or a NIfTI file.",
        ),
    ] = None,
    map_unit: Annotated[
        str | None,
        typer.Option(metavar="UNIT", help="per_cm or hounsfield; default: as the map tells."),
    ] = None,
    force_map: Annotated[
        bool,
        typer.Option(
            "--force-map",
            help="Take a map of another patient or frame of reference. Flags the result.",
        ),
    ] = False,
    scatter: Annotated[
        str | None, typer.Option(help="none, or dual or triple from further energy windows.")
    ] = None,
    motion: Annotated[
        str, typer.Option(help="report, correct or ignore motion of the patient.")
    ] = "report",
    start_angle: Annotated[
        str | None,
        typer.Option(
            metavar="DEG[,DEG]",
            help="Angle of the first view of each head, if the file does not say: 0 at the back, "
            "90 at the patient's left. Flags the result.",
        ),
    ] = None,
    rotation_direction: Annotated[
        str | None,
        typer.Option(
            metavar="CW|CC",
            help="CC: angles grow; CW: they fall, from the right over the front to the left. Flags "
            "the result.",
        ),
    ] = None,
    scan_arc: Annotated[
        float | None,
        typer.Option(metavar="DEG", help="Arc that one head covers. Flags the result."),
    ] = None,
    radius: Annotated[
        float | None,
        typer.Option(
            metavar="MM", help="From the axis of rotation to the collimator. Flags the result."
        ),
    ] = None,
    pixel_spacing: PixelSpacing = None,
    collimator: Annotated[
        str | None, typer.Option(help="Name of the collimator, such as LEHR. Flags the result.")
    ] = None,
    energy_window: Annotated[
        int | None,
        typer.Option(
            metavar="N", help="Number of the window that is reconstructed. Flags the result."
        ),
    ] = None,
    flip: Annotated[
        list[str] | None,
        typer.Option(
            "--flip",
            metavar="AXIS",
            help="rows or columns of the views run the other way than the file says; may be given "
            "again. Flags the result.",
        ),
    ] = None,
    raw_settings: RawSettings = None,
    formats: Annotated[
        str, typer.Option("--format", help="dicom, nifti or dicom,nifti.")
    ] = "dicom",
    series: SeriesUid = None,
    study: StudyNumber = None,
    store_back: StoreBack = False,
    force: Annotated[bool, typer.Option("--force", help="Overwrite earlier results.")] = False,
    as_json: JsonOutput = False,
) -> None:
    """Reconstruct raw projections (NM TOMO, GATED TOMO) to transaxial slices.

    Writes transaxial series, reconstruction.json and reconstruction.png. Several studies get one
    folder each. The exit code is 1 if any study could not be reconstructed, 2 if the command line
    is wrong.
    """
    from dataclasses import replace

    from shortaxis.cli.json_errors import errors_as_json
    from shortaxis.cli.progress import progress_bar
    from shortaxis.cli.reconstruction_tables import RECONSTRUCTIONS
    from shortaxis.cli.study_outcomes import show_outcomes
    from shortaxis.spect.stated_acquisition import StatedAcquisition
    from shortaxis.spect.stated_reconstruction import StatedReconstruction
    from shortaxis.workflow.reconstruct.options import Asked
    from shortaxis.workflow.reconstruct.requests import (
        ReconstructRequest,
        projections_among,
        reading_of_projections,
    )
    from shortaxis.workflow.reconstruct.writing import WritingOptions
    from shortaxis.workflow.studies.finding import StudyChoice, find_studies
    from shortaxis.workflow.studies.loop import outcomes_of

    with (
        errors_as_json(as_json),
        local_source(input_path, store_back=store_back, quiet=as_json) as source,
    ):
        reading = reading_options(
            pixel_spacing=pixel_spacing, flips=flip, raw_settings=raw_settings
        )
        stated = StatedReconstruction(
            preset=preset,
            method=method,
            iterations=iterations,
            subsets=subsets,
            scatter=scatter,
            filter_kind=filter_kind,
            cutoff=cutoff,
            cutoff_unit=cutoff_unit,
            order=order,
            fwhm_mm=fwhm,
            resolution_recovery=resolution_recovery,
            motion=motion,
        )
        asked = Asked(stated.over(reading.reconstruction), attenuation_map, map_unit, force_map)
        refuse_void_of_reconstruction(typed_options(context), asked.stated)
        acquisition = StatedAcquisition(
            _angles(start_angle), rotation_direction, scan_arc, radius, collimator, energy_window
        )
        reading = replace(
            reading_of_projections(reading), acquisition=acquisition.over(reading.acquisition)
        )
        output = WritingOptions(_split(formats), origin=source.object_origin)
        request = ReconstructRequest(asked, output, force)
        with progress_bar("Looking at files", quiet=as_json or input_path.is_file()) as update:
            everything = find_studies(
                source.path,
                series_uid=series,
                options=reading,
                choice=StudyChoice(number=study),
                progress=update,
            )
        found = projections_among(everything, source.path)
        total = len(found.studies)
        outcomes = []
        with progress_bar("Reconstructing", quiet=as_json or total == 1) as update:
            for outcome in outcomes_of(found, out, request):
                outcomes.append(outcome)
                update(len(outcomes), total)
        stored = source.store(path for each in outcomes for path in each.files)
    show_outcomes(found, outcomes, RECONSTRUCTIONS, as_json=as_json, told=stored)


def _split(formats: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in formats.split(","))


def _angles(typed: str | None) -> tuple[float, ...]:
    from shortaxis.errors import OptionError

    try:
        return () if typed is None else tuple(float(part) for part in typed.split(","))
    except ValueError:
        raise OptionError(
            "start angle is no angle", expected="a number of degrees for each head, such as 225 or "
            "225,135", found=str(typed),
        ) from None  # fmt: skip
