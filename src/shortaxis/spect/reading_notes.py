"""What reading a file left out or concluded, in words for people."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["ReadingNote", "doubts", "unique_notes"]


@dataclass(frozen=True)
class ReadingNote:
    """One thing that a file left open or said against the standard, and how it was read.

    Parameters
    ----------
    text : str
        One sentence without the full stop; it holds no identifier.
    is_doubtful : bool
        The reading is a conclusion and no certainty: the study is flagged ``review``.
    """

    text: str
    is_doubtful: bool = False


def doubts(notes: Iterable[ReadingNote]) -> list[str]:
    """Texts of the notes that give reason to look."""
    return [note.text for note in notes if note.is_doubtful]


def unique_notes(notes: Iterable[ReadingNote]) -> tuple[ReadingNote, ...]:
    """Each note once, in the order of its first appearance."""
    return tuple(dict.fromkeys(notes))
