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
    """Cells of plain text; the first column names the row."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Picture:
    """A picture by its path from the folder of the report, what it shows, and of which method."""

    path: str
    caption: str
    method: str = ""


Block = Heading | Paragraph | Bullets | Table | Picture
