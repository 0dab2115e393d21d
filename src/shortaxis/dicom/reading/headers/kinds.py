"""Which objects hold a transaxial reconstruction, and why the others are refused."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from pydicom import Dataset
from pydicom.datadict import tag_for_keyword
from pydicom.uid import UID

from shortaxis.dicom.carried.stated.declared_view import declared_view
from shortaxis.dicom.carried.stated.map_names import named_attenuation_map
from shortaxis.dicom.elements.attributes import (
    integer_of,
    label,
    numbers_of,
    text_of,
    texts_of,
)
from shortaxis.dicom.elements.transfer_syntaxes import transfer_syntax_of
from shortaxis.dicom.elements.vocabulary import (
    NM_PROJECTIONS,
    NM_RECONSTRUCTIONS,
    NM_REFUSED,
    NM_STORAGE,
    PET_REFUSED,
    PET_SERIES_TYPES,
    PET_STORAGE,
    REFUSED_STORAGES,
)
from shortaxis.errors import AlreadyReorientedError, UnreadableFileError, UnsupportedObjectError
from shortaxis.spect.reading_notes import ReadingNote
from shortaxis.spect.reading_options import AS_STORED, RawProjections, ReadingOptions
from shortaxis.spect.study import Modality

__all__ = ["PAST_NO_EXAM", "ObjectKind", "classify_object", "refusal_of_class"]


@dataclass(frozen=True)
class ObjectKind:
    """A kind of object that can be read, such as ``NM RECON TOMO``, and what to note about it.

    `holds_projections` says that it is raw, and to be reconstructed first.
    """

    name: str
    modality: Modality
    is_gated: bool
    notes: tuple[ReadingNote, ...] = ()
    holds_projections: bool = False


WHOLE_BODY = ReadingNote("a whole-body series: the heart was sought in all of it", True)

NO_SERIES_TYPE = ReadingNote(
    f"{label('SeriesType')} is missing: taken for a static series of one bed position", True
)

TRANSMISSION = "holds a transmission image, not the tracer"
TAKE_EMISSION = (
    "take the emission images; with raw projections a map goes to shortaxis reconstruct "
    "--attenuation-map"
)
EXPORT_SLICES = (
    "export the tomographic acquisition of this exam, or the transaxial slices made of it"
)
EXPORT_SINGLE = "export the series as PET Image Storage, one slice in each file"
EXPORT_AGAIN = "export the series again"

PAST_NO_EXAM = frozenset({TAKE_EMISSION, EXPORT_SLICES, EXPORT_SINGLE, EXPORT_AGAIN})
"""How to go on after objects that are no exam, and not in want of something that can be said."""

GATED_BY_VECTORS = ReadingNote(
    f"{label('ImageType')} says ungated, {label('TimeSlotVector')} tells several time slots: "
    "read as gated"
)


def classify_object(dataset: Dataset, options: ReadingOptions = AS_STORED) -> ObjectKind:
    """Say what kind of reconstruction, or of projections, a header announces.

    Parameters
    ----------
    dataset : Dataset
        Header, with or without pixels.
    options : ReadingOptions
        What the user allows: series that say they are reoriented already, whole-body series,
        projections.

    Raises
    ------
    UnreadableFileError
        If the object does not say its SOP class.
    UnsupportedObjectError
        If it holds anything but a reconstructed emission volume, or is encoded in an unknown
        way.
    AlreadyReorientedError
        If it says it is a short-axis or long-axis series.
    """
    # A DICOMDIR has its class in the file meta information only.
    meta = getattr(dataset, "file_meta", Dataset())
    sop_class = text_of(dataset, "SOPClassUID") or text_of(meta, "MediaStorageSOPClassUID")
    if not sop_class:
        raise UnreadableFileError(
            "does not say what it is", expected=label("SOPClassUID"), found="no value",
            cause="the file is truncated or damaged",
        )  # fmt: skip
    classify = {NM_STORAGE: _classify_nm, PET_STORAGE: _classify_pet}.get(sop_class)
    if classify is None:
        raise refusal_of_class(sop_class)
    transfer_syntax_of(dataset)
    kind = classify(dataset, options)
    _refuse_another_modality(dataset, kind)
    if not options.force_input:
        _refuse_reoriented(dataset)
        _refuse_attenuation_map(dataset)
    return kind


def refusal_of_class(sop_class: str) -> UnsupportedObjectError:
    """Why an object of a class that is neither NM nor PET is not read."""
    why = REFUSED_STORAGES.get(sop_class, "holds no reconstructed nuclear tomography")
    # The UID of an unknown class is text like any other, and may hold an identifier.
    name = UID(sop_class).name
    name = "an unknown class" if name == sop_class else name
    return _unsupported(f"{name} {why}", "a transaxial reconstruction", way_on=EXPORT_SLICES)


def _classify_nm(dataset: Dataset, options: ReadingOptions) -> ObjectKind:
    image_type = [value.upper() for value in texts_of(dataset, "ImageType")]
    # Value 3 says what was acquired, value 4 from which radiation (PS3.3 C.8.4.9.1).
    if len(image_type) < 3:
        raise UnsupportedObjectError(
            f"{label('ImageType')} does not say what the image holds",
            expected=r"four values such as ORIGINAL\PRIMARY\RECON TOMO\EMISSION",
            found=f"{len(image_type)} values" + _known_words(image_type),
            cause="a file that was cut short, or an export that dropped attributes",
        )
    if "TRANSMISSION" in image_type[3:]:
        raise _unsupported(TRANSMISSION, "an EMISSION image", way_on=TAKE_EMISSION)
    found = image_type[2]
    if found in NM_PROJECTIONS:
        return _projections(found, dataset, options)
    if found not in NM_RECONSTRUCTIONS:
        what = NM_REFUSED.get(found, "no kind of image that the standard knows")
        raise _unsupported(
            f"is {what}", f"{label('ImageType')} RECON TOMO or RECON GATED TOMO",
            found if found in NM_REFUSED else "another value 3", EXPORT_SLICES,
        )  # fmt: skip
    if not NM_RECONSTRUCTIONS[found] and _has_several_time_slots(dataset):
        return ObjectKind("NM RECON GATED TOMO", Modality.NM, True, (GATED_BY_VECTORS,))
    return ObjectKind(f"NM {found}", Modality.NM, NM_RECONSTRUCTIONS[found])


def _projections(found: str, dataset: Dataset, options: ReadingOptions) -> ObjectKind:
    if options.raw is RawProjections.NONE:
        raise UnsupportedObjectError(
            f"holds {'gated ' * NM_PROJECTIONS[found]}projections",
            expected=f"{label('ImageType')} RECON TOMO or RECON GATED TOMO",
            found=found,
            cause="raw data, which were to be refused",
            way_on="reconstruct it with shortaxis reconstruct, or leave --raw none out",
        )
    if not NM_PROJECTIONS[found] and _has_several_time_slots(dataset):
        return ObjectKind(
            "NM GATED TOMO", Modality.NM, True, (GATED_BY_VECTORS,), holds_projections=True
        )
    return ObjectKind(f"NM {found}", Modality.NM, NM_PROJECTIONS[found], holds_projections=True)


def _known_words(image_type: list[str]) -> str:
    """What of Image Type the standard knows; other text may hold an identifier."""
    words = (*NM_RECONSTRUCTIONS, *NM_PROJECTIONS, *NM_REFUSED)
    known = [word for word in words if any(word in value for value in image_type)]
    return f", among them {max(known, key=len)}" if known else ""


def _has_several_time_slots(dataset: Dataset) -> bool:
    slots = numbers_of(dataset, "TimeSlotVector")
    n_frames = integer_of(dataset, "NumberOfFrames")
    tags = numbers_of(dataset, "FrameIncrementPointer")
    is_pointed_to = tags is None or tag_for_keyword("TimeSlotVector") in tags
    if slots is None or len(slots) != n_frames or not is_pointed_to:
        return False
    return np.unique(slots).size > 1


def _classify_pet(dataset: Dataset, options: ReadingOptions) -> ObjectKind:
    series_type = [value.upper() for value in texts_of(dataset, "SeriesType")] or ["STATIC"]
    found = series_type[0]
    notes = () if texts_of(dataset, "SeriesType") else (NO_SERIES_TYPE,)
    if "TRANSMISSION" in text_of(dataset, "CountsSource").upper():
        raise _unsupported(TRANSMISSION, "an EMISSION image", way_on=TAKE_EMISSION)
    if "REPROJECTION" in series_type[1:]:
        raise _unsupported(
            "is a reprojection", f"{label('SeriesType')} value 2 IMAGE", way_on=EXPORT_SLICES
        )
    if found == "WHOLE BODY":
        if not options.whole_body:
            raise UnsupportedObjectError(
                "is a whole-body study", expected=f"{label('SeriesType')} STATIC or GATED",
                found=found, way_on="take it with --whole-body: the heart is sought in all of it, "
                "and the result is flagged",
            )  # fmt: skip
        return ObjectKind("PET WHOLE BODY", Modality.PET, False, (WHOLE_BODY,))
    if found not in PET_SERIES_TYPES:
        what = PET_REFUSED.get(found, "no kind of PET series that the standard knows")
        raise _unsupported(
            f"is {what}", f"{label('SeriesType')} STATIC or GATED", way_on=EXPORT_SLICES
        )
    if (integer_of(dataset, "NumberOfFrames") or 1) != 1:
        raise _unsupported(
            "is a multi-frame PET object",
            "one slice in each file",
            way_on=EXPORT_SINGLE,
        )
    return ObjectKind(f"PET {found}", Modality.PET, PET_SERIES_TYPES[found], notes)


def _refuse_another_modality(dataset: Dataset, kind: ObjectKind) -> None:
    """Modality (C.7.3.1) is NM in an NM object and PT in a PET one; nothing said is no other."""
    found = text_of(dataset, "Modality").upper()
    if found not in ("", kind.modality.value):
        # Only a code of two letters is repeated: other text may hold an identifier.
        is_code = len(found) == 2 and found.isascii() and found.isalpha()
        raise _unsupported(
            f"{label('Modality')} contradicts its SOP class", f"{label('Modality')} "
            f"{kind.modality.value} in an {kind.name} object",
            found if is_code else "another modality", EXPORT_AGAIN,
        )  # fmt: skip


def _unsupported(
    summary: str, expected: str, found: str | None = None, way_on: str | None = None
) -> UnsupportedObjectError:
    return UnsupportedObjectError(summary, expected=expected, found=found, way_on=way_on)


def _refuse_reoriented(dataset: Dataset) -> None:
    declared = declared_view(dataset)
    if declared is not None:
        raise AlreadyReorientedError(
            "is reoriented already",
            expected="transaxial slices",
            found=declared.evidence,
            cause="a short-axis or long-axis series; if its description is wrong, force the input",
            way_on="--force-input, if it is transaxial all the same",
        )


def _refuse_attenuation_map(dataset: Dataset) -> None:
    evidence = named_attenuation_map(dataset)
    if evidence:
        raise UnsupportedObjectError(
            "is an attenuation map, not the tracer",
            expected="an emission reconstruction",
            found=evidence,
            cause="the map that belongs to a corrected study, stored beside it",
            way_on="choose the emission series; if the name is wrong, take it with --force-input",
        )
