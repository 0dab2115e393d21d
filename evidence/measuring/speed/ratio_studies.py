"""The studies that `study_ratio` times beside the bundled one: a PET and a gated one, made of it.

``python -m evidence.measuring.speed.ratio_studies FOLDER`` writes ``pet/`` and ``gated.dcm``.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pydicom
from pydicom import Dataset
from pydicom.dataset import FileMetaDataset
from pydicom.uid import (
    UID,
    ExplicitVRLittleEndian,
    NuclearMedicineImageStorage,
    PositronEmissionTomographyImageStorage,
)

from evidence.registry.places import REPOSITORY
from shortaxis import SpectVolume
from shortaxis.geometry.affines import affine_from_axes
from shortaxis.geometry.grids import Grid
from shortaxis.workflow.studies.finding import find_studies

__all__ = ["write_gated", "write_pet"]

STUDY = REPOSITORY / "demo" / "study.dcm"

PET_SHAPE, PET_MM, NOISE = (110, 400, 400), 1.65, 0.01
GATED_SHAPE, SLOTS = (64, 128, 128), 16


def write_pet(
    folder: Path,
    study: Path = STUDY,
    shape: tuple[int, int, int] = PET_SHAPE,
    pixel_mm: float = PET_MM,
) -> None:
    """A study as PET, a file a slice, with some noise: 400 x 400 pixels if not told otherwise."""
    folder.mkdir()
    volume, header = _resampled(study, shape, pixel_mm)
    noise = np.random.default_rng(0).normal(0, NOISE * volume.counts.max(), shape)
    counts = np.maximum(volume.counts + noise * (volume.counts > 0), 0)
    slope = float(counts.max()) / 32000
    for number, plane in enumerate(counts):
        dataset = _object(header, PositronEmissionTomographyImageStorage, "PT", number)
        dataset.SeriesType, dataset.Units = ["STATIC", "IMAGE"], "BQML"
        dataset.ImageType, dataset.CountsSource = ["ORIGINAL", "PRIMARY"], "EMISSION"
        dataset.NumberOfSlices, dataset.ImageIndex = shape[0], number + 1
        place = volume.patient_from_index @ (number, 0, 0, 1)
        dataset.ImagePositionPatient = [f"{value:.6g}" for value in place[:3]]
        dataset.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
        dataset.RescaleSlope, dataset.RescaleIntercept = f"{slope:.8g}", "0"
        _add_pixels(dataset, np.round(plane / slope), pixel_mm)
        dataset.save_as(folder / f"{number:03}.dcm", enforce_file_format=True)


def write_gated(path: Path) -> None:
    """The bundled study as 16 time slots of 64 slices of 128 x 128 pixels."""
    volume, header = _resampled(STUDY, GATED_SHAPE, 3.3)
    slots = np.repeat(np.round(volume.counts / SLOTS)[np.newaxis], SLOTS, axis=0)
    dataset = _object(header, NuclearMedicineImageStorage, "NM", 0)
    dataset.ImageType = ["ORIGINAL", "PRIMARY", "RECON GATED TOMO", "EMISSION"]
    slices = GATED_SHAPE[0]
    dataset.NumberOfFrames = SLOTS * slices
    dataset.FrameIncrementPointer = [0x00540060, 0x00540070, 0x00540080]
    dataset.RRIntervalVector = [1] * (SLOTS * slices)
    dataset.TimeSlotVector = np.repeat(np.arange(1, SLOTS + 1), slices).tolist()
    dataset.SliceVector = np.tile(np.arange(1, slices + 1), SLOTS).tolist()
    dataset.NumberOfRRIntervals, dataset.NumberOfTimeSlots = 1, SLOTS
    dataset.NumberOfSlices = slices
    detector = Dataset()
    detector.ImagePositionPatient = [f"{each:.6g}" for each in volume.patient_from_index[:3, 3]]
    detector.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    dataset.DetectorInformationSequence = [detector]
    dataset.SpacingBetweenSlices = "3.3"
    _add_pixels(dataset, slots, 3.3)
    dataset.save_as(path, enforce_file_format=True)


def _resampled(
    study: Path, shape: tuple[int, int, int], step_mm: float
) -> tuple[SpectVolume, Dataset]:
    """Counts of a study on another grid along the patient's axes, and its header."""
    volume = find_studies(study).studies[0].load().study.volume
    affine = affine_from_axes(((0, 0, 1), (0, 1, 0), (1, 0, 0)), step_mm, (0, 0, 0))
    affine[:3, 3] = volume.center_mm - affine[:3, :3] @ ((np.array(shape) - 1) / 2)
    return volume.resampled(Grid(shape, affine)), pydicom.dcmread(study, stop_before_pixels=True)


def _object(header: Dataset, storage: UID, modality: str, number: int) -> Dataset:
    dataset = Dataset()
    for name in ("PatientID", "PatientName", "StudyInstanceUID", "FrameOfReferenceUID"):
        if name in header:
            setattr(dataset, name, header.get(name))
    dataset.SOPClassUID, dataset.Modality, dataset.InstanceNumber = storage, modality, number + 1
    dataset.SeriesInstanceUID = f"2.25.{storage.count('.')}77{len(modality)}"
    dataset.SOPInstanceUID, dataset.PatientPosition = f"2.25.{10**12 + number}", "HFS"
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    return dataset


def _add_pixels(dataset: Dataset, stored: np.ndarray, spacing_mm: float) -> None:
    dataset.PixelSpacing, dataset.SliceThickness = [spacing_mm, spacing_mm], spacing_mm
    dataset.Rows, dataset.Columns = stored.shape[-2:]
    dataset.BitsAllocated = dataset.BitsStored = 16
    dataset.HighBit, dataset.PixelRepresentation, dataset.SamplesPerPixel = 15, 1, 1
    dataset.PhotometricInterpretation = "MONOCHROME2"
    dataset.PixelData = stored.astype("<i2").tobytes()


if __name__ == "__main__":
    write_pet(Path(sys.argv[1]) / "pet")
    write_gated(Path(sys.argv[1]) / "gated.dcm")
