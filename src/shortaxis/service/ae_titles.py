"""Application entity titles: what they may be."""

from __future__ import annotations

import re

from shortaxis.errors import OptionError

__all__ = ["require_ae_titles"]

AE_TITLE = re.compile(r"[ -\[\]-~]{1,16}", re.ASCII)
"""Without backslash and control characters (PS3.5 6.2, VR AE)."""


def require_ae_titles(*titles: str) -> None:
    """Refuse what cannot be an AE title.

    Raises
    ------
    OptionError
        For no title, one of more than 16 characters, or one with a backslash.
    """
    for title in titles:
        if not AE_TITLE.fullmatch(title) or not title.strip():
            raise OptionError(
                "an AE title cannot be one",
                expected="1 to 16 characters without backslash",
                found=repr(title),
            )
