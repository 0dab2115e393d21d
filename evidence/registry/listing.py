"""The registry as a table for a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from evidence.registry.state import standing_of
from evidence.registry.table import KEPT_WITH_THE_PACKAGE, RESULTS

__all__ = ["listing"]


def listing() -> Iterator[str]:
    """A row a result with its state, minutes and question; below it why it is not fresh."""
    width = max(map(len, (*RESULTS, *KEPT_WITH_THE_PACKAGE)))
    yield f"{'result':{width}}  {'state':7}  {'minutes':>7}  question"
    for name, result in RESULTS.items():
        standing = standing_of(result)
        state, minutes = standing.state.value, f"{result.minutes:g}"
        yield f"{name:{width}}  {state:7}  {minutes:>7}  {result.question}"
        if standing.reason:
            yield f"{'':{width}}  {'':7}  {'':7}  ({standing.reason})"
    yield ""
    yield "Kept with the package, and run with options of their own:"
    yield from (f"{name:{width}}  {script}" for name, script in KEPT_WITH_THE_PACKAGE.items())
