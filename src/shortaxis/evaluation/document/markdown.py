"""A document as Markdown."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import singledispatch

from shortaxis.evaluation.document.blocks import Block, Bullets, Heading, Paragraph, Picture, Table

__all__ = ["to_markdown"]

MARKUP = re.compile(r"([\\`*_\[\]<>|#])")


def to_markdown(blocks: Sequence[Block]) -> str:
    """Markdown with pipe tables; nothing in the words is markup."""
    return "\n\n".join(_block(block) for block in blocks) + "\n"


@singledispatch
def _block(block: Block) -> str:
    raise NotImplementedError(type(block).__name__)


@_block.register
def _(block: Heading) -> str:
    return f"{'#' * block.level} {_plain(block.words)}"


@_block.register
def _(block: Paragraph) -> str:
    return _plain(block.words)


@_block.register
def _(block: Bullets) -> str:
    return "\n".join(f"- {_plain(item)}" for item in block.items)


@_block.register
def _(block: Table) -> str:
    rule = ["---" if is_words else "---:" for is_words in block.is_words]
    rows = [[_plain(cell) for cell in row] for row in (block.header, *block.rows)]
    rows.insert(1, rule)
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


@_block.register
def _(block: Picture) -> str:
    return f"![{_plain(block.caption)}]({block.path})"


def _plain(words: str) -> str:
    return MARKUP.sub(r"\\\1", " ".join(words.split()))
