"""A document as blocks, which Markdown and HTML are made of."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Block", "Bullets", "Heading", "Paragraph", "Picture", "Table"]


@dataclass(frozen=True)
class Heading:
    """A headline; `level` 1 is the title."""

    words: str
    level: int = 2


@dataclass(frozen=True)
class Paragraph:
    """Plain text."""

    words: str


@dataclass(frozen=True)
class Bullets:
    """A list of plain texts."""

    items: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """Cells of plain text; the first column names the row, those in `prose` hold sentences."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    prose: tuple[str, ...] = ()

    @property
    def is_words(self) -> tuple[bool, ...]:
        """Which columns hold words, and no numbers."""
        return tuple(number == 0 or name in self.prose for number, name in enumerate(self.header))


@dataclass(frozen=True)
class Picture:
    """A picture by its path from the folder of the report, what it shows, and of which method."""

    path: str
    caption: str
    method: str = ""


Block = Heading | Paragraph | Bullets | Table | Picture
