"""A drawn page as the bytes of a PNG."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from PIL import Image

from shortaxis.workflow.drawing.few_colours import in_few_colours

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["png_of"]


def png_of(figure: Figure) -> bytes:
    """A page as PNG, in few colours."""
    drawn = io.BytesIO()
    figure.savefig(drawn, format="png", dpi="figure", pil_kwargs={"compress_level": 0})
    with Image.open(drawn) as page:
        content = io.BytesIO()
        resolution = page.info.get("dpi", (figure.dpi, figure.dpi))
        in_few_colours(page).save(content, format="png", compress_level=9, dpi=resolution)
    return content.getvalue()
