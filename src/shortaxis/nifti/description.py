"""What the description of a NIfTI header says of its content.

NIfTI has no field for the view of a heart, so slices that ShortAxis writes are marked in
``descrip`` (80 bytes, nifti1.h), and only these can be recognised again.
"""

from __future__ import annotations

__all__ = ["LABELS_CONTENT", "content_of", "description_of"]

START = b"ShortAxis "
LONGEST = 80

LABELS_CONTENT = "labels of the wall"
"""Content of files that hold no counts."""


def description_of(content: str) -> bytes:
    """Bytes of ``descrip`` for content such as ``short_axis``; empty for no content.

    Examples
    --------
    >>> description_of("short_axis"), content_of(description_of("short_axis"))
    (b'ShortAxis short_axis', 'short_axis')
    >>> content_of(b"FSL5.0")
    ''
    """
    return (START + content.encode("ascii"))[:LONGEST] if content else b""


def content_of(description: bytes) -> str:
    """Content that ShortAxis noted; empty for files of others."""
    if not description.startswith(START):
        return ""
    return description[len(START) :].rstrip(b"\0").decode("ascii", "replace")
