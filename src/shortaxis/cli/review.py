"""``shortaxis review``: poses seen, corrected and signed off on a local page, and exported."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from shortaxis.cli.arguments import MethodChoice, NetworkWeights, ReorientedInput, StudyInput
from shortaxis.cli.counted import counted
from shortaxis.cli.default_command import DEFAULT_COMMAND, GroupWithDefault
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
    study_choice,
)
from shortaxis.cli.void_options import CheckedCommand
from shortaxis.reorientation.methods import DEFAULT_METHOD

__all__ = ["review"]

review = typer.Typer(
    cls=GroupWithDefault,
    help="Review studies on a web page of this machine; shortaxis review export: as a cohort.",
    rich_markup_mode=None,
)


@review.command(
    DEFAULT_COMMAND,
    cls=CheckedCommand,
    epilog="shortaxis review export turns what was signed off into a cohort; see its --help.",
)
def open_page(  # noqa: PLR0913 - one parameter an option
    input_path: StudyInput,
    out: Annotated[
        Path,
        typer.Option(
            "--out",
            "-o",
            metavar="FOLDER",
            parser=typed_path,
            help="Folder for results and for what reviewers have decided.",
        ),
    ] = Path("reviewed"),
    port: Annotated[
        int, typer.Option(help="Port on this machine; 0: any that is free.", min=0, max=65535)
    ] = 0,
    no_browser: Annotated[
        bool, typer.Option("--no-browser", help="Print the address and open no browser.")
    ] = False,
    watch: Annotated[
        bool, typer.Option("--watch", help="Take studies that come later, too.")
    ] = False,
    method: MethodChoice = DEFAULT_METHOD,
    weights: NetworkWeights = None,
    roll: Annotated[
        str, typer.Option(help="Roll of the slices that are written: conventional or anatomical.")
    ] = "conventional",
    force: Annotated[
        bool, typer.Option("--force", help="Overwrite results that no review wrote.")
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
) -> None:
    """Review studies on a web page of this machine: see the pose, correct it, sign it off.

    Prints the address of the page, which holds a secret, and serves until interrupted. Accepted
    and corrected studies get a folder with what shortaxis reorient writes, and review.json.
    Decisions are kept in FOLDER/reviews.sqlite; the next start goes on from there. Nothing leaves
    this machine. Needs the extra: pip install "shortaxis[review]".
    """
    from shortaxis.cli.extras import needs_extra
    from shortaxis.review.serving import ReviewRequest, serve_review
    from shortaxis.workflow.reorient.options import ReorientOptions, RollConvention

    request = ReviewRequest(
        input_path,
        out,
        ReorientOptions(method=method, weights=weights, roll=RollConvention(roll.lower())),
        port,
        force,
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
        not no_browser,
        watch,
        correction(corrected),
    )
    with needs_extra("review"):
        serve_review(request, typer.echo)


@review.command(cls=CheckedCommand)
def export(  # noqa: PLR0913 - one parameter an option
    input_path: StudyInput,
    out: Annotated[
        Path,
        typer.Option(
            "--out",
            "-o",
            metavar="COHORT",
            parser=typed_path,
            help="Folder for the cohort.",
            show_default=False,
        ),
    ],
    reviewed: Annotated[
        Path,
        typer.Option(
            metavar="FOLDER", parser=typed_path, help="What --out of shortaxis review was."
        ),
    ] = Path("reviewed"),
    purpose: Annotated[
        str, typer.Option(help="evaluation, training, selection or calibration.")
    ] = "evaluation",
    only_corrected: Annotated[
        bool, typer.Option("--only-corrected", help="Leave out what was accepted as it was.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace an earlier export.")] = False,
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
    """Write reviewed studies of INPUT as a cohort whose true poses are those signed off.

    shortaxis evaluate tells how far the network is from the reviewers on it, and shortaxis train
    learns from it. Neither names, UIDs nor comments are written. A cohort is for one purpose:
    its exams get numbers that other uses refuse. Give the options of reading that the review had.
    """
    from shortaxis.cli.progress import progress_bar
    from shortaxis.review.export import export_reviews
    from shortaxis.review.stating import refused_files, with_statements
    from shortaxis.review.store import STORE_FILE, existing_store
    from shortaxis.review.worklist import entries_of
    from shortaxis.workflow.studies.finding import find_studies

    store = existing_store(reviewed / STORE_FILE)
    options = reading_options(
        force_input,
        whole_body,
        orientation,
        slice_spacing,
        pixel_spacing,
        flip,
        raw,
        raw_settings,
    )
    choice = study_choice(corrected, None)
    found = find_studies(input_path, options=options, choice=choice)
    refused = refused_files(found.skipped, options)
    entries, _ = with_statements(entries_of(found), refused, store.stated())
    with progress_bar("Exporting") as update:
        done = export_reviews(
            entries,
            store,
            out,
            purpose,
            only_corrected=only_corrected,
            force=force,
            progress=update,
        )
    typer.echo(
        f"{counted(done.exams, 'exams')}: {done.accepted} accepted, {done.corrected} corrected; "
        f"not exported: {done.rejected} rejected, {done.open} open"
    )
    if done.changed:
        typer.echo(
            f"Not exported: {done.changed} signed off on other counts than they hold now, or by a "
            "version that did not note on which. Open them in shortaxis review and sign them off."
        )
    typer.echo(str(out))
