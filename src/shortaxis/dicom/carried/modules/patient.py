"""The patient of a derived object: the source's, to the byte, and in no text beside."""

from __future__ import annotations

import re
import unicodedata

from pydicom import Dataset
from pydicom.charset import convert_encodings, default_encoding, encode_string
from pydicom.datadict import dictionary_VR, tag_for_keyword
from pydicom.dataelem import RawDataElement
from pydicom.tag import Tag

from shortaxis.dicom.carried.modules.carried_attributes import IDENTITY
from shortaxis.dicom.elements.attributes import text_of

__all__ = [
    "NAMING",
    "detached",
    "keep_identity_bytes",
    "names_the_patient",
    "state_deidentification_method",
    "tidy_series_description",
    "without_the_patient",
]

NAMING = ("PatientName", "PatientID", "AccessionNumber")
"""Identity attributes whose parts point at one person."""

SHORTEST_NAME = 3
"""Letters; shorter parts of a name occur in any description."""

MAX_DESCRIPTION_LENGTH = 64
"""Characters by PS3.5 6.2; counted in bytes, since some readers do."""


def detached(source: Dataset) -> Dataset:
    """Return the same elements in a data set of their own, undecoded ones still so.

    pydicom decodes in place, and its copies share their elements.
    """
    # A data set can be built from its elements by tag, as readers do.
    return Dataset({tag: source.get_item(tag) for tag in source.keys()})  # noqa: SIM118


def keep_identity_bytes(source: Dataset, target: Dataset) -> None:
    """Take over identity attributes as their bytes stand in the file, where they still do.

    Bytes that do not fit the declared character set would be changed by decoding, and a changed
    name files the study under another patient.
    """
    for keyword in IDENTITY:
        element: object = source.get_item(tag_for_keyword(keyword) or 0)
        if isinstance(element, RawDataElement) and element.value:
            vr = dictionary_VR(element.tag)
            if vr != "UI":  # a UID is ASCII, and an unusable one was replaced
                target[element.tag] = element._replace(VR=vr)
    # Unless data sets say so, pydicom decodes before it encodes.
    target.set_original_encoding(False, True, _encodings(target) or default_encoding)


def state_deidentification_method(dataset: Dataset) -> None:
    """Complete a source that is said to be de-identified but not how (type 1C, C.7.1.1)."""
    methods = ("DeidentificationMethod", "DeidentificationMethodCodeSequence")
    if text_of(dataset, "PatientIdentityRemoved") == "YES" and not any(
        text_of(dataset, keyword) for keyword in methods
    ):
        dataset.DeidentificationMethod = "Not recorded in the source"


def tidy_series_description(dataset: Dataset) -> None:
    """Make the description printable, no longer than allowed, and free of the patient.

    What the source called its series follows a colon, and is left out where it holds a part of
    the patient's name, the patient's ID or the accession number.
    """
    text = str(dataset.SeriesDescription)
    if names_the_patient(text, dataset):
        text = text.partition(":")[0]
    text = "".join(letter if letter.isprintable() else " " for letter in text)
    if not text_of(dataset, "SpecificCharacterSet"):
        text = text.encode("ascii", "replace").decode("ascii")
    encodings = _encodings(dataset) or [default_encoding]
    while len(encode_string(text, encodings)) > MAX_DESCRIPTION_LENGTH:
        text = text[:-1]
    dataset.SeriesDescription = text.strip()


def _encodings(dataset: Dataset) -> list[str]:
    """Python's names of the character sets declared; may be empty."""
    declared = dataset.get("SpecificCharacterSet")
    return convert_encodings(declared) if declared else []


def names_the_patient(text: str, dataset: Dataset) -> bool:
    """Whether a text holds a part of the patient's name, the ID or the accession number."""
    folded = _folded(text)
    return any(part in folded for part in _parts_of_the_patient(dataset))


def without_the_patient(text: str, dataset: Dataset) -> str:
    """Leave out the words of a text that name the patient."""
    return " ".join(word for word in text.split() if not names_the_patient(word, dataset))


def _parts_of_the_patient(dataset: Dataset) -> set[str]:
    tags = [Tag(keyword) for keyword in ("SpecificCharacterSet", *NAMING)]
    # In a data set of their own, so that the source keeps their bytes undecoded.
    named = Dataset({tag: dataset.get_item(tag) for tag in tags if tag in dataset})
    return {
        part
        for keyword in NAMING
        for part in re.split(r"[\s^=,\\]+", _folded(text_of(named, keyword)))
        if len(part) >= SHORTEST_NAME
    }


def _folded(text: str) -> str:
    """In one case and without accents, which people leave out now and then."""
    letters = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in letters if not unicodedata.combining(letter)).casefold()
