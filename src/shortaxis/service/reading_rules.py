"""What the operator of a node states about every study that it receives."""

from __future__ import annotations

from dataclasses import dataclass

from shortaxis.errors import OptionError
from shortaxis.spect.reading_options import ReadingOptions
from shortaxis.spect.stated_geometry import StatedGeometry

__all__ = ["ReadingRules"]


@dataclass(frozen=True)
class ReadingRules:
    """Geometry that the node's studies lack or say wrong, and whether whole-body series are taken.

    Empty values and a slice spacing of 0 leave the word of the file. What is stated holds for every
    study of the node, is recorded with its results, and flags them.

    Raises
    ------
    OptionError
        For values that mean nothing, or contradict each other.
    """

    orientation: str = ""
    slice_spacing_mm: float = 0.0
    pixel_spacing_mm: tuple[str, ...] = ()
    flips: tuple[str, ...] = ()
    whole_body: bool = False

    def __post_init__(self) -> None:
        # What cannot be read so is found before anything starts.
        _ = self.options

    @property
    def options(self) -> ReadingOptions:
        """How every study is read."""
        stated = StatedGeometry(
            self.orientation or None,
            self.slice_spacing_mm or None,
            self._pixel_spacing(),
            frozenset(self.flips),  # type: ignore[arg-type]  # converted and checked there
        )
        return ReadingOptions(whole_body=self.whole_body, stated=stated)

    def _pixel_spacing(self) -> tuple[float, float] | None:
        if not self.pixel_spacing_mm:
            return None
        try:
            along_row, along_column = map(float, self.pixel_spacing_mm)
        except ValueError:
            raise OptionError(
                "pixel_spacing_mm is no distance",
                expected="distances between rows and between columns, such as [6.4, 6.4]",
                found=", ".join(self.pixel_spacing_mm),
            ) from None
        return along_row, along_column
