"""What headers say, in the words that a reader knows: the tracer, and what reading concluded.

Files keep what a header holds; what is shown to people is a name, never a code of a vendor.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from shortaxis.dicom.carried.stated.glucose import FDG, PERHAPS_FDG
from shortaxis.spect.nuclides import nuclide_named_in
from shortaxis.spect.reading_notes import ReadingNote
from shortaxis.spect.study import AcquisitionFacts

__all__ = ["TRACER_NOT_TOLD", "note_words", "nuclide_of", "plain_notes", "tracer_words"]

TRACER_NOT_TOLD = "tracer not told by the header"

DRUGS = {
    "sestamibi": "sestamibi",
    "mibi": "sestamibi",
    "cardiolite": "sestamibi",
    "tetrofosmin": "tetrofosmin",
    "myoview": "tetrofosmin",
    "thallous": "chloride",
    "chloride": "chloride",
    "ammonia": "ammonia",
    "flurpiridaz": "flurpiridaz",
}
"""Words of drugs (PS3.16 CID 25 and 4021) and the name that is shown beside the nuclide."""

WORD = re.compile(r"[a-z]+")

REWORDED = (
    (re.compile(r"^(\d+) objects of one time slot each are"),
     r"\1 time slots that are stored apart are"),
    (re.compile(r"^one of (\d+) gated objects of one time slot each that belong"),
     r"one of \1 time slots that are stored apart and belong"),
)  # fmt: skip
"""What holds a time slot may be one object or a whole series of slices."""


def nuclide_of(facts: AcquisitionFacts) -> str:
    """The nuclide as in ``Tc-99m``; empty where nobody says."""
    return facts.nuclide or nuclide_named_in(facts.tracer)


def tracer_words(facts: AcquisitionFacts, notes: Sequence[ReadingNote] = ()) -> str:
    """The usual name of the nuclide, with the drug if it is known, or that nobody says.

    `notes` are those of reading: they know glucose by more than its name.

    Examples
    --------
    >>> tracer_words(AcquisitionFacts(tracer="Technetium (99m-Tc) sestamibi"))
    'Tc-99m sestamibi'
    >>> tracer_words(AcquisitionFacts(tracer="C-163AB"))
    'tracer not told by the header'
    """
    if FDG in notes:
        return "F-18 FDG"
    if PERHAPS_FDG in notes:
        return "F-18, drug not named"
    nuclide = nuclide_of(facts)
    if not nuclide:
        return TRACER_NOT_TOLD
    words = WORD.findall(facts.tracer.lower())
    drug = next((DRUGS[word] for word in words if word in DRUGS), "")
    return f"{nuclide} {drug}".strip()


def note_words(text: str) -> str:
    """A note or a reason of reading as a reader would say it.

    Examples
    --------
    >>> note_words("4 objects of one time slot each are one gated study, by InstanceNumber")
    '4 time slots that are stored apart are one gated study, by InstanceNumber'
    """
    for pattern, words in REWORDED:
        text = pattern.sub(words, text)
    return text


def plain_notes(notes: Sequence[ReadingNote]) -> list[str]:
    """Words of what reading concluded and is no reason to doubt."""
    return [note_words(note.text) for note in notes if not note.is_doubtful]
