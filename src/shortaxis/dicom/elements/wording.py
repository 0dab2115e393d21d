"""Words in descriptions that people and cameras write."""

from __future__ import annotations

import re
import unicodedata

__all__ = ["printable_ascii", "words_in"]

CAMEL_EDGE = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
"""Between ``Recon`` and ``Rest`` in ReconRest, between ``SA`` and ``Stress`` in SAStress."""

LETTERS = re.compile(r"[^\W\d_]+")


def words_in(text: str) -> list[str]:
    """Whole words in lower case without accents; digits, signs and camel case part words.

    Examples
    --------
    >>> words_in("ReconRest-1, STRESS_TRANS_AC, Esforço2")
    ['recon', 'rest', 'stress', 'trans', 'ac', 'esforco']
    """
    plain = "".join(
        letter
        for letter in unicodedata.normalize("NFKD", text)
        if not unicodedata.combining(letter)
    )
    return [word.lower() for run in LETTERS.findall(plain) for word in CAMEL_EDGE.split(run)]


def printable_ascii(text: str) -> str:
    """Printable ASCII, which every character set of a source can hold.

    Examples
    --------
    >>> printable_ascii("Esforço 2°")
    'Esfor?o 2?'
    """
    ascii_only = text.encode("ascii", "replace").decode("ascii")
    return "".join(each if each.isprintable() else "?" for each in ascii_only)
