"""``shortaxis batch``: many studies by many processes."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from shortaxis.cli.arguments import (
    ClusterAddress,
    JsonOutput,
    MethodChoice,
    NetworkWeights,
    NormalLimitsChoice,
    PhaseChoice,
    ReorientedInput,
    ResumedFolder,
)
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
from shortaxis.cli.web_source import StoreBack, fetched_inputs, forget_fetched, not_all_fetched
from shortaxis.reorientation.methods import DEFAULT_METHOD

__all__ = ["batch"]


def batch(  # noqa: PLR0913 - one parameter an option
    inputs: Annotated[
        list[Path],
        typer.Argument(
            metavar="INPUT...",
            parser=typed_path,
            help="Files, folders and addresses of DICOMweb, of any mixture.",
            show_default=False,
        ),
    ],
    out: ResumedFolder,
    workers: Annotated[int, typer.Option(help="Processes of this machine.")] = 1,
    scheduler: ClusterAddress = None,
    time_limit: Annotated[
        float | None,
        typer.Option(help="Seconds for one study; default: none.", show_default=False),
    ] = None,
    memory_limit: Annotated[
        float | None,
        typer.Option(help="Memory of each process in MB; default: none.", show_default=False),
    ] = None,
    formats: Annotated[
        str, typer.Option("--format", help="dicom, nifti or dicom,nifti; default: as each input.")
    ] = "",
    extras: Annotated[
        str,
        typer.Option(
            "--with", help="What is made besides: sheet, quantify, report; with commas between."
        ),
    ] = "",
    deidentify: Annotated[
        bool, typer.Option("--deidentify", help="Take out what identifies a patient.")
    ] = False,
    method: MethodChoice = DEFAULT_METHOD,
    weights: NetworkWeights = None,
    roll: Annotated[str, typer.Option(help="conventional or anatomical.")] = "conventional",
    normals: NormalLimitsChoice = "simulated-clinical",
    phase: PhaseChoice = "onset",
    force: Annotated[
        bool, typer.Option("--force", help="Make results anew that were asked for otherwise.")
    ] = False,
    force_input: ReorientedInput = False,
    whole_body: WholeBody = False,
    orientation: Orientation = None,
    slice_spacing: SliceSpacing = None,
    pixel_spacing: PixelSpacing = None,
    flip: Flips = None,
    raw: RawChoice = "alone",
    raw_settings: RawSettings = None,
    corrected: CorrectedChoice = None,
    store_back: StoreBack = False,
    as_json: JsonOutput = False,
) -> None:
    """Reorient everything below INPUT with many processes.

    Writes a folder for each study, results.parquet with poses, flags, scores, times and errors, and
    cohort.html with distributions and pictures of all, sorted by doubt. Files that could not be
    used are rows with a reason. What is finished is not done again. The exit code is 1 if any exam
    could not be read or reoriented, or was not stored with --store-back. Needs the extra:
    pip install "shortaxis[cohort]".
    """
    from shortaxis.cli.batch_outcomes import show_batch
    from shortaxis.cli.batch_storing import require_addresses, store_batch
    from shortaxis.cli.extras import needs_extra
    from shortaxis.cli.json_errors import errors_as_json
    from shortaxis.cli.progress import progress_bar
    from shortaxis.files.folder_lock import locked_folder
    from shortaxis.workflow.batch.options import BatchOptions
    from shortaxis.workflow.batch.tables import require_table_library
    from shortaxis.workflow.reorient.options import ReorientOptions, RollConvention

    if store_back:
        require_addresses(inputs, deidentify=deidentify)
    with errors_as_json(as_json):
        options = BatchOptions(
            ReorientOptions(method=method, weights=weights, roll=RollConvention(roll.lower())),
            _split(formats),
            _split(extras),
            deidentify,
            reading_options(
                force_input,
                whole_body,
                orientation,
                slice_spacing,
                pixel_spacing,
                flip,
                raw,
                raw_settings,
            ),
            correction(corrected),
            None if normals.lower() == "none" else normals,
            phase.lower(),
        )
        with needs_extra("cohort"):
            require_table_library()
        from shortaxis.workflow.batch.batch_folder import claimed, made_folder
        from shortaxis.workflow.batch.cohort_page import write_cohort_page
        from shortaxis.workflow.batch.running import BatchRequest, run_batch
        from shortaxis.workflow.batch.tables import write_results

        bar = partial(progress_bar, quiet=as_json)
        with (
            made_folder(out) as folder,
            locked_folder(folder, ".batch.lock", "another batch works in this folder"),
            claimed(out.resolve(), options.digest, force=force),
        ):
            local, failed = fetched_inputs(inputs, out, quiet=as_json)
            request = BatchRequest(
                tuple(local), out, options, scheduler, workers, force, time_limit, memory_limit
            )
            result = run_batch(request, bar)
            table = write_results(out, result.rows)
            page = write_cohort_page(out, result.records, result.skipped, with_paths=not deidentify)
            stored = None
            if store_back:
                folders = (each.resolve() for each in local)
                addresses = dict(zip(folders, inputs, strict=True))
                with bar("Storing") as update:
                    stored = store_batch(result.records, out, addresses, update)
                table = write_results(out, stored.rows(result.rows))
            if deidentify and not failed:
                forget_fetched(out)
    not_fetched = not_all_fetched(failed)
    show_batch(result, table, page, as_json=as_json, not_fetched=not_fetched, stored=stored)


def _split(words: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in words.split(",") if word.strip())
