"""What ``shortaxis quantify`` is asked for, and how it is done with one study."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

from shortaxis.files.plain_json import to_json_text, write_json
from shortaxis.files.staged_folder import earlier_results, refuse_existing, staged_folder
from shortaxis.workflow.drawing.png import png_of
from shortaxis.workflow.quantify.function_record import (
    function_csv,
    function_numbers_csv,
    function_record,
)
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

FUNCTION_NAMES = ("function.json", "function.csv", "function-numbers.csv", "function.png")
"""Files of a gated study, beside them."""

NOTHING_BESIDE: Mapping[str, bytes] = MappingProxyType({})


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
    beside = _function_files(quantified)
    return write_quantification_files(
        folder,
        build_quantification(quantified, (*QUANTIFICATION_NAMES, *beside)),
        segments_csv(quantified),
        lambda: draw_quantification_sheet(quantified),
        force=force,
        beside=beside,
    )


def _function_files(quantified: QuantifiedStudy) -> dict[str, bytes]:
    """Record, tables and picture of the function of a gated study, by their names."""
    function = quantified.function
    if function is None:
        return {}
    contents = (
        to_json_text(function_record(function)).encode(),
        function_csv(function).encode(),
        function_numbers_csv(function).encode(),
        png_of(draw_function_sheet(quantified.study, function)),
    )
    return dict(zip(FUNCTION_NAMES, contents, strict=True))


def write_quantification_files(
    folder: Path,
    record: dict[str, Any],
    table: str,
    draw: Callable[[], Figure],
    *,
    force: bool = False,
    beside: Mapping[str, bytes] = NOTHING_BESIDE,
) -> list[Path]:
    """Write a record, a table and a picture by the names of a quantification, all or none.

    Files `beside` them are written as they are. What an earlier run has written there is removed.

    Raises
    ------
    ExistingOutputError
        If results are there already and `force` is off.
    OutputError
        If anything cannot be written.
    """
    if not force:
        refuse_existing(folder, (*QUANTIFICATION_NAMES, *beside))
    with staged_folder(
        folder, earlier_results(folder, QUANTIFICATION_NAMES[0], FUNCTION_NAMES)
    ) as staging:
        for name, content in beside.items():
            (staging / name).write_bytes(content)
        write_json(staging / "quantification.json", record)
        (staging / "segments.csv").write_text(table, encoding="utf-8")
        (staging / "quantification.png").write_bytes(png_of(draw()))
    return [folder / name for name in (*QUANTIFICATION_NAMES, *beside)]
