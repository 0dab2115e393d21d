"""Tables that stay readable in a narrow terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["print_table"]


def print_table(console: Console, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table, or one line a value where its cells would be cut."""
    # Its libraries come after the work: what they take adds nothing to its memory.
    from rich.measure import Measurement
    from rich.table import Table

    table = Table(*columns)
    for row in rows:
        table.add_row(*row)
    if Measurement.get(console, console.options.update(width=10_000), table).maximum <= (
        console.width
    ):
        console.print(table)
        return
    for row in rows:
        for name, value in zip(columns, row, strict=True):
            console.print(f"{name}: {value}", soft_wrap=True, markup=False, highlight=False)
