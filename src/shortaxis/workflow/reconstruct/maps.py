"""The attenuation map that belongs to projections."""

from __future__ import annotations

from pathlib import Path

from shortaxis.dicom.reading.attenuation_map import read_dicom_map, refuse_another_map
from shortaxis.dicom.reading.projections import RawStudy
from shortaxis.errors import GeometryError, OptionError
from shortaxis.nifti.file_names import is_nifti_file
from shortaxis.nifti.reading import read_nifti_volume
from shortaxis.reconstruction.attenuation import AttenuationMap
from shortaxis.spect.reading_notes import ReadingNote
from shortaxis.spect.volume import SpectVolume
from shortaxis.workflow.reconstruct.options import Asked
from shortaxis.workflow.studies.finding import nothing_at

__all__ = ["attenuation_map_for"]

CT_BELOW = -200.0
"""Lungs are at -700; no attenuation is far below zero."""

PER_CM_BELOW = 1.0
"""Bone is 0.5 per cm at 70 keV."""

NO_FRAME = ReadingNote(
    "the attenuation map, a NIfTI file, names no patient and no frame of reference: it is supposed "
    "to lie where the projections do",
    True,
)
FORCED = ReadingNote(
    "the attenuation map was taken as the user said, whatever its patient and frame of reference",
    True,
)


def attenuation_map_for(
    raw: RawStudy, asked: Asked
) -> tuple[AttenuationMap | None, tuple[ReadingNote, ...]]:
    """Read the map that was asked for, and what is said of it; None where none was.

    Raises
    ------
    GeometryError
        If map or projections do not lie in one known frame of reference.
    UnsupportedObjectError
        If the map is of another patient, or no map.
    OptionError
        If nobody tells the unit of its values.
    """
    path = asked.map_path
    if path is None:
        return None, ()
    if not path.exists():
        raise nothing_at(path)
    if not raw.place_is_known:
        raise GeometryError(
            "attenuation cannot be corrected",
            expected="projections that say where the axis of rotation lies, so that a map fits",
            found="no Image Position (Patient) (0020,0032) of use",
            cause="a camera that does not store it, or an export that dropped it",
            way_on="leave the map out, or reconstruct on the camera's station",
        )
    if is_nifti_file(path):
        volume = read_nifti_volume(path)
        return AttenuationMap(volume, _unit(volume, asked, path)), (NO_FRAME,)
    stored = read_dicom_map(path)
    if not asked.force_map:
        refuse_another_map(stored, raw.header, path)
    unit = asked.map_unit or ("hounsfield" if stored.is_ct else _unit(stored.volume, asked, path))
    return AttenuationMap(stored.volume, unit), (FORCED,) if asked.force_map else ()


def _unit(volume: SpectVolume, asked: Asked, path: Path) -> str:
    """Unit of the values, stated or told by their range."""
    if asked.map_unit is not None:
        return asked.map_unit
    lowest, highest = float(volume.counts.min()), float(volume.counts.max())
    if lowest < CT_BELOW:
        return "hounsfield"
    if 0 < highest <= PER_CM_BELOW and lowest >= -PER_CM_BELOW:
        return "per_cm"
    raise OptionError(
        "the attenuation map does not tell its unit",
        path=path,
        expected="values in 1/cm, at most 1, or CT numbers",
        found=f"{lowest:g} to {highest:g}",
        cause="values that a maker scaled",
        way_on="convert them to 1/cm, or state the unit: --map-unit hounsfield",
    )
