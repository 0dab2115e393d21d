"""What people call reoriented series, as tables of words.

The two views are *short axis* and *long axis* (Cerqueira 2002; PS3.16 CID 26, whose codes
`shortaxis.dicom.elements.vocabulary` holds). Abbreviations: SA, VLA, HLA (ASNC guidelines), SAX and
LAX (cardiac MRI, and many nuclear consoles); IRNC and IRAC, with which GE Xeleris names series that
are not, and that are corrected for attenuation. Other languages: the plain words for short and long
axis, in the forms in which series are named; no list of them is published.
"""

from __future__ import annotations

import re

__all__ = [
    "CARDIAC_VIEW_PARTS",
    "CARDIAC_VIEW_PHRASES",
    "CARDIAC_VIEW_WORDS",
    "GLUED_VIEW",
    "GLUED_VIEWS",
]

SHORT, LONG = "short axis", "long axis"

CARDIAC_VIEW_WORDS = {
    **dict.fromkeys(
        (
            "sa", "sax", "shax", "saxis", "shortaxis", "shortaxes", "shortax",
            "kurzachse", "kurzachsen", "kurzachsenschnitt", "kurzachsenschnitte",
            "korteas", "kortaxel", "kortakse", "ejecorto", "petitaxe", "eixocurto", "assecorto",
        ),
        SHORT,
    ),
    **dict.fromkeys(
        (
            "vla", "vlax", "hla", "hlax", "lax", "longaxis", "longaxes",
            "langachse", "langachsen", "langachsenschnitt", "langachsenschnitte",
            "langeas", "langaxel", "langakse", "ejelargo", "grandaxe", "eixolongo", "asselungo",
        ),
        LONG,
    ),
    **dict.fromkeys(("reoriented", "reorient"), "a reorientation"),
}  # fmt: skip
"""Whole words, without accents, that name a reoriented series."""

GLUED_VIEW = re.compile(
    r"""
    (?:(?:g|gat|gated|str|strs|stress|rst|rest)(?P<glued>sa|sax|vla|vlax|hla|hlax|lax))
    |(?P<led>sa|sax|vla|vlax|hla|hlax|lax)(?:gated|str|strs|stress|rst|rest)
    |(?P<ended>sax|vla|vlax|hla|hlax|lax)g
    |(?P<corrected>sa|sax|vla|vlax|hla|hlax|lax)(?:ac|nac|irac|irnc|ctac)
    |(?:nac|irac|irnc|ctac)(?P<uncorrected>sa|sax|vla|vlax|hla|hlax|lax)
    """,
    re.VERBOSE,
)
"""Whole words in which a view is glued to its condition, gating or correction: STRSA, GSAX, SAAC.

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
            ("shrt", "axis"), ("sh", "axis"), ("sh", "ax"), ("s", "axis"), ("s", "axes"),
            ("s", "ax"),
            ("eixo", "curto"), ("eixos", "curtos"), ("eixo", "menor"), ("eixos", "menores"),
            ("eje", "corto"), ("ejes", "cortos"), ("eje", "menor"), ("ejes", "menores"),
            ("petit", "axe"), ("petits", "axes"),
            ("asse", "corto"), ("assi", "corti"),
            ("kurze", "achse"), ("kurze", "achsen"),
            ("korte", "as"), ("korte", "assen"),
            ("axe", "court"), ("axes", "courts"), ("asse", "breve"), ("eix", "curt"),
            ("ax", "scurt"), ("axul", "scurt"), ("axa", "scurta"),
            ("kort", "axel"), ("korta", "axeln"), ("kort", "akse"), ("korte", "akse"),
            ("os", "krotka"), ("osi", "krotkiej"), ("kratka", "osa"), ("kratke", "osy"),
            ("rovid", "tengely"), ("lyhyt", "akseli"), ("kratka", "os"),
            ("kisa", "aks"), ("kısa", "aks"), ("kisa", "eksen"), ("kısa", "eksen"),
            ("βραχυς", "αξονας"), ("βραχυ", "αξονα"), ("ציר", "קצר"),
            ("короткая", "ось"), ("короткои", "оси"), ("короткие", "оси"),
            ("коротка", "вісь"), ("къса", "ос"),
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
            ("axe", "long"), ("axes", "longs"), ("eix", "llarg"),
            ("ax", "lung"), ("axul", "lung"), ("axa", "lunga"),
            ("lang", "axel"), ("langa", "axeln"), ("lang", "akse"), ("lange", "akse"),
            ("os", "długa"), ("os", "dluga"), ("osi", "długiej"), ("osi", "dlugiej"),
            ("dlouha", "osa"), ("dlouhe", "osy"), ("duga", "os"),
            ("hosszu", "tengely"), ("pitka", "akseli"), ("uzun", "aks"), ("uzun", "eksen"),
            ("μακρυς", "αξονας"), ("επιμηκης", "αξονας"), ("ציר", "ארוך"),
            ("длинная", "ось"), ("длиннои", "оси"), ("длинные", "оси"),
            ("довга", "вісь"), ("дълга", "ос"),
        ),
        LONG,
    ),
}  # fmt: skip
"""Two neighbouring words that name a reoriented series."""

CARDIAC_VIEW_PARTS = {
    **dict.fromkeys(("短軸", "短轴", "단축면", "단축상", "단축영상"), SHORT),
    **dict.fromkeys(("長軸", "长轴", "장축면", "장축상", "장축영상"), LONG),
}
"""Parts of Japanese, Chinese and Korean texts, which have no spaces between words.

短軸 and 長軸 (JCS guidelines on nuclear cardiology), 短轴 and 长轴 in simplified characters. Korean
단축 alone means shortening, too, and is no view without its noun.
"""
