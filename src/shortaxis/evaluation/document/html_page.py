"""A document as one HTML file that loads nothing."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from functools import singledispatch
from html import escape

from shortaxis.evaluation.document.blocks import Block, Bullets, Heading, Paragraph, Picture, Table

__all__ = ["to_html"]

STYLE = """
:root { color-scheme: light; }
body { font: 15px/1.5 system-ui, "DejaVu Sans", sans-serif; color: #14181f; background: #fff;
       max-width: 78rem; margin: 2rem auto; padding: 0 1.5rem; }
h1 { font-size: 1.7rem; } h2 { margin-top: 2.6rem; border-bottom: 1px solid #cfd6dd; }
h3 { margin-top: 1.8rem; }
p, ul { max-width: 54rem; overflow-wrap: anywhere; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: 13px; }
th, td { padding: 3px 10px; border-bottom: 1px solid #e3e7ec; text-align: right;
         vertical-align: top; }
td { white-space: nowrap; }
th { background: #f1f4f7; }
.words { text-align: left; } td.words { white-space: normal; max-width: 34rem; }
tr:hover td { background: #f8fafb; }
figure { margin: 1.2rem 0; } img { max-width: 100%; border: 1px solid #e3e7ec; }
figcaption { color: #5b6472; font-size: 13px; }
@media print { tr, figure { break-inside: avoid; } }
"""

PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
{body}
</body>
</html>
"""

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
    body = [
        _picture(block, read_picture(block.path)) if isinstance(block, Picture) else _block(block)
        for block in blocks
    ]
    return PAGE.format(title=escape(title), style=STYLE, body="\n".join(body))


def _picture(block: Picture, png: bytes) -> str:
    source = f"data:image/png;base64,{base64.b64encode(png).decode()}"
    caption = escape(block.caption)
    image = f'<img src="{source}" alt="{escape(block.caption, quote=True)}">'
    return f"<figure>{image}<figcaption>{caption}</figcaption></figure>"


@singledispatch
def _block(block: Block) -> str:
    raise NotImplementedError(type(block).__name__)


@_block.register
def _(block: Heading) -> str:
    return f"<h{block.level}>{escape(block.words)}</h{block.level}>"


@_block.register
def _(block: Paragraph) -> str:
    return f"<p>{escape(block.words)}</p>"


@_block.register
def _(block: Bullets) -> str:
    return "<ul>" + "".join(f"<li>{escape(item)}</li>" for item in block.items) + "</ul>"


@_block.register
def _(block: Table) -> str:
    head = _cells("th", block.header, block.is_words)
    rows = (_cells("td", row, block.is_words) for row in block.rows)
    body = "".join(f"<tr>{row}</tr>\n" for row in rows)
    return (
        f'<div class="scroll"><table><thead><tr>{head}</tr></thead>\n'
        f"<tbody>{body}</tbody></table></div>"
    )


def _cells(tag: str, cells: Sequence[str], are_words: Sequence[bool]) -> str:
    kinds = (' class="words"' if is_words else "" for is_words in are_words)
    return "".join(
        f"<{tag}{kind}>{escape(cell)}</{tag}>" for cell, kind in zip(cells, kinds, strict=True)
    )
