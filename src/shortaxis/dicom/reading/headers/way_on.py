"""How to go on after a refusal that does not say so itself."""

from __future__ import annotations

from shortaxis.dicom.elements.part10 import EMPTY, NOT_DICOM
from shortaxis.errors import CountsError, GeometryError, ShortAxisError, UnreadableFileError

__all__ = ["lead_on"]

COPY_AGAIN = "copy the file again, or export the series again"
EXPORT_ANEW = "export the series again with all its attributes"
GET_PERMISSION = "let the user who runs this read the file"

MAY_NOT_BE_OPENED = "may not be opened"

SAID_IN_CAUSE = (NOT_DICOM, EMPTY)
"""Their cause says it: the file may be of another format."""


def lead_on(error: ShortAxisError) -> ShortAxisError:
    """Give an error about a damaged or incomplete object a step that goes on; returns it.

    What an error says itself stays, and so do errors about objects that are whole and of another
    kind: whether they say how to go on tells exams from what is none.
    """
    if error.way_on is not None or error.summary in SAID_IN_CAUSE:
        return error
    if error.summary == MAY_NOT_BE_OPENED:
        error.way_on = GET_PERMISSION
    elif isinstance(error, UnreadableFileError):
        error.way_on = COPY_AGAIN
    elif isinstance(error, GeometryError | CountsError):
        error.way_on = EXPORT_ANEW
    return error
