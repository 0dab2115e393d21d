"""What a header says of a patient as a person reads it: names in reading order, dates as ISO 8601.

It is for the first page of a print that is filed and for the review page of this machine, and for
nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date

__all__ = ["date_words", "identity_words", "name_words"]

DATE = re.compile(r"(\d{4})([.-]?)(\d{2})\2(\d{2})")
"""Of VR DA (PS3.5 6.2), and with the dots that ACR-NEMA had."""


def identity_words(rows: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The same rows of name and value, with values as they are read."""
    return [(name, READ_AS.get(name, str)(value)) for name, value in rows]


def date_words(value: str) -> str:
    """A date with its parts told apart; what is no date stays as it is.

    Examples
    --------
    >>> date_words("20240131"), date_words("20240231"), date_words("2024")
    ('2024-01-31', '20240231', '2024')
    """
    found = DATE.fullmatch(value.strip())
    if found is None:
        return value
    year, _, month, day = found.groups()
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return value


def name_words(value: str) -> str:
    """A name of VR PN (PS3.5 6.2.1) in reading order; what holds no parts stays as it is.

    Its letters come first; the same name in ideographs and as it is spoken follows in brackets,
    family name first.

    Examples
    --------
    >>> name_words("Doe^Jane^Mary^Dr.^MD"), name_words("DOE, JANE")
    ('Dr. Jane Mary Doe, MD', 'DOE, JANE')
    >>> name_words("Yamada^Tarou=山田^太郎")
    'Tarou Yamada (山田 太郎)'
    """
    letters, *others = value.split("=")
    told = [" ".join(filter(None, _parts(each))) for each in others]
    first, rest = _in_reading_order(letters), ", ".join(filter(None, told))
    if not first:
        return rest
    return f"{first} ({rest})" if rest else first


def _in_reading_order(letters: str) -> str:
    family, given, middle, prefix, suffix, *more = [*_parts(letters), *[""] * 4]
    name = " ".join(filter(None, (prefix, given, middle, family)))
    return ", ".join(filter(None, (name, suffix, *more)))


def _parts(group: str) -> list[str]:
    """Family, given and middle name, prefix, suffix, as far as there are any."""
    return [" ".join(each.split()) for each in group.split("^")]


READ_AS: Mapping[str, Callable[[str], str]] = {
    "Name": name_words,
    "Referred by": name_words,
    "Birth date": date_words,
    "Study date": date_words,
    "Acquired": date_words,
}
