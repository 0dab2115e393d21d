"""Arguments and options that several verbs share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from shortaxis.cli.paths import typed_path

__all__ = ["ResultsFolder", "StudyInput"]

StudyInput = Annotated[
    Path,
    typer.Argument(
        metavar="INPUT",
        parser=typed_path,
        help="A DICOM or NIfTI file, or a folder.",
        show_default=False,
    ),
]

ResultsFolder = Annotated[
    Path,
    typer.Option(
        "--out",
        "-o",
        metavar="FOLDER",
        parser=typed_path,
        help="Folder for the results.",
        show_default=False,
    ),
]
