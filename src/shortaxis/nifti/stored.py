"""Read slices as they are stored, whether or not the header says where they lie."""

from __future__ import annotations

from pathlib import Path

import nibabel as nib
import numpy as np
from nibabel.imageglobals import ErrorLevel, LoggingOutputSuppressor

from shortaxis.errors import GeometryError
from shortaxis.nifti.orientation import patient_from_index_from_affine
from shortaxis.nifti.reading import (
    DAMAGE,
    REFUSED_HEADER_LEVEL,
    error_of_file,
    load_image,
    mm_per_unit,
    ras_from_ijk_of,
    time_slots_of,
)
from shortaxis.spect.stored_slices import NO_PLACE, StoredSlices

__all__ = ["read_stored_nifti"]


def read_stored_nifti(path: Path) -> StoredSlices:
    """Counts and voxel sizes of a ``.nii`` or ``.nii.gz`` file; time slots are added up.

    Where the header has no orientation, or two that contradict each other, `patient_from_index`
    is None.

    Raises
    ------
    UnreadableFileError
        If the file is no NIfTI, is truncated, or holds no volume of plain numbers.
    CountsError
        If counts are not finite.
    """
    try:
        with LoggingOutputSuppressor(), ErrorLevel(REFUSED_HEADER_LEVEL):
            image = load_image(path)
            scale = mm_per_unit(image)
            spacing = np.array(image.header.get_zooms()[:3], dtype=np.float64)[::-1] * scale
            affine, notes = _place(image)
            counts = time_slots_of(np.asanyarray(image.dataobj)).sum(axis=0)
            return StoredSlices(counts, spacing, affine, notes)
    except DAMAGE as error:
        raise error_of_file(path, error) from error


def _place(image: nib.Nifti1Image) -> tuple[np.ndarray | None, tuple[str, ...]]:
    try:
        return patient_from_index_from_affine(ras_from_ijk_of(image)), ()
    except GeometryError:
        return None, (NO_PLACE,)
