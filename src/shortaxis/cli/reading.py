"""Options on how files are read, the same for every verb that reads studies."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from shortaxis.cli.paths import typed_path

if TYPE_CHECKING:
    from shortaxis.spect.reading_options import ReadingOptions
    from shortaxis.workflow.studies.finding import StudyChoice
    from shortaxis.workflow.study_report.exams.choosing import ExamChoice

__all__ = [
    "CHOICES",
    "READING",
    "CorrectedChoice",
    "ExamNumbers",
    "Flips",
    "Orientation",
    "PixelSpacing",
    "RawChoice",
    "RawSettings",
    "SeriesUid",
    "SliceSpacing",
    "StudyNumber",
    "WholeBody",
    "correction",
    "exam_choice",
    "reading_options",
    "study_choice",
]

READING = (
    "--force-input",
    "--whole-body",
    "--orientation",
    "--slice-spacing",
    "--pixel-spacing",
    "--flip",
    "--corrected",
    "--raw",
    "--raw-settings",
)
"""Every verb that reads studies has these; a node has them in the table ``[reading]``."""

CHOICES = ("--series", "--study")
"""A verb of which one study among several may be meant has these, too."""

Orientation = Annotated[
    str | None,
    typer.Option(
        metavar="LETTERS",
        help="Where rows, columns and slices run, if the file does not say: three letters such as "
        "LPI (left, posterior, inferior). Flags the result.",
    ),
]

SliceSpacing = Annotated[
    float | None,
    typer.Option(
        metavar="MM",
        help="Distance between slices, negative if they stack against row x column. Flags the "
        "result.",
    ),
]

PixelSpacing = Annotated[
    str | None,
    typer.Option(metavar="MM[,MM]", help="Distance between rows, then columns. Flags the result."),
]

Flips = Annotated[
    list[str] | None,
    typer.Option(
        "--flip",
        metavar="AXIS",
        help="slices, rows or columns run the other way than the file says; may be given again. "
        "Flags the result.",
    ),
]

RawChoice = Annotated[
    str,
    typer.Option(
        metavar="alone|all|none",
        help="Which raw projections are reconstructed here: those without a reconstruction beside "
        "them, all, or none.",
    ),
]

RawSettings = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        parser=typed_path,
        help="How raw projections are reconstructed, and what they lack: the reconstruction.json "
        "of an earlier reconstruction, or a TOML file.",
    ),
]

WholeBody = Annotated[
    bool, typer.Option("--whole-body", help="Take whole-body PET series. Flags the result.")
]

CorrectedChoice = Annotated[
    str | None,
    typer.Option(
        "--corrected",
        metavar="yes|no",
        help="Take only studies with, or without, attenuation correction.",
    ),
]

StudyNumber = Annotated[
    int | None,
    typer.Option("--study", metavar="N", help="Take only study N, as shortaxis info lists them."),
]

SeriesUid = Annotated[
    str | None, typer.Option(help="Take only the series with this Series Instance UID.")
]

ExamNumbers = Annotated[
    str | None,
    typer.Option(
        "--study",
        metavar="N[,M]",
        help="Take study N as the exam, or N as stress and M as rest, as shortaxis info lists "
        "them.",
    ),
]


def reading_options(  # noqa: PLR0913 - one parameter an option
    force_input: bool = False,
    whole_body: bool = False,
    orientation: str | None = None,
    slice_spacing: float | None = None,
    pixel_spacing: str | None = None,
    flips: Sequence[str] | None = None,
    raw: str = "alone",
    raw_settings: Path | None = None,
) -> ReadingOptions:
    """Options of reading from what was typed.

    Raises
    ------
    OptionError
        For letters, distances, axes or words that mean nothing.
    UnreadableFileError
        For a file that holds no raw settings.
    """
    from dataclasses import replace

    from shortaxis.spect.reading_options import ReadingOptions, raw_projections
    from shortaxis.spect.stated_geometry import StatedGeometry

    stated = StatedGeometry(
        orientation,
        slice_spacing,
        None if pixel_spacing is None else _pixel_spacing(pixel_spacing),
        frozenset(flips or ()),  # type: ignore[arg-type]  # converted and checked there
    )
    options = ReadingOptions(force_input, whole_body, stated, raw_projections(raw))
    if raw_settings is None:
        return options
    # What reconstructs takes long to load, and few who read need it.
    from shortaxis.workflow.studies.raw_settings import read_raw_settings

    reconstruction, acquisition = read_raw_settings(raw_settings)
    return replace(options, reconstruction=reconstruction, acquisition=acquisition)


def _pixel_spacing(typed: str) -> tuple[float, float]:
    from shortaxis.errors import OptionError

    try:
        numbers = [float(part) for part in typed.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) not in (1, 2):
        raise OptionError(
            "pixel spacing is no distance", expected="one or two numbers of mm, such as 6.4 or "
            "6.4,6.4", found=typed,
        )  # fmt: skip
    return numbers[0], numbers[-1]


def study_choice(corrected: str | None, number: int | None) -> StudyChoice:
    """Which studies are meant, from what was typed.

    Raises
    ------
    OptionError
        For another word than yes and no.
    """
    from shortaxis.workflow.studies.finding import StudyChoice

    return StudyChoice(correction(corrected), number)


def exam_choice(corrected: str | None, numbers: str | None) -> ExamChoice:
    """Which exams a report is of, from what was typed.

    Raises
    ------
    OptionError
        For another word than yes and no, or what is no one or two numbers.
    """
    from shortaxis.errors import OptionError
    from shortaxis.workflow.study_report.exams.choosing import ExamChoice

    typed = [] if numbers is None else [each.strip() for each in numbers.split(",")]
    if not all(each.isascii() and each.isdigit() for each in typed):
        raise OptionError(
            "no numbers of exams", expected="one number, or those of stress and rest, such as 2,5",
            found=str(numbers),
        )  # fmt: skip
    return ExamChoice(correction(corrected), tuple(map(int, typed)))


def correction(word: str | None) -> bool | None:
    """With or without attenuation correction, from what was typed; None takes both.

    Raises
    ------
    OptionError
        For another word than yes and no.
    """
    from shortaxis.errors import OptionError

    answers = {None: None, "yes": True, "no": False}
    said = None if word is None else word.lower()
    if said not in answers:
        raise OptionError("unknown correction", expected="yes or no", found=str(word))
    return answers[said]
