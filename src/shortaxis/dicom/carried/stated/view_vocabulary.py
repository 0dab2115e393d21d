"""What people call reoriented series, as tables of words."""

from __future__ import annotations

import re

__all__ = ["CARDIAC_VIEW_PHRASES", "CARDIAC_VIEW_WORDS", "GLUED_VIEW", "GLUED_VIEWS"]

SHORT, LONG = "short axis", "long axis"

CARDIAC_VIEW_WORDS = {
    **dict.fromkeys(
        ("sa", "sax", "shax", "shortaxis", "shortaxes", "shortax", "kurzachse", "kurzachsen"), SHORT
    ),
    **dict.fromkeys(
        ("vla", "vlax", "hla", "hlax", "lax", "longaxis", "longaxes", "langachse", "langachsen"),
        LONG,
    ),
    **dict.fromkeys(("reoriented", "reorient"), "a reorientation"),
}
"""Whole words, without accents, that name a reoriented series."""

GLUED_VIEW = re.compile(
    r"""
    (?:(?:g|gat|gated|str|strs|stress|rst|rest)(?P<glued>sa|sax|vla|vlax|hla|hlax|lax))
    |(?P<led>sa|sax|vla|vlax|hla|hlax|lax)(?:gated|str|strs|stress|rst|rest)
    |(?P<ended>sax|vla|vlax|hla|hlax|lax)g
    """,
    re.VERBOSE,
)
"""Whole words in which a view is glued to its condition or gating: STRSA, GSAX, SAXG, SAREST.

SAG stands for sagittal, and SATRANS for either, so they are not among them.
"""

GLUED_VIEWS = {
    "sa": SHORT, "sax": SHORT,
    "vla": LONG, "vlax": LONG, "hla": LONG, "hlax": LONG, "lax": LONG,
}  # fmt: skip
"""What the glued abbreviations stand for."""

CARDIAC_VIEW_PHRASES = {
    **dict.fromkeys(
        (
            ("short", "axis"), ("short", "axes"), ("short", "ax"),
            ("shrt", "axis"), ("sh", "axis"), ("sh", "ax"),
            ("eixo", "curto"), ("eixos", "curtos"), ("eixo", "menor"), ("eixos", "menores"),
            ("eje", "corto"), ("ejes", "cortos"), ("eje", "menor"), ("ejes", "menores"),
            ("petit", "axe"), ("petits", "axes"),
            ("asse", "corto"), ("assi", "corti"),
            ("kurze", "achse"), ("kurze", "achsen"),
            ("korte", "as"), ("korte", "assen"),
            ("короткая", "ось"), ("короткои", "оси"), ("короткие", "оси"),
        ),
        SHORT,
    ),
    **dict.fromkeys(
        (
            ("long", "axis"), ("long", "axes"), ("long", "ax"),
            ("horizontal", "long"), ("horiz", "long"), ("hor", "long"),
            ("vertical", "long"), ("vert", "long"), ("ver", "long"),
            ("eixo", "longo"), ("eixos", "longos"), ("eixo", "maior"), ("eixos", "maiores"),
            ("eje", "largo"), ("ejes", "largos"), ("eje", "mayor"), ("ejes", "mayores"),
            ("grand", "axe"), ("grands", "axes"),
            ("asse", "lungo"), ("assi", "lunghi"),
            ("lange", "achse"), ("lange", "achsen"),
            ("lange", "as"), ("lange", "assen"),
            ("длинная", "ось"), ("длиннои", "оси"), ("длинные", "оси"),
        ),
        LONG,
    ),
}  # fmt: skip
"""Two neighbouring words that name a reoriented series."""
