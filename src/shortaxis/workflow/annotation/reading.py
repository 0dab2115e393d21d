"""Read the two volumes of a pair: the transaxial one strictly, the slices as they are stored."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from shortaxis.dicom.reading.stored import read_stored_dicom
from shortaxis.errors import InputNotFoundError
from shortaxis.geometry.arrays import FloatArray
from shortaxis.nifti.file_names import is_nifti_file
from shortaxis.nifti.stored import read_stored_nifti
from shortaxis.spect.reading_options import AS_STORED, ReadingOptions
from shortaxis.spect.stored_slices import StoredSlices
from shortaxis.spect.study import PerfusionStudy
from shortaxis.workflow.annotation.pairs import Pair
from shortaxis.workflow.studies.finding import ANY_STUDY, StudyChoice, find_studies

__all__ = ["ReadPair", "read_pair"]

MIN_EXTENT_MM, MAX_EXTENT_MM = 60.0, 800.0
"""A box of slices holds a left ventricle, and lies in a patient."""

MIN_FIELD_MM = 130.0
"""Rows and columns of short-axis slices show more than this."""

ASSUMED = "voxel sizes of {found} mm cannot be: those of the transaxial volume are taken"


@dataclass(frozen=True, eq=False)
class ReadPair:
    """A pair in memory."""

    transaxial: PerfusionStudy
    slices: StoredSlices


def read_pair(
    pair: Pair, options: ReadingOptions = AS_STORED, choice: StudyChoice = ANY_STUDY
) -> ReadPair:
    """Read both volumes; gated ones are added up. Options and choice are of the transaxial one.

    Where the header's voxel sizes would make the slices smaller than any heart or larger than any
    patient, as files without a header do, those of the transaxial volume are taken.

    Raises
    ------
    ShortAxisError
        One of its children, naming the file and what is wrong with it.
    """
    study = _transaxial(pair.transaxial, options, choice)
    read = read_stored_nifti if is_nifti_file(pair.short_axis) else read_stored_dicom
    slices = read(pair.short_axis)
    if pair.short_axis_spacing_mm is not None:
        spacing = np.array(pair.short_axis_spacing_mm)
        return ReadPair(study, _with_spacing(slices, spacing))
    if _can_hold_a_heart(slices):
        return ReadPair(study, slices)
    found = " x ".join(f"{size:.3g}" for size in slices.spacing_mm)
    assumed = _with_spacing(slices, np.full(3, study.volume.spacing_mm[2]))
    notes = (*slices.notes, ASSUMED.format(found=found))
    return ReadPair(study, replace(assumed, notes=notes))


def _can_hold_a_heart(slices: StoredSlices) -> bool:
    extent = slices.spacing_mm * slices.counts.shape
    if np.all(slices.spacing_mm == 1.0) and extent.max() < MIN_FIELD_MM:
        # What libraries write that were given no voxel sizes.
        return False
    return bool(extent.min() >= MIN_EXTENT_MM and extent.max() <= MAX_EXTENT_MM)


def _transaxial(path: Path, options: ReadingOptions, choice: StudyChoice) -> PerfusionStudy:
    found = find_studies(path, options=options, choice=choice).studies
    if len(found) != 1:
        raise InputNotFoundError(
            "does not hold one study", path=path, expected="one", found=f"{len(found)}"
        )
    return found[0].load().study


def _with_spacing(slices: StoredSlices, spacing_mm: FloatArray) -> StoredSlices:
    """The same counts with other voxel sizes, and so without the place that the header says."""
    if np.allclose(spacing_mm, slices.spacing_mm):
        return slices
    return replace(slices, spacing_mm=spacing_mm, patient_from_index=None)
