"""Which objects hold a transaxial reconstruction, and why the others are refused."""

from __future__ import annotations

from dataclasses import dataclass

from pydicom import Dataset
from pydicom.uid import UID

from shortaxis.dicom.carried.stated.declared_view import declared_view
from shortaxis.dicom.elements.attributes import integer_of, label, text_of, texts_of
from shortaxis.dicom.elements.transfer_syntaxes import transfer_syntax_of
from shortaxis.dicom.elements.vocabulary import (
    NM_RECONSTRUCTIONS,
    NM_REFUSED,
    NM_STORAGE,
    PET_REFUSED,
    PET_SERIES_TYPES,
    PET_STORAGE,
    REFUSED_STORAGES,
)
from shortaxis.errors import AlreadyReorientedError, UnreadableFileError, UnsupportedObjectError
from shortaxis.spect.study import Modality

__all__ = ["ObjectKind", "classify_object"]


@dataclass(frozen=True)
class ObjectKind:
    """A kind of object that can be read, such as ``NM RECON TOMO``."""

    name: str
    modality: Modality
    is_gated: bool


def classify_object(dataset: Dataset, *, force_input: bool = False) -> ObjectKind:
    """Say what kind of reconstruction a header announces.

    Parameters
    ----------
    dataset : Dataset
        Header, with or without pixels.
    force_input : bool
        Accept a series that says it is reoriented already.

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
        why = REFUSED_STORAGES.get(sop_class, "holds no reconstructed nuclear tomography")
        # The UID of an unknown class is text like any other, and may hold an identifier.
        name = UID(sop_class).name
        name = "an unknown class" if name == sop_class else name
        raise _unsupported(f"{name} {why}", "a transaxial reconstruction")
    transfer_syntax_of(dataset)
    kind = classify(dataset)
    _refuse_another_modality(dataset, kind)
    if not force_input:
        _refuse_reoriented(dataset)
    return kind


def _classify_nm(dataset: Dataset) -> ObjectKind:
    image_type = [value.upper() for value in texts_of(dataset, "ImageType")]
    # Value 3 says what was acquired, value 4 from which radiation (PS3.3 C.8.4.9.1).
    if len(image_type) < 3:
        raise UnsupportedObjectError(
            f"{label('ImageType')} does not say what the image holds",
            expected=r"four values such as ORIGINAL\PRIMARY\RECON TOMO\EMISSION",
            found=f"{len(image_type)} values",
            cause="a file that was cut short, or an export that dropped attributes",
        )
    if "TRANSMISSION" in image_type[3:]:
        raise _unsupported("holds a transmission image, not the tracer", "an EMISSION image")
    found = image_type[2]
    if found not in NM_RECONSTRUCTIONS:
        what = NM_REFUSED.get(found, "no kind of image that the standard knows")
        raise _unsupported(
            f"is {what}", f"{label('ImageType')} RECON TOMO or RECON GATED TOMO",
            found if found in NM_REFUSED else "another value 3",
        )  # fmt: skip
    return ObjectKind(f"NM {found}", Modality.NM, NM_RECONSTRUCTIONS[found])


def _classify_pet(dataset: Dataset) -> ObjectKind:
    series_type = [value.upper() for value in texts_of(dataset, "SeriesType")] or ["STATIC"]
    found = series_type[0]
    if "TRANSMISSION" in text_of(dataset, "CountsSource").upper():
        raise _unsupported("holds a transmission image, not the tracer", "an EMISSION image")
    if "REPROJECTION" in series_type[1:]:
        raise _unsupported("is a reprojection", f"{label('SeriesType')} value 2 IMAGE")
    if found not in PET_SERIES_TYPES:
        what = PET_REFUSED.get(found, "no kind of PET series that the standard knows")
        raise _unsupported(f"is {what}", f"{label('SeriesType')} STATIC or GATED")
    if (integer_of(dataset, "NumberOfFrames") or 1) != 1:
        raise _unsupported("is a multi-frame PET object", "one slice in each file")
    return ObjectKind(f"PET {found}", Modality.PET, PET_SERIES_TYPES[found])


def _refuse_another_modality(dataset: Dataset, kind: ObjectKind) -> None:
    """Modality (C.7.3.1) is NM in an NM object and PT in a PET one; nothing said is no other."""
    found = text_of(dataset, "Modality").upper()
    if found not in ("", kind.modality.value):
        # Only a code of two letters is repeated: other text may hold an identifier.
        is_code = len(found) == 2 and found.isascii() and found.isalpha()
        raise _unsupported(
            f"{label('Modality')} contradicts its SOP class", f"{label('Modality')} "
            f"{kind.modality.value} in an {kind.name} object",
            found if is_code else "another modality",
        )  # fmt: skip


def _unsupported(summary: str, expected: str, found: str | None = None) -> UnsupportedObjectError:
    return UnsupportedObjectError(summary, expected=expected, found=found)


def _refuse_reoriented(dataset: Dataset) -> None:
    declared = declared_view(dataset)
    if declared is not None:
        raise AlreadyReorientedError(
            "is reoriented already",
            expected="transaxial slices",
            found=declared.evidence,
            cause="a short-axis or long-axis series; if its description is wrong, force the input",
        )
