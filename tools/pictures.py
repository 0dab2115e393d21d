"""Pictures for pages."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

__all__ = ["keep_picture"]


def keep_picture(sheet: Path, picture: Path) -> None:
    """Keep a review sheet for a page: 256 colours are enough, and a third of the bytes."""
    picture.parent.mkdir(parents=True, exist_ok=True)
    colours = Image.open(sheet).convert("RGB").quantize(256, dither=Image.Dither.NONE)
    colours.save(picture, optimize=True)
