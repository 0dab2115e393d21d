"""The registry itself, as a table of a page."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from evidence.registry.certificates import CARRIED, NAME
from evidence.registry.places import DOCS, REPOSITORY
from evidence.registry.result import Result
from evidence.registry.state import standing_of
from evidence.registry.stored import measured_at, stored
from evidence.registry.table import RESULTS

__all__ = ["same_answers", "table"]

PAGE = DOCS / "explanation" / "evidence.md"


def table(records: Mapping[str, Any]) -> dict[str, Any]:
    """A row a result: question, inputs, minutes, state, where it is shown."""
    return {"rows": [_cells(result) for result in RESULTS.values()]}


def same_answers(records: Mapping[str, Any]) -> dict[str, Any]:
    """A row a certificate: since when, which rooms it covers, how many of each kind."""
    certificates = (records[NAME] or {}).get("certificates", [])
    return {"rows": [_compared_cells(each) for each in certificates]}


def _compared_cells(certificate: Mapping[str, Any]) -> list[str]:
    before, after = certificate["before"], certificate["after"]
    changed = [room for room in CARRIED if before.get(room) != after.get(room)]
    kinds = [f"{each['compared']} {kind}" for kind, each in certificate["kinds"].items()]
    return [certificate["since"][:7], ", ".join(changed) or "none", ", ".join(kinds)]


def _cells(result: Result) -> list[str]:
    record = stored(result.name)
    revisions = ", ".join(measured_at(record)) if record else ""
    return [
        f"`{result.name}`",
        result.question,
        result.inputs or "nothing but the code",
        f"{result.minutes:g}",
        f"{standing_of(result).state.value} {f'({revisions})' if revisions else ''}".strip(),
        ", ".join(_link(page) for page in result.pages),
    ]


def _link(page: str) -> str:
    if not page.startswith("docs/") or not (REPOSITORY / page).exists():
        return page.removesuffix(".md")
    path = os.path.relpath(REPOSITORY / page, PAGE.parent).replace(os.sep, "/")
    title = (REPOSITORY / page).read_text(encoding="utf-8").splitlines()[0].lstrip("# ")
    return f"[{title}]({path})"
