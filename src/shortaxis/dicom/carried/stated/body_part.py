"""Whether the part of the body that a header names has the heart in it."""

from __future__ import annotations

import re

from pydicom import Dataset

from shortaxis.dicom.carried.modules.patient import names_the_patient
from shortaxis.dicom.elements.attributes import text_of

__all__ = ["AROUND_THE_HEART", "ELSEWHERE", "foreign_body_part", "may_hold_the_heart"]

AROUND_THE_HEART = (
    "HEART", "CARDI", "CORONARY", "MYOCARD", "CORAZON", "CORACAO", "COEUR", "CUORE", "HERZ",
    "CHEST", "THORA", "TORAX", "MEDIASTIN", "TORSO", "TRUNK", "BODY",
    "UNKNOWN", "UNDEFINED", "OTHER", "NONE",
)  # fmt: skip
"""What Body Part Examined holds where the heart is in view, or nothing is said (PS3.16 Annex L)."""

ELSEWHERE = "another part of the body"

PLAIN = re.compile(r"[A-Z0-9_ ]{1,16}")
"""A CS value (PS3.5 6.2); any other text is not repeated."""


def may_hold_the_heart(body_part: str) -> bool:
    """Whether the heart is in a part of the body; True where none is named.

    Examples
    --------
    >>> [may_hold_the_heart(part) for part in ("", "Chest", "CHESTABDOMEN", "HEAD")]
    [True, True, True, False]
    """
    letters = "".join(filter(str.isalpha, body_part.upper()))
    return not letters or any(part in letters for part in AROUND_THE_HEART)


def foreign_body_part(dataset: Dataset) -> str:
    """Body Part Examined (0018,0015) without the heart, as it may be shown; empty for others."""
    said = text_of(dataset, "BodyPartExamined")
    if may_hold_the_heart(said):
        return ""
    shown = said.upper()
    is_plain = PLAIN.fullmatch(shown) and not names_the_patient(said, dataset)
    return shown if is_plain else ELSEWHERE
