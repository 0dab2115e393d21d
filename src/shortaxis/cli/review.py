"""``shortaxis review``: see, correct and sign off poses on a local web page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from shortaxis.cli.arguments import NetworkWeights, ReorientedInput, StudyInput
from shortaxis.cli.paths import typed_path

__all__ = ["review"]


def review(  # noqa: PLR0913 - one parameter an option
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
    method: Annotated[str, typer.Option(help="Estimator: network or ellipsoid.")] = "network",
    weights: NetworkWeights = None,
    roll: Annotated[
        str, typer.Option(help="Roll of the slices that are written: conventional or anatomical.")
    ] = "conventional",
    force: Annotated[
        bool, typer.Option("--force", help="Overwrite results that no review wrote.")
    ] = False,
    force_input: ReorientedInput = False,
) -> None:
    """Review studies on a web page of this machine: see the pose, correct it, sign it off.

    Prints the address of the page, which holds a secret, and serves until interrupted. Accepted
    and corrected studies get a folder with what shortaxis reorient writes, and review.json.
    Decisions are kept in FOLDER/reviews.sqlite; the next start goes on from there. Nothing leaves
    this machine. Needs the extra: pip install "shortaxis[review]".
    """
    from shortaxis.cli.extras import needs_extra
    from shortaxis.workflow.options import ReorientOptions, roll_convention

    with needs_extra("review"):
        from shortaxis.review.serving import ReviewRequest, serve_review
    serve_review(
        ReviewRequest(
            input_path,
            out,
            ReorientOptions(method=method, weights=weights, roll=roll_convention(roll.lower())),
            port,
            force,
            force_input,
            not no_browser,
        ),
        typer.echo,
    )
