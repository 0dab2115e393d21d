"""Which nuclide a tracer has, by whatever name a camera, a pharmacy or a person gives it."""

from __future__ import annotations

import re
from itertools import pairwise

__all__ = ["NUCLIDE_NAMES", "nuclide_named_in"]

NUCLIDE_NAMES = {
    "Tc-99m": ("tc99m", "99mtc", "99mtechnetium", "technetium99m", "technetium", "mibi",
               "sestamibi", "cardiolite", "tetrofosmin", "myoview", "tc99"),
    "Tl-201": ("tl201", "201tl", "201thallium", "thallium201", "thallium", "thallous"),
    "Rb-82": ("rb82", "82rb", "82rubidium", "rubidium82", "rubidium"),
    "N-13": ("n13", "13n", "13nitrogen", "nitrogen13", "13ammonia", "ammonia"),
    "F-18": ("f18", "18f", "18fluorine", "fluorine18", "flurpiridaz"),
}  # fmt: skip
"""Nuclides of myocardial perfusion (PS3.16 CID 18, 25, 4020, 4021), and words that name them,
without signs and in lower case."""

WORD = re.compile(r"[a-z0-9]+")

NUCLIDE_OF = {word: nuclide for nuclide, words in NUCLIDE_NAMES.items() for word in words}


def nuclide_named_in(text: str) -> str:
    """Name the nuclide of a text as in ``Tc-99m``; empty for none, or for two different ones.

    Examples
    --------
    >>> [nuclide_named_in(text) for text in ("Technetium (99m-Tc) sestamibi", "Tc99m", "511 keV")]
    ['Tc-99m', 'Tc-99m', '']
    >>> nuclide_named_in("Tl-201 then Tc-99m")
    ''
    """
    parts = WORD.findall(text.lower())
    pairs = [first + second for first, second in pairwise(parts)]
    named = {NUCLIDE_OF[word] for word in (*parts, *pairs) if word in NUCLIDE_OF}
    return named.pop() if len(named) == 1 else ""
