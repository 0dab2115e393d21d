"""Markdown templates, filled."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from evidence.pages.origins import origin
from evidence.registry.places import REPOSITORY

__all__ = ["render", "row"]

TEMPLATES = REPOSITORY / "evidence" / "templates"


def render(template: str, values: Mapping[str, Any]) -> str:
    """Text of a template of ``evidence/templates``, without lines before and after it."""
    return _environment().get_template(f"{template}.md").render(values).strip("\n")


def row(cells: Iterable[object]) -> str:
    """A row of a Markdown table.

    Examples
    --------
    >>> row(["study", 1])
    '| study | 1 |'
    """
    return f"| {' | '.join(str(cell) for cell in cells)} |"


def rule(columns: int) -> str:
    """The line below the headings of a table."""
    return "|" + "---|" * columns


def _environment() -> Environment:
    # The texts are Markdown made of our own numbers, so that nothing is to be escaped for HTML.
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,  # noqa: S701
    )
    made.filters["row"] = row
    made.globals.update(origin=origin, rule=rule)
    return made
