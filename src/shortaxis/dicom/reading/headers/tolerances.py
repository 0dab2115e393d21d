"""What writers spell otherwise than the standard, put right where its meaning is plain.

Each row of `TOLERANCES` looks at one trait of a header, corrects the data set in memory and says
what it did. Nothing is corrected that could mean two things.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from pydicom import DataElement, Dataset, config
from pydicom.datadict import keyword_for_tag, tag_for_keyword
from pydicom.tag import BaseTag, Tag

from shortaxis.dicom.elements.attributes import (
    integer_of,
    items_of,
    label,
    numbers_of,
    text_of,
    texts_of,
)
from shortaxis.dicom.elements.vocabulary import NM_STORAGE, PET_STORAGE
from shortaxis.errors import ShortAxisError
from shortaxis.spect.reading_notes import ReadingNote

__all__ = ["TOLERANCES", "put_right"]

Tolerance = Callable[[Dataset], ReadingNote | None]

DECIMALS = tuple(Tag(keyword) for keyword in (
    "ImagePositionPatient",
    "ImageOrientationPatient",
    "PixelSpacing",
    "SliceThickness",
    "SpacingBetweenSlices",
    "RescaleSlope",
    "RescaleIntercept",
    "TriggerTime",
    "FrameTime",
))  # fmt: skip
"""Decimal strings that geometry, counts and time slots are read from."""

DECIMAL_COMMA = re.compile(r"\s*[-+]?\d+,\d+(?:[eE][-+]?\d+)?\s*")

PRINTED_LIST = re.compile(r"\[.*\]", re.DOTALL)
"""How Python prints a list of texts, which a writer stored in place of the texts."""

PRINTED_TEXT = re.compile(r"'([^']*)'|\"([^\"]*)\"")

OTHER_MODALITIES = ("OT",)
"""Other (PS3.3 C.7.3.1.1.1), which stations write where they do not know: no other modality."""


def put_right(dataset: Dataset) -> tuple[ReadingNote, ...]:
    """Correct a header in memory; returns what was corrected.

    A trait that cannot be looked at, because an attribute is damaged, is left as it is: reading
    names the attribute if it needs it.
    """
    notes = []
    for tolerance in TOLERANCES:
        try:
            note = tolerance(dataset)
        except ShortAxisError:
            continue
        if note is not None:
            notes.append(note)
    return tuple(notes)


def _image_type_printed_as_list(dataset: Dataset) -> ReadingNote | None:
    values = texts_of(dataset, "ImageType")
    joined = "\\".join(values)
    if not PRINTED_LIST.fullmatch(joined):
        return None
    spelt = [first or second for first, second in PRINTED_TEXT.findall(joined)]
    if not spelt:
        return None
    dataset["ImageType"] = DataElement(
        _tag("ImageType"), "CS", spelt, validation_mode=config.IGNORE
    )
    return ReadingNote(
        f"{label('ImageType')} is one text that spells a list; it is read as {len(spelt)} values"
    )


def _decimal_commas(dataset: Dataset) -> ReadingNote | None:
    corrected = [
        keyword_for_tag(tag)
        for place in (dataset, *items_of(dataset, "DetectorInformationSequence"))
        for tag in DECIMALS
        if _comma_corrected(place, tag)
    ]
    if not corrected:
        return None
    named = ", ".join(label(keyword) for keyword in dict.fromkeys(corrected))
    return ReadingNote(f"{named} is written with decimal commas, read as points")


def _comma_corrected(place: Dataset, tag: BaseTag) -> bool:
    parts = _stored_texts(place, tag)
    if not any(DECIMAL_COMMA.fullmatch(part) for part in parts):
        return False
    place[tag] = DataElement(
        tag, "DS", [part.replace(",", ".").strip() for part in parts],
        validation_mode=config.IGNORE,
    )  # fmt: skip
    return True


def _stored_texts(place: Dataset, tag: BaseTag) -> Sequence[str]:
    """Values as they are stored, before any of them is taken for a number."""
    if tag not in place:
        return ()
    # Deferred values are empty ones here, and decoding them fails where the file is damaged.
    stored = place.get_item(tag, keep_deferred=True)
    value = None if stored is None else stored.value
    if isinstance(value, bytes):
        return value.decode("latin-1").split("\\")
    if isinstance(value, str):
        return [value]
    return [str(each) for each in value] if isinstance(value, Sequence) else ()


def _modality_other(dataset: Dataset) -> ReadingNote | None:
    found = text_of(dataset, "Modality").upper()
    modality = MODALITIES.get(text_of(dataset, "SOPClassUID"))
    if modality is None or found not in OTHER_MODALITIES:
        return None
    dataset.Modality = modality
    return ReadingNote(f"{label('Modality')} is {found}; SOP class and type say {modality}")


MODALITIES = {NM_STORAGE: "NM", PET_STORAGE: "PT"}


def _intercept_absent(dataset: Dataset) -> ReadingNote | None:
    """Rescale Intercept of a PET image is always zero (PS3.3 C.8.9.4)."""
    is_pet = text_of(dataset, "SOPClassUID") == PET_STORAGE
    if not is_pet or numbers_of(dataset, "RescaleIntercept") is not None:
        return None
    dataset.RescaleIntercept = "0"
    return ReadingNote(f"{label('RescaleIntercept')} is missing; it is zero in PET (PS3.3 C.8.9.4)")


def _zeros_for_geometry(dataset: Dataset) -> ReadingNote | None:
    """Zeros that stand for *unknown* beside geometry that is known."""
    items = items_of(dataset, "DetectorInformationSequence")
    removed = [
        keyword
        for place in (dataset, *items)
        for keyword in ("ImageOrientationPatient",)
        if _all_zero(place, keyword) and _removed(place, keyword)
    ]
    is_known = any(numbers_of(item, "ImagePositionPatient") is not None for item in items)
    keyword = "ImagePositionPatient"
    if is_known and _all_zero(dataset, keyword) and _removed(dataset, keyword):
        removed.append(keyword)
    if not removed:
        return None
    named = " and ".join(label(keyword) for keyword in dict.fromkeys(removed))
    return ReadingNote(f"{named} holds zeros, which are no geometry, and is left out")


def _all_zero(place: Dataset, keyword: str) -> bool:
    numbers = numbers_of(place, keyword)
    return numbers is not None and not numbers.any()


def _removed(place: Dataset, keyword: str) -> bool:
    del place[keyword]
    return True


def _no_slices_counted(dataset: Dataset) -> ReadingNote | None:
    if integer_of(dataset, "NumberOfSlices") != 0:
        return None
    del dataset["NumberOfSlices"]
    return ReadingNote(f"{label('NumberOfSlices')} is zero and is left out")


TOLERANCES: tuple[Tolerance, ...] = (
    _decimal_commas,
    _image_type_printed_as_list,
    _modality_other,
    _intercept_absent,
    _zeros_for_geometry,
    _no_slices_counted,
)
"""Traits that are put right, in order: numbers first, since others look at them."""


def _tag(keyword: str) -> int:
    return tag_for_keyword(keyword) or 0
