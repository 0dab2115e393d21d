"""JSON of any shape: what a file may hold that somebody has edited, cut short or mistaken."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

__all__ = ["STRANGE_TEXTS", "any_json", "spoilt"]

STRANGE_TEXTS = (
    "",
    "\ufeff{}",
    "nul",
    "null",
    "[]",
    "{}",
    '"text"',
    "9" * 5000,
    "[" * 100_000,
    '{"a":' * 50_000,
    "1e999",
    "NaN",
    '{"schema": "\\ud800"}',
    '{"schema": null, "schema": []}',
    "\0",
)
"""Which no strategy would come upon soon."""

NUMBERS = st.one_of(
    st.integers(-3, 20),
    st.integers(),
    st.floats(),
    st.sampled_from([10**400, -1, 2**31, 2**63, 1e308, 1e-320]),
)

LEAVES = st.one_of(st.none(), st.booleans(), NUMBERS, st.text(max_size=8))


def any_json() -> st.SearchStrategy[Any]:
    """Any value that JSON has, and NaN and infinity, which its readers take."""
    return st.recursive(
        LEAVES,
        lambda inner: st.one_of(
            st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=6), inner, max_size=4)
        ),
        max_leaves=8,
    )


@st.composite
def spoilt(draw: st.DrawFn, valid: Any) -> str:
    """Text of a valid value with one to three of its parts replaced, repeated or left out."""
    values = json.loads(json.dumps(valid))
    for _ in range(draw(st.integers(1, 3))):
        if not isinstance(values, dict | list) or not values:
            break
        holder, key = values, draw(st.sampled_from(_keys(values)))
        # Level by level: of all parts, nearly all are numbers of some long list.
        while isinstance(holder[key], dict | list) and holder[key] and draw(st.integers(0, 3)):
            holder = holder[key]
            key = draw(st.sampled_from(_keys(holder)))
        how = draw(st.sampled_from(["another", "another", "gone", "twice"]))
        if how == "gone":
            del holder[key]
        elif how == "twice":
            holder[key] = [holder[key], holder[key]]
        else:
            holder[key] = draw(any_json())
    return json.dumps(values)


def _keys(values: dict[str, Any] | list[Any]) -> list[Any]:
    return list(values) if isinstance(values, dict) else list(range(len(values)))
