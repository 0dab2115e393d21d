r"""Transaxial reconstructions as a camera stores them, for exams that were simulated.

One NM multi-frame object: ``ORIGINAL\PRIMARY\RECON TOMO\EMISSION`` or ``RECON GATED TOMO``, with
position and orientation in Detector Information Sequence (PS3.3 C.8.4.11) and Spacing
Between Slices with the sign of the stacking direction (C.8.4.15). Cameras write both signs, so
both can be asked for. Every attribute says that this is nobody: the patient is named
``Simulated``, and Image Comments say so in words.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
from pydicom import Dataset
from pydicom.valuerep import format_number_as_ds

from shortaxis.dicom.elements.decimal_strings import decimals
from shortaxis.dicom.elements.part10 import file_meta_of, write_dataset
from shortaxis.dicom.elements.stored_counts import store_counts
from shortaxis.dicom.writing.acquired.camera import CameraFacts, add_camera
from shortaxis.dicom.writing.acquired.gated_beats import gated_information
from shortaxis.dicom.writing.acquired.identity import (
    AcquiredIdentity,
    add_patient_position,
    add_patient_state,
    identity_dataset,
)
from shortaxis.dicom.writing.derived_series import GATES_AND_SLICES, SLICES_ONLY
from shortaxis.errors import GeometryError
from shortaxis.geometry.arrays import CountsArray, FloatArray
from shortaxis.spect.volume import SpectVolume

__all__ = ["AcquiredSeries", "write_acquired_series"]


@dataclass(frozen=True, eq=False)
class AcquiredSeries:
    """A simulated transaxial study and how it is stored.

    Parameters
    ----------
    volume : SpectVolume
        Rows and columns orthogonal, slices parallel to their normal.
    gates : (time_slot, slice, row, column) or None
        Stored in place of the volume if given.
    camera : CameraFacts
        Camera and protocol.
    identity : AcquiredIdentity
        Whom and what it shows.
    negative_spacing : bool
        Slices are stored against row x column.
    """

    volume: SpectVolume
    camera: CameraFacts
    identity: AcquiredIdentity
    gates: CountsArray | None = None
    negative_spacing: bool = False


def write_acquired_series(
    path: Path, series: AcquiredSeries, uid_of: Callable[[str], str], now: datetime
) -> None:
    """Write one Part 10 file in Explicit VR Little Endian.

    Parameters
    ----------
    path : Path
        Where to.
    series : AcquiredSeries
        What is stored.
    uid_of : callable
        Gives the UID of a role: "study", "series", "instance", "frame of reference".
    now : datetime
        Date and time of everything.

    Raises
    ------
    GeometryError
        If the grid is oblique to itself.
    """
    kind = "RECON TOMO" if series.gates is None else "RECON GATED TOMO"
    dataset = identity_dataset(series.identity, kind, uid_of, now)
    add_camera(dataset, series.camera)
    add_patient_position(dataset)
    add_patient_state(dataset, series.identity.condition)
    _add_frames_and_counts(dataset, series)
    dataset.file_meta = file_meta_of(dataset)
    write_dataset(path, dataset)


def _add_frames_and_counts(dataset: Dataset, series: AcquiredSeries) -> None:
    counts = series.volume.counts[np.newaxis] if series.gates is None else series.gates
    counts, affine = _stacked(counts, series.volume, negative=series.negative_spacing)
    slots, slices, rows, columns = counts.shape
    dataset.NumberOfFrames = slots * slices
    dataset.NumberOfSlices = slices
    dataset.SliceVector = list(range(1, slices + 1)) * slots
    dataset.FrameIncrementPointer = SLICES_ONLY
    if series.gates is not None:
        dataset.FrameIncrementPointer = GATES_AND_SLICES
        dataset.NumberOfRRIntervals, dataset.NumberOfTimeSlots = 1, slots
        dataset.RRIntervalVector = [1] * (slots * slices)
        dataset.TimeSlotVector = np.repeat(np.arange(1, slots + 1), slices).tolist()
        dataset.GatedInformationSequence = [gated_information(slots)]
    _add_geometry(dataset, affine, series.camera.collimator)
    stored = store_counts(counts)
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.Rows, dataset.Columns = rows, columns
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 16, 16, 15
    dataset.PixelRepresentation = int(stored.is_signed)
    if stored.slope != "1":
        dataset.RescaleSlope, dataset.RescaleIntercept = stored.slope, "0"
    dataset.CountsAccumulated = None
    little_endian = stored.stored.dtype.newbyteorder("<")
    dataset.PixelData = stored.stored.astype(little_endian, copy=False).tobytes()
    dataset["PixelData"].VR = "OW"


def _stacked(
    counts: CountsArray, volume: SpectVolume, *, negative: bool
) -> tuple[CountsArray, FloatArray]:
    """Counts and affine with slices in the direction asked for relative to row x column."""
    affine = np.array(volume.patient_from_index)
    stacking, column_direction, row_direction = (affine[:3, :3] / volume.spacing_mm).T
    along = float(np.cross(row_direction, column_direction) @ stacking)
    if not np.isclose(abs(along), 1, atol=1e-6) or abs(row_direction @ column_direction) > 1e-6:
        raise GeometryError(
            "the slices cannot be stored",
            expected="orthogonal axes",
            found=f"axes {np.round(affine[:3, :3] / volume.spacing_mm, 4).tolist()}",
        )
    if (along < 0) != negative:
        affine[:3, 3] += affine[:3, 0] * (volume.shape[0] - 1)
        affine[:3, 0] *= -1
        counts = np.flip(counts, 1)
    return counts, affine


def _add_geometry(dataset: Dataset, affine: FloatArray, collimator: str) -> None:
    spacing = np.linalg.norm(affine[:3, :3], axis=0)
    stacking, column_direction, row_direction = (affine[:3, :3] / spacing).T
    sign = np.sign(np.cross(row_direction, column_direction) @ stacking)
    detector = Dataset()
    detector.CollimatorType = collimator
    detector.ImagePositionPatient = decimals(affine[:3, 3])
    detector.ImageOrientationPatient = decimals([*row_direction, *column_direction])
    dataset.DetectorInformationSequence = [detector]
    dataset.NumberOfDetectors = 1
    dataset.SpacingBetweenSlices = format_number_as_ds(float(sign * spacing[0]))
    dataset.SliceThickness = format_number_as_ds(float(spacing[0]))
    dataset.PixelSpacing = decimals(spacing[1:])
