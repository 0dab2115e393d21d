"""Write volumes as NIfTI."""

from __future__ import annotations

from pathlib import Path

import nibabel as nib
import numpy as np
import numpy.typing as npt

from shortaxis.geometry.arrays import CountsArray, FloatArray
from shortaxis.nifti.description import LABELS_CONTENT, description_of
from shortaxis.nifti.orientation import affine_from_patient_from_index

__all__ = ["write_label_map", "write_nifti"]

_SCANNER = 1
"""Code of a transform to the scanner's patient coordinates (nifti1.h)."""

_UNKNOWN = 0


def write_nifti(
    path: Path,
    counts: CountsArray,
    patient_from_index: FloatArray,
    *,
    content: str = "",
    is_placed: bool = True,
) -> None:
    """Write ``(slice, row, column)`` or ``(time_slot, slice, row, column)`` counts as float32.

    The affine goes into sform and qform alike, in RAS+ mm; time slots become the fourth
    dimension. `content`, such as ``short_axis``, goes into the header's description, by which a
    reader knows slices that are reoriented already. Without `is_placed` only the voxel sizes of the
    affine are meant: both forms are then marked as unknown.
    """
    image = nib.Nifti1Image(
        np.moveaxis(counts, 0, -1).transpose(2, 1, 0, 3) if counts.ndim == 4 else counts.T,
        affine_from_patient_from_index(patient_from_index),
    )
    image.header.set_data_dtype(np.float32)
    _save(image, path, content, _SCANNER if is_placed else _UNKNOWN)


def write_label_map(
    path: Path, labels: npt.NDArray[np.uint8], patient_from_index: FloatArray
) -> None:
    """Write labels ``(slice, row, column)`` of voxels as unsigned bytes, marked as labels.

    Both forms of the header hold the affine, in RAS+ mm.
    """
    image = nib.Nifti1Image(labels.T, affine_from_patient_from_index(patient_from_index))
    image.header.set_data_dtype(np.uint8)
    image.header.set_intent("label", name="wall")
    _save(image, path, LABELS_CONTENT, _SCANNER)


def _save(image: nib.Nifti1Image, path: Path, content: str, code: int) -> None:
    image.header.set_xyzt_units("mm")
    affine = image.affine
    image.set_sform(affine, code=code)
    image.set_qform(affine, code=code)
    image.header["descrip"] = description_of(content)
    nib.save(image, path)
