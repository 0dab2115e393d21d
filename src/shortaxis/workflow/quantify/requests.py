"""What ``shortaxis quantify`` is asked for, and how it is done with one study."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from shortaxis.files.plain_json import write_json
from shortaxis.files.staged_folder import earlier_results, refuse_existing, staged_folder
from shortaxis.workflow.drawing.png import png_of
from shortaxis.workflow.quantify.function_record import function_csv, function_record
from shortaxis.workflow.quantify.function_sheet import draw_function_sheet
from shortaxis.workflow.quantify.quantifying import QuantifiedStudy, QuantifyOptions, quantify_study
from shortaxis.workflow.quantify.record import build_quantification, segments_csv
from shortaxis.workflow.quantify.sheet import draw_quantification_sheet
from shortaxis.workflow.quantify.wall_by_hand import with_wall_by_hand
from shortaxis.workflow.studies.finding import FoundStudy

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = [
    "FUNCTION_NAMES",
    "QUANTIFICATION_NAMES",
    "QuantifyRequest",
    "write_quantification",
    "write_quantification_files",
]

QUANTIFICATION_NAMES = ("quantification.json", "segments.csv", "quantification.png")
"""Files of one study, always all."""

FUNCTION_NAMES = ("function.json", "function.csv", "function.png")
"""Files of a gated study, beside them."""


@dataclass(frozen=True)
class QuantifyRequest:
    """What the user asked for, for every study alike."""

    options: QuantifyOptions
    force: bool = False
    wall_by_hand: Path | None = None

    names: ClassVar[Collection[str]] = (*QUANTIFICATION_NAMES, *FUNCTION_NAMES)

    def make(self, found: FoundStudy, folder: Path) -> tuple[QuantifiedStudy, Sequence[Path]]:
        """Quantify one study and write it.

        Raises
        ------
        ShortAxisError
            One of its children.
        """
        study = found.load().study
        options = with_wall_by_hand(self.options, self.wall_by_hand, study)
        quantified = quantify_study(study, options)
        return quantified, write_quantification(quantified, folder, force=self.force)


def write_quantification(
    quantified: QuantifiedStudy, folder: Path, *, force: bool = False
) -> list[Path]:
    """Write record, table and picture into `folder`, all or none.

    Raises
    ------
    ExistingOutputError
        If results are there already and `force` is off.
    OutputError
        If anything cannot be written.
    """
    function = quantified.function
    names = (*QUANTIFICATION_NAMES, *(() if function is None else FUNCTION_NAMES))
    written = write_quantification_files(
        folder,
        build_quantification(quantified, names),
        segments_csv(quantified),
        lambda: draw_quantification_sheet(quantified),
        force=force,
        more=lambda staging: _write_function(quantified, staging),
    )
    return [*written, *(folder / name for name in names[len(QUANTIFICATION_NAMES) :])]


def _write_function(quantified: QuantifiedStudy, folder: Path) -> None:
    function = quantified.function
    if function is None:
        return
    record, table, picture = (folder / name for name in FUNCTION_NAMES)
    write_json(record, function_record(function))
    table.write_text(function_csv(function), encoding="utf-8")
    picture.write_bytes(png_of(draw_function_sheet(quantified.study, function)))


def write_quantification_files(
    folder: Path,
    record: dict[str, Any],
    table: str,
    draw: Callable[[], Figure],
    *,
    force: bool = False,
    more: Callable[[Path], None] = lambda staging: None,
) -> list[Path]:
    """Write a record, a table and a picture by the names of a quantification, all or none.

    `more` writes what else belongs to them. What an earlier run has written beside them is removed.

    Raises
    ------
    ExistingOutputError
        If results are there already and `force` is off.
    OutputError
        If anything cannot be written.
    """
    if not force:
        refuse_existing(folder, QUANTIFICATION_NAMES)
    with staged_folder(
        folder, earlier_results(folder, QUANTIFICATION_NAMES[0], FUNCTION_NAMES)
    ) as staging:
        more(staging)
        write_json(staging / "quantification.json", record)
        (staging / "segments.csv").write_text(table, encoding="utf-8")
        (staging / "quantification.png").write_bytes(png_of(draw()))
    return [folder / name for name in QUANTIFICATION_NAMES]
