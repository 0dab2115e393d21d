"""Pictures for pages."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

__all__ = ["keep_picture"]


def keep_picture(sheet: Path, picture: Path, *, all_colours: bool = False) -> None:
    """Keep a sheet for a page.

    Of slices 256 colours are enough, and a third of the bytes; polar maps need all.
    """
    picture.parent.mkdir(parents=True, exist_ok=True)
    image = Image.open(sheet).convert("RGB")
    if not all_colours:
        image = image.quantize(256, dither=Image.Dither.NONE)
    staged = picture.with_name(f".{picture.name}")
    image.save(staged, format="PNG", optimize=True)
    # Whoever copies pictures while a result is measured finds the old one or the new one, whole.
    staged.replace(picture)
