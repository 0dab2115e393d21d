"""Paths as they are typed on the command line."""

from __future__ import annotations

from pathlib import Path

import typer

__all__ = ["typed_path"]


def typed_path(text: str) -> Path:
    """Path of an argument; an empty one, as an unset variable gives, is not the current folder."""
    if not text:
        raise typer.BadParameter("is empty; an unset variable? The current folder is '.'")
    return Path(text)
