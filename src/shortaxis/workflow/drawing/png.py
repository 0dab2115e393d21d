"""A drawn page as the bytes of a PNG."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["png_of"]


def png_of(figure: Figure) -> bytes:
    """A page as PNG."""
    content = io.BytesIO()
    # Level 3 takes half the time of the default and 5 % more space.
    figure.savefig(content, format="png", dpi="figure", pil_kwargs={"compress_level": 3})
    return content.getvalue()
