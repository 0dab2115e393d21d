"""The letters of all sheets: their font, how wide words are, and what of them fits."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from PIL import ImageFont
from PIL.ImageFont import FreeTypeFont

__all__ = [
    "BULLET_WIDTH",
    "ELLIPSIS",
    "BulletedLine",
    "bulleted",
    "clipped",
    "drawable",
    "letters",
    "line_ends",
    "text_width_px",
    "wrapped",
]

ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"

FONT_FILES = {False: "DejaVuSans.ttf", True: "DejaVuSans-Bold.ttf"}
"""By whether they are bold; they come with matplotlib, so that sheets look alike everywhere."""

NO_CHARACTER = "\uffff"
"""Never a character (Unicode 23.7): what a font draws for all that it lacks."""


def wrapped(words: str, width_px: float, size_px: float) -> list[str]:
    """Lines no wider than `width_px`; words that are too long are cut."""
    lines = [""]
    for word in drawable(words).split():
        candidate = f"{lines[-1]} {word}".strip()
        if text_width_px(candidate, size_px) <= width_px:
            lines[-1] = candidate
        else:
            lines.append(clipped(word, width_px, size_px))
    return [line for line in lines if line]


def bulleted(
    texts: Sequence[str], width_px: float, size_px: float, most: int, elsewhere: str
) -> list[BulletedLine]:
    """Lines of texts, each text with a bullet before it; at most `most` of them.

    Texts that find no room are left out whole and counted: `elsewhere` says where they stand. Of a
    first text that is too long for all, what fits is kept.
    """
    blocks = [_with_bullet(words, width_px - BULLET_WIDTH, size_px) for words in texts]
    if sum(map(len, blocks)) <= most:
        return [line for block in blocks for line in block]
    kept: list[BulletedLine] = []
    shown = 0
    for block in blocks:
        if len(kept) + len(block) > most - 1:
            break
        kept, shown = [*kept, *block], shown + 1
    if not kept:
        return [*blocks[0][: most - 1], ("", f"more {elsewhere}")]
    return [*kept, ("", f"{len(blocks) - shown} more {elsewhere}")]


BULLET, BULLET_WIDTH = "\N{BULLET}", 14

BulletedLine = tuple[str, str]
"""A bullet, empty on the later lines of a text, and words."""


def _with_bullet(words: str, width_px: float, size_px: float) -> list[BulletedLine]:
    lines = wrapped(words, width_px, size_px)
    return [("" if place else BULLET, line) for place, line in enumerate(lines)]


def clipped(words: str, width_px: float, size_px: float, *, bold: bool = False) -> str:
    """The words, or as much of them as fits before an ellipsis."""
    words = drawable(words)
    if text_width_px(words, size_px, bold=bold) <= width_px:
        return words
    while words and text_width_px(f"{words}{ELLIPSIS}", size_px, bold=bold) > width_px:
        words = words[:-1]
    return f"{words.rstrip()}{ELLIPSIS}"


def text_width_px(words: str, size_px: float, *, bold: bool = False) -> float:
    """Width of one line."""
    return float(letters(size_px, bold).getlength(words))


def drawable(words: str) -> str:
    """The words on one line, with a question mark for characters that the font lacks."""
    return "".join(map(_drawable, " ".join(words.split())))


@cache
def letters(size_px: float, bold: bool) -> FreeTypeFont:
    """The font in a size."""
    path = _font_folder() / FONT_FILES[bold]
    # The basic layout is there in every build of Pillow, and no sheet needs another.
    return ImageFont.truetype(path, size_px, layout_engine=ImageFont.Layout.BASIC)


@cache
def line_ends(size_px: float, bold: bool) -> tuple[float, float]:
    """Where tall letters begin and hanging ones end, in pixels down of the line they stand on."""
    _, top, _, bottom = letters(size_px, bold).getbbox("lp", anchor="ls")
    return float(top), float(bottom)


@cache
def _drawable(character: str) -> str:
    if " " <= character <= "~":
        return character
    font = letters(20, False)
    return "?" if bytes(font.getmask(character)) == bytes(font.getmask(NO_CHARACTER)) else character


@cache
def _font_folder() -> Path:
    # To find a package does not import it, which would take longer than to draw a sheet.
    spec = find_spec("matplotlib")
    places = spec.submodule_search_locations if spec is not None else None
    return Path(next(iter(places or ()))) / "mpl-data" / "fonts" / "ttf"
