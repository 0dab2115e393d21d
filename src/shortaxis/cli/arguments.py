"""Arguments and options that several verbs share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from shortaxis.cli.paths import typed_path
from shortaxis.reorientation.methods import METHODS, method_names

if TYPE_CHECKING:
    from shortaxis.workflow.quantify.quantifying import QuantifyOptions

__all__ = [
    "ClusterAddress",
    "CohortsFolder",
    "ConfigFile",
    "EstimatorMethod",
    "JsonOutput",
    "MethodChoice",
    "MethodChoices",
    "NetworkWeights",
    "NormalLimitsChoice",
    "ReorientedInput",
    "ResultsFolder",
    "ResumedFolder",
    "StudyInput",
    "WallHandFile",
    "WallMethodChoice",
    "WallRoll",
    "quantify_options",
]

StudyInput = Annotated[
    Path,
    typer.Argument(
        metavar="INPUT",
        parser=typed_path,
        help="A DICOM or NIfTI file, or a folder.",
        show_default=False,
    ),
]

ClusterAddress = Annotated[
    str | None,
    typer.Option(
        "--scheduler",
        metavar="ADDRESS",
        help="A Dask scheduler, instead of processes of this machine.",
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

ResumedFolder = Annotated[
    Path,
    typer.Option(
        "--out",
        "-o",
        metavar="FOLDER",
        parser=typed_path,
        help="Folder for the results; a run that was stopped goes on there.",
        show_default=False,
    ),
]

ConfigFile = Annotated[
    Path,
    typer.Argument(metavar="CONFIG", parser=typed_path, help="A TOML file.", show_default=False),
]

CohortsFolder = Annotated[
    Path,
    typer.Option(
        metavar="FOLDER", parser=typed_path, help="Folder with the cohorts of the configuration."
    ),
]

MethodChoice = Annotated[
    str, typer.Option(help=f"Estimator: {method_names()}.", autocompletion=lambda: list(METHODS))
]

EstimatorMethod = Annotated[
    str | None,
    typer.Option(
        help="Estimator; default: that of shortaxis reorient.",
        autocompletion=lambda: list(METHODS),
    ),
]

MethodChoices = Annotated[
    list[str] | None,
    typer.Option(
        help="Estimator; several may be given. Default: all.",
        autocompletion=lambda: list(METHODS),
        show_default=False,
    ),
]

NetworkWeights = Annotated[
    str | None, typer.Option(help="Installed network weights, or a folder of shortaxis train.")
]

WallRoll = Annotated[
    str, typer.Option(help="Where the walls of the map are: conventional or anatomical.")
]

WallMethodChoice = Annotated[
    str, typer.Option("--wall", help="What finds the wall: tracing or network.")
]

WallHandFile = Annotated[
    Path | None,
    typer.Option(
        "--wall-by-hand",
        metavar="FILE",
        parser=typed_path,
        help="review.json of a wall that was set on the review page; of one study.",
        show_default=False,
    ),
]

NormalLimitsChoice = Annotated[
    str, typer.Option(help="Installed normal limits by name, a file, or none.")
]

ReorientedInput = Annotated[
    bool, typer.Option("--force-input", help="Take input that is marked as reoriented.")
]

JsonOutput = Annotated[
    bool, typer.Option("--json", help="Print the outcome as JSON instead of a table.")
]


def quantify_options(
    method: str | None, weights: str | None, roll: str, normals: str, wall: str = "tracing"
) -> QuantifyOptions:
    """Options of a quantification from what was typed.

    Raises
    ------
    OptionError
        For values that are not known.
    """
    from shortaxis.workflow.quantify.quantifying import QuantifyOptions

    chosen: dict[str, Any] = {} if method is None else {"method": method}
    return QuantifyOptions(
        weights=weights,
        roll=roll.lower(),  # type: ignore[arg-type]  # converted and checked there
        normals=None if normals.lower() == "none" else normals,
        wall=wall.lower(),
        **chosen,
    )
