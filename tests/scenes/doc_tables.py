"""Tables in the pages of the documentation."""

from __future__ import annotations

import re
from pathlib import Path

__all__ = ["table_below"]


def table_below(page: Path, heading: str) -> list[list[str]]:
    """Cells of the first table after a heading, without its header rows."""
    text = page.read_text(encoding="utf-8")
    rows = re.split(rf"^#+ {re.escape(heading)}$", text, flags=re.MULTILINE)[1].splitlines()
    start = next(number for number, row in enumerate(rows) if row.startswith("|"))
    table = []
    for row in rows[start:]:
        if not row.startswith("|"):
            break
        table.append([cell.strip() for cell in row.strip("|").split("|")])
    return table[2:]
