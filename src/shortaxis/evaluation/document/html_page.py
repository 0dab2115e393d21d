"""A document as one HTML file that loads nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from shortaxis.evaluation.document.blocks import Block, Heading
from shortaxis.files.html_page import data_address, html_page

__all__ = ["to_html"]

ReadPicture = Callable[[str], bytes]


def to_html(blocks: Sequence[Block], read_picture: ReadPicture) -> str:
    """One page with its pictures inside.

    Parameters
    ----------
    blocks : sequence of Block
        The document; its first heading is the title.
    read_picture : callable
        PNG of a picture by its path.
    """
    title = next(block.words for block in blocks if isinstance(block, Heading))
    return html_page(
        "shortaxis.evaluation.document",
        "document.html",
        title=title,
        parts=[(type(block).__name__, block) for block in blocks],
        address_of=lambda picture: data_address(read_picture(picture.path)),
    )
