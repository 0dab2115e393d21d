"""Whether a NIfTI file proves that its axes are not mirrored.

An affine says where a converter meant the voxels to lie; nothing in the file tells whether the
converter was right. Converters that ignore a negative Spacing Between Slices of nuclear medicine
write volumes that are upside down and look whole (dcm2niix, its issue 885).
"""

from __future__ import annotations

import json
import re
from pathlib import Path

from shortaxis.files.plain_json import OF_ANOTHER_SHAPE
from shortaxis.nifti.description import content_of
from shortaxis.spect.reading_notes import ReadingNote

__all__ = ["TRANSAXIAL_CONTENT", "handedness_note"]

TRANSAXIAL_CONTENT = "transaxial"
"""What ShortAxis notes in a transaxial volume of its own, whose axes it knows."""

WHAT_TO_CHECK = (
    "check on the picture that the liver lies below the heart and the apex points to the "
    "patient's left and to the front; if not, state --flip slices or --orientation"
)

UNPROVEN = ReadingNote(
    f"a NIfTI file does not prove which way is up and which side is left: {WHAT_TO_CHECK}", True
)

DCM2NIIX_OF_NM = ReadingNote(
    "converted by dcm2niix from nuclear medicine, which comes out upside down where Spacing "
    f"Between Slices is negative: {WHAT_TO_CHECK}, or read the DICOM files",
    True,
)

DCM2NIIX_DESCRIPTION = re.compile(rb"(?:TE=[^;]*;)?Time=\d")
"""How dcm2niix begins ``descrip``."""

RIGHT_BY_POSITIONS = frozenset({"PT"})
"""Modalities whose slices have positions of their own, which dcm2niix follows."""

MAX_SIDECAR_BYTES = 1 << 20


def handedness_note(path: Path, description: bytes) -> ReadingNote | None:
    """What to check of the axes of a file; None where they are proven.

    Parameters
    ----------
    path : Path
        The NIfTI file; a sidecar of dcm2niix lies beside it under its name with ``.json``.
    description : bytes
        ``descrip`` of the header.
    """
    if content_of(description) == TRANSAXIAL_CONTENT:
        return None
    sidecar = _sidecar(path)
    is_dcm2niix = "dcm2niix" in str(sidecar.get("ConversionSoftware", "")).lower()
    modality = str(sidecar.get("Modality", "")).upper()
    if is_dcm2niix and modality in RIGHT_BY_POSITIONS:
        return None
    if modality == "NM" or DCM2NIIX_DESCRIPTION.match(description):
        return DCM2NIIX_OF_NM
    return UNPROVEN


def _sidecar(path: Path) -> dict[str, object]:
    """``NAME.json`` beside ``NAME.nii.gz``; empty where it is none of use."""
    name = path.name
    for suffix in (".nii.gz", ".nii", ".hdr"):
        if name.lower().endswith(suffix):
            name = name[: -len(suffix)]
            break
    beside = path.with_name(f"{name}.json")
    try:
        if not beside.is_file() or beside.stat().st_size > MAX_SIDECAR_BYTES:
            return {}
        values = json.loads(beside.read_text(encoding="utf-8"))
    except (OSError, *OF_ANOTHER_SHAPE):
        return {}
    return values if isinstance(values, dict) else {}
