"""Items of code sequences (PS3.3 8.8)."""

from __future__ import annotations

from pydicom import Dataset

__all__ = ["OWN_SCHEME", "code_item"]

OWN_SCHEME = "99SHORTAXIS"
"""A private scheme, as PS3.16 8.2 has them begin with 99."""


def code_item(value: str, designator: str, meaning: str) -> Dataset:
    """One coded concept.

    Examples
    --------
    >>> code_item("103340004", "SCT", "Short Axis").CodeMeaning
    'Short Axis'
    """
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, designator, meaning
    return item
