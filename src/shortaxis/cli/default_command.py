"""A group of commands of which one needs no name."""

from __future__ import annotations

import typer
from typer.core import TyperGroup

__all__ = ["DEFAULT_COMMAND", "GroupWithDefault"]

DEFAULT_COMMAND = "open"


class GroupWithDefault(TyperGroup):
    """What does not begin with the name of a command is given to the command ``open``.

    A file or folder that is called like a command is named as ``./export``.
    """

    def parse_args(  # type: ignore[override] # the class it names is private to typer
        self, ctx: typer.Context, args: list[str]
    ) -> list[str]:
        """Put the name of the default command in front where none is given."""
        if not args or args[0] not in self.commands:
            args = [DEFAULT_COMMAND, *(args or ["--help"])]
        return super().parse_args(ctx, args)
