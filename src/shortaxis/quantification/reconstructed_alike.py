"""Whether normal limits were made of slices that were reconstructed as those of a study.

Limits do not fit another reconstruction: filter, iterations and corrections change the uptake of a
healthy wall. What was reconstructed elsewhere says little of how; what was reconstructed here says
all.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

__all__ = ["reconstruction_notes", "reconstruction_statements"]

PREFIX = "reconstructed here with "
"""Of statements of a set, one for each reconstruction of its exams."""


def reconstruction_statements(reconstructed_here: Iterable[str]) -> list[str]:
    """What a set says of its exams, from the words of each, empty where it came as slices."""
    known = sorted({_settings(words) for words in reconstructed_here if words})
    return [PREFIX + each for each in known]


def reconstruction_notes(reconstructed_here: str, statements: Sequence[str]) -> list[str]:
    """What a study is told of limits with these statements; empty where both are alike."""
    # Sets that were merged name the set before each statement.
    held = sorted({each.partition(PREFIX)[2] for each in statements} - {""})
    own = _settings(reconstructed_here)
    if own in held or not (own or held):
        return []
    here = f"this study was reconstructed here with {own}" if own else "this study came as slices"
    theirs = f"those of the limits with {'; '.join(held)}" if held else "those of the limits not"
    return [f"{here}, {theirs}: limits hold for one reconstruction, and scores may be off"]


def _settings(words: str) -> str:
    """Without the views, which differ from camera to camera: they are told last."""
    return words.rpartition(", from ")[0] or words
