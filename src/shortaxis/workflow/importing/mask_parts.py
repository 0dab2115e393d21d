"""Masks of several parts: the largest alone, as a file of its own beside the index."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from shortaxis.errors import ShortAxisError
from shortaxis.geometry.arrays import FloatArray
from shortaxis.nifti.stored import read_stored_nifti
from shortaxis.nifti.writing import write_label_map

__all__ = ["LargestPart", "refusal_in_a_line", "write_largest_part"]


def refusal_in_a_line(error: ShortAxisError) -> str:
    """All that an error says but the path, which has a column of its own, in a line."""
    said = {
        "expected": error.expected,
        "found": error.found,
        "likely cause": error.cause,
        "to go on": error.way_on,
    }
    return "; ".join([error.summary, *(f"{name}: {text}" for name, text in said.items() if text)])


@dataclass(frozen=True)
class LargestPart:
    """What was kept of the wall of a mask, and of how many parts and voxels."""

    parts: int
    kept: int
    voxels: int

    @property
    def words(self) -> str:
        """For the note of an index."""
        left = self.voxels - self.kept
        return f"the largest of {self.parts} parts, without {left} of {self.voxels} voxels"


def write_largest_part(mask: Path, target: Path, patient_from_index: FloatArray) -> LargestPart:
    """Write a mask anew with the largest part of its wall; other labels stay.

    The lowest label is taken for the wall, as in files of ``shortaxis wall``.

    Parameters
    ----------
    mask, target : Path
        NIfTI files.
    patient_from_index : array, ``(4, 4)``
        Place of the study, for a mask whose header has none.

    Raises
    ------
    UnreadableFileError
        If the mask is no NIfTI file.
    """
    stored = read_stored_nifti(mask)
    labels = stored.counts
    wall = labels == np.min(labels[labels > 0], initial=np.inf)
    parts, found = ndimage.label(wall, np.ones((3, 3, 3)))
    sizes = np.bincount(parts.ravel(), minlength=2)[1:]
    kept: npt.NDArray[np.bool_] = ~wall | (parts == 1 + int(np.argmax(sizes)))
    place = stored.patient_from_index
    write_label_map(
        target,
        np.where(kept, labels, 0).astype(np.uint8),
        patient_from_index if place is None else place,
    )
    return LargestPart(found, int(sizes.max()), int(sizes.sum()))
