"""The marks of a block whose results are stale, or whose code has changed and answers alike."""

from __future__ import annotations

from collections.abc import Iterable

from evidence.pages.rendering import render
from evidence.registry.state import State, standing_of
from evidence.registry.stored import measured_at, stored
from evidence.registry.table import RESULTS

__all__ = ["proven_mark", "stale_mark"]


def stale_mark(results: Iterable[str]) -> str:
    """One line that names the stale results of a block; nothing where all are fresh.

    It tells when they were measured but not what has changed since, so that it stays as it is
    while more changes; ``python -m evidence list`` tells that.
    """
    stale = [name for name in results if standing_of(RESULTS[name]).state is State.STALE]
    named = [(name, measured_at(stored(name) or {})) for name in stale]
    return render("stale-mark", {"stale": named}) if named else ""


def proven_mark(results: Iterable[str]) -> str:
    """One line that names the fresh results of a block whose code has changed, proven alike."""
    standings = {name: standing_of(RESULTS[name]) for name in results}
    proven = {name: each.proven for name, each in standings.items() if each.proven}
    named = [(name, measured_at(stored(name) or {})) for name in proven]
    values = {"proven": named, "exams": min(proven.values(), default=0)}
    return render("proven-mark", values) if named else ""
