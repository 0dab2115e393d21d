"""What the operator of a node states about the studies that it receives, of all or of a sender."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from shortaxis.errors import OptionError
from shortaxis.service.ae_titles import require_ae_titles
from shortaxis.spect.reading_options import ReadingOptions, raw_projections
from shortaxis.spect.stated_geometry import StatedGeometry
from shortaxis.workflow.studies.finding import StudyChoice
from shortaxis.workflow.studies.raw_settings import read_raw_settings

__all__ = ["NO_SENDERS", "ReadingRules", "Sender", "SenderRules"]

CORRECTIONS = {"": None, "yes": True, "no": False}


@dataclass(frozen=True)
class Sender:
    """Who sent an object: the AE title that it called with, and the one that it called."""

    calling: str
    called: str


@dataclass(frozen=True)
class ReadingRules:
    """Geometry that studies lack or say wrong, and which of them are taken.

    Empty values and a slice spacing of 0 leave the word of the file. What is stated is recorded
    with the results and flags them. It holds for what comes from `sender`, an AE title that calls
    the node, or by `called`, an AE title that the node is called by; without both for every other
    object. `corrected` is yes or no: only studies with, or without, attenuation correction.
    `raw` are the raw projections that are reconstructed here: alone, all or none; `raw_settings`
    names the file that says how, and is read once.

    Raises
    ------
    OptionError
        For values that mean nothing, or contradict each other.
    UnreadableFileError
        If the file of raw settings is none.
    """

    sender: str = ""
    called: str = ""
    orientation: str = ""
    slice_spacing_mm: float = 0.0
    pixel_spacing_mm: tuple[str, ...] = ()
    flips: tuple[str, ...] = ()
    whole_body: bool = False
    force_input: bool = False
    corrected: str = ""
    raw: str = "alone"
    raw_settings: str = ""

    def __post_init__(self) -> None:
        require_ae_titles(*filter(None, (self.sender, self.called)))
        if self.corrected not in CORRECTIONS:
            raise OptionError(
                "unknown value of corrected", expected="yes or no", found=self.corrected
            )
        # What cannot be read so is found before anything starts.
        _ = self.options

    @property
    def is_of_a_sender(self) -> bool:
        """Whether it holds for one sender, and not for all others."""
        return bool(self.sender or self.called)

    @property
    def choice(self) -> StudyChoice:
        """Which of the studies are taken."""
        return StudyChoice(CORRECTIONS[self.corrected])

    @cached_property
    def options(self) -> ReadingOptions:
        """How every study is read."""
        stated = StatedGeometry(
            self.orientation or None,
            self.slice_spacing_mm or None,
            self._pixel_spacing(),
            frozenset(self.flips),  # type: ignore[arg-type]  # converted and checked there
        )
        taken = raw_projections(self.raw)
        options = ReadingOptions(self.force_input, self.whole_body, stated, taken)
        if not self.raw_settings:
            return options
        reconstruction, acquisition = read_raw_settings(Path(self.raw_settings))
        return replace(options, reconstruction=reconstruction, acquisition=acquisition)

    def holds_for(self, sender: Sender) -> bool:
        """Whether an object of this sender is meant; spaces around a title mean nothing."""
        pairs = ((self.sender, sender.calling), (self.called, sender.called))
        return all(not said.strip() or said.strip() == sent.strip() for said, sent in pairs)

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


@dataclass(frozen=True)
class SenderRules:
    """Rules of single senders; who has none is read by the rules for all others.

    Raises
    ------
    OptionError
        If two rules are of one sender, or one is of nobody.
    """

    rules: tuple[ReadingRules, ...] = ()

    def __post_init__(self) -> None:
        names = [(rule.sender.strip(), rule.called.strip()) for rule in self.rules]
        if len(set(names)) != len(names) or ("", "") in names:
            raise OptionError(
                "two tables [[reading]] are of one sender",
                expected="one for each sender, and one without a sender for all others",
                found=", ".join(" called by ".join(filter(None, n)) or "no sender" for n in names),
            )

    def rule_of(self, sender: Sender) -> ReadingRules | None:
        """The rule of a sender: of its calling title before one of the title that it called."""
        fitting = [rule for rule in self.rules if rule.holds_for(sender)]
        return max(fitting, key=lambda rule: (bool(rule.sender), bool(rule.called)), default=None)


NO_SENDERS = SenderRules()
