"""Arguments and options that several verbs share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from shortaxis.cli.paths import typed_path
from shortaxis.reorientation.methods import method_names, offered_methods

if TYPE_CHECKING:
    from shortaxis.quantification.normal_group import NormalGroup
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
    "PhaseChoice",
    "ReorientedInput",
    "ResultsFolder",
    "ResumedFolder",
    "StatedCamera",
    "StatedCondition",
    "StatedCorrection",
    "StatedSex",
    "StatedTracer",
    "StudyInput",
    "WallHandFile",
    "WallMethodChoice",
    "WallRoll",
    "quantify_options",
    "stated_group",
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
    str,
    typer.Option(
        help=f"Estimator: {method_names()}.", autocompletion=lambda: list(offered_methods())
    ),
]

EstimatorMethod = Annotated[
    str | None,
    typer.Option(
        help="Estimator; default: that of shortaxis reorient.",
        autocompletion=lambda: list(offered_methods()),
    ),
]

MethodChoices = Annotated[
    list[str] | None,
    typer.Option(
        help="Estimator; several may be given. Default: all of the base install.",
        autocompletion=lambda: list(offered_methods()),
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

PhaseChoice = Annotated[
    str,
    typer.Option(
        "--phase", help="How phases of gated studies are counted: onset, peak or peak-95."
    ),
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
    str,
    typer.Option(
        help="Installed normal limits by name, a file, none, or fixed-bands: scores by fixed bands "
        "of uptake."
    ),
]

StatedSex = Annotated[
    str | None,
    typer.Option(help="F or M, for the normal limits, where headers do not say."),
]

StatedCorrection = Annotated[
    str | None,
    typer.Option(
        "--attenuation", help="AC or none, for the normal limits, where headers do not say."
    ),
]

StatedTracer = Annotated[
    str | None,
    typer.Option(help="Nuclide such as Tc-99m, for the normal limits, where headers do not say."),
]

StatedCamera = Annotated[
    str | None,
    typer.Option(
        "--camera-kind",
        help="parallel holes, multi-pinhole or PET, for the normal limits, where headers do not "
        "say.",
    ),
]

StatedCondition = Annotated[
    str | None,
    typer.Option(help="stress or rest, for the normal limits, where headers do not say."),
]

ReorientedInput = Annotated[
    bool, typer.Option("--force-input", help="Take input that is marked as reoriented.")
]

JsonOutput = Annotated[
    bool, typer.Option("--json", help="Print the outcome as JSON instead of a table.")
]


def stated_group(
    sex: str | None,
    correction: str | None,
    tracer: str | None = None,
    camera: str | None = None,
    condition: str | None = None,
) -> NormalGroup:
    """What is stated of exams, for their normal limits.

    Raises
    ------
    OptionError
        For words that are not known.
    """
    from shortaxis.quantification.normal_group import NormalGroup

    stated = NormalGroup(
        condition=condition or "",
        correction=correction or "",
        tracer=tracer or "",
        sex=sex or "",
        camera=camera or "",
    )
    stated.require_known_words()
    return stated


def quantify_options(  # noqa: PLR0913 - one parameter an option
    method: str | None,
    weights: str | None,
    roll: str,
    normals: str,
    wall: str = "tracing",
    stated: NormalGroup | None = None,
    phase: str = "onset",
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
        phase=phase.lower(),
        stated=stated or stated_group(None, None),
        **chosen,
    )
