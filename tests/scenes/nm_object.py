"""Transaxial DICOM objects as a camera writes them, built with pydicom alone.

Nothing here uses the package's own reader or writer, so the two can be tested against it.
Every patient in these objects is drawn.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from pydicom import Dataset, FileMetaDataset, dcmwrite
from pydicom.uid import (
    UID,
    ExplicitVRLittleEndian,
    NuclearMedicineImageStorage,
    PositronEmissionTomographyImageStorage,
    generate_uid,
)

from shortaxis.geometry.affines import apply_affine
from shortaxis.geometry.arrays import CountsArray, FloatArray
from shortaxis.spect.volume import SpectVolume

__all__ = ["CameraOptions", "build_nm", "build_pet_slices", "save_object", "stored_on_the_gantry"]

VECTORS_OF_GATED = ("RRIntervalVector", "TimeSlotVector", "SliceVector")
"""Frame Increment Pointer of RECON GATED TOMO, the last varying fastest (PS3.3 C.8.4.8.1.1)."""

GANTRY_FLIPS = {"HFS": (), "FFS": (0, 2), "HFP": (1, 2), "FFP": (0, 1)}
"""Axes (slice, row, column) that turn over when the patient lies not as in HFS."""

RELATIONSHIP = {"H": ("102540008", "headfirst"), "F": ("102541007", "feet-first")}
"""Patient Gantry Relationship, CID 21."""

FACING = {"S": ("40199007", "supine"), "P": ("1240000", "prone")}
"""Patient Orientation Modifier, CID 20."""


@dataclass(frozen=True)
class CameraOptions:
    """How a camera stores a volume; `seed` decides every UID.

    `rescale` is (slope, intercept); None leaves the attributes out, as NM objects usually do.
    `negative_spacing` chooses the direction in which slices are stored. `patient_position` is
    spelled in codes, and only with `with_patient_position` in Patient Position as well, which
    cameras do although the standard forbids it (PS3.3 C.7.3.1).
    """

    negative_spacing: bool = False
    patient_position: str = "HFS"
    with_patient_position: bool = False
    signed: bool = True
    rescale: tuple[float, float] | None = None
    number_of_detectors: int = 1
    number_of_rr_intervals: int = 1
    image_type: tuple[str, ...] | None = None
    series_description: str = "STRESS TRANSAXIAL"
    image_id: str = "ReconStress"
    seed: str = "drawn study"
    transfer_syntax: str = ExplicitVRLittleEndian


def build_nm(
    volume: SpectVolume,
    *,
    gates: CountsArray | None = None,
    **options: Any,
) -> Dataset:
    """Build one NM multi-frame object, RECON TOMO or with `gates` RECON GATED TOMO.

    Parameters
    ----------
    volume : SpectVolume
        Its rows and columns must be orthogonal and its slices parallel to their normal.
    gates : (time_slot, slice, row, column), optional
        Counts of every time slot, stored in place of those of `volume`.
    **options
        Fields of `CameraOptions`.
    """
    camera = CameraOptions(**options)
    counts = volume.counts[np.newaxis] if gates is None else np.asarray(gates)
    counts, affine = _stack_as_asked(counts, volume.patient_from_index, camera.negative_spacing)
    intervals = camera.number_of_rr_intervals
    if intervals > 1:
        counts = _share_between_intervals(counts, intervals)
    dataset = _new_dataset(NuclearMedicineImageStorage, "NM", camera)
    kind = "RECON TOMO" if gates is None else "RECON GATED TOMO"
    dataset.ImageType = list(camera.image_type or ("ORIGINAL", "PRIMARY", kind, "EMISSION"))
    dataset.ImageID = camera.image_id
    _add_nm_acquisition(dataset, camera, affine)
    _add_frame_vectors(dataset, counts.shape, intervals, gated=gates is not None)
    _add_pixels(dataset, counts.reshape(-1, *counts.shape[2:]), affine, camera)
    dataset.NumberOfFrames = counts.shape[0] * counts.shape[1]
    dataset.SpacingBetweenSlices = _ds(_stacking_sign(affine) * _spacing(affine)[0])
    return dataset


def build_pet_slices(
    volume: SpectVolume,
    *,
    gates: CountsArray | None = None,
    **options: Any,
) -> list[Dataset]:
    """Build one PET Image Storage object a slice, and with `gates` one a slice and time slot.

    Every slice gets its own Rescale Slope, as PET scanners write them.
    """
    camera = CameraOptions(**options)
    counts = volume.counts[np.newaxis] if gates is None else np.asarray(gates)
    counts, affine = _stack_as_asked(counts, volume.patient_from_index, camera.negative_spacing)
    n_slots, n_slices = counts.shape[:2]
    slices = []
    for index in range(n_slots * n_slices):
        slot, number = divmod(index, n_slices)
        plane = counts[slot, number]
        slope = max(float(plane.max()), 1.0) / 32000
        dataset = _new_dataset(
            PositronEmissionTomographyImageStorage, "PT", camera, instance=index + 1
        )
        _add_pet_series(dataset, n_slices, n_slots if gates is not None else 0)
        dataset.ImageIndex = index + 1
        if gates is not None:
            dataset.TriggerTime, dataset.FrameTime = _ds(800 / n_slots * slot), _ds(800 / n_slots)
        dataset.ImagePositionPatient = _ds_list(apply_affine(affine, (number, 0, 0)))
        dataset.ImageOrientationPatient = _ds_list(_orientation(affine))
        _add_pixels(dataset, plane, affine, replace(camera, rescale=(float(_ds(slope)), 0.0)))
        slices.append(dataset)
    return slices


def stored_on_the_gantry(
    volume: SpectVolume, patient_position: str, gates: CountsArray | None = None
) -> tuple[SpectVolume, CountsArray | None]:
    """Turn index axes over as a camera does that always stores along its own axes.

    The physical heart does not move: only the order of voxels changes, and the affine with it.
    `volume` is taken as stored for HFS.
    """
    flips = GANTRY_FLIPS[patient_position]
    affine = _flip_affine(volume.patient_from_index, volume.shape, flips)
    turned = SpectVolume(np.flip(volume.counts, flips), affine)
    if gates is None:
        return turned, None
    return turned, np.flip(gates, tuple(axis + 1 for axis in flips))


def save_object(dataset: Dataset, path: Path) -> Path:
    """Write a Part 10 file; returns `path`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    dcmwrite(path, dataset, enforce_file_format=True)
    return path


def _stacking_sign(affine: FloatArray) -> int:
    """1 where slices grow along row x column (PS3.3 C.8.4.15), -1 where they grow against it."""
    slice_axis, row_axis, column_axis = affine[:3, :3].T
    return 1 if np.dot(np.cross(column_axis, row_axis), slice_axis) > 0 else -1


def _stack_as_asked(
    counts: CountsArray, affine: FloatArray, negative_spacing: bool
) -> tuple[CountsArray, FloatArray]:
    if (_stacking_sign(affine) < 0) == negative_spacing:
        return counts, affine
    return np.flip(counts, 1), _flip_affine(affine, counts.shape[1:], (0,))


def _flip_affine(affine: FloatArray, shape: tuple[int, ...], axes: tuple[int, ...]) -> FloatArray:
    flipped = np.array(affine)
    for axis in axes:
        flipped[:3, 3] += flipped[:3, axis] * (shape[axis] - 1)
        flipped[:3, axis] *= -1
    return flipped


def _share_between_intervals(counts: CountsArray, intervals: int) -> CountsArray:
    """Deal whole counts to R-R intervals: (interval * slot, slice, row, column)."""
    whole = np.round(counts)
    parts = [np.floor(whole / intervals)] * (intervals - 1)
    return np.concatenate([*parts, whole - sum(parts)])


def _spacing(affine: FloatArray) -> FloatArray:
    spacing: FloatArray = np.linalg.norm(affine[:3, :3], axis=0)
    return spacing


def _orientation(affine: FloatArray) -> FloatArray:
    """Direction of a row (growing column), then of a column (growing row)."""
    axes = affine[:3, :3] / _spacing(affine)
    return np.concatenate([axes[:, 2], axes[:, 1]])


def _ds(value: float) -> str:
    """A decimal string of at most 16 bytes (PS3.5 6.2)."""
    text = f"{float(value):.10g}"
    return text if len(text) <= 16 else f"{float(value):.8g}"


def _ds_list(values: FloatArray) -> list[str]:
    return [_ds(value + 0.0) for value in np.round(values, 9)]


def _code(value: str, designator: str, meaning: str) -> Dataset:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, designator, meaning
    return item


def _new_dataset(
    sop_class: str, modality: str, camera: CameraOptions, *, instance: int = 1
) -> Dataset:
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = UID(camera.transfer_syntax)
    dataset.SOPClassUID = sop_class
    dataset.SOPInstanceUID = _uid(camera, f"instance {instance}")
    dataset.StudyInstanceUID = _uid(camera, "study")
    dataset.SeriesInstanceUID = _uid(camera, "series")
    dataset.FrameOfReferenceUID = _uid(camera, "frame of reference")
    dataset.Modality = modality
    dataset.PatientName = "Demo^Ada"
    dataset.PatientID = "DEMO-1"
    dataset.PatientBirthDate = ""
    dataset.PatientSex = "O"
    dataset.BodyPartExamined = "HEART"
    if camera.with_patient_position:
        dataset.PatientPosition = camera.patient_position
    dataset.StudyDate = dataset.SeriesDate = dataset.ContentDate = dataset.AcquisitionDate = (
        "20240102"
    )
    dataset.StudyTime = dataset.SeriesTime = dataset.ContentTime = dataset.AcquisitionTime = (
        "101500"
    )
    dataset.AccessionNumber = dataset.ReferringPhysicianName = ""
    dataset.StudyID = dataset.SeriesNumber = "1"
    dataset.InstanceNumber = instance
    dataset.Manufacturer = "Drawn"
    dataset.ManufacturerModelName = "Drawn camera"
    dataset.StudyDescription = "Myocardial perfusion"
    dataset.SeriesDescription = camera.series_description
    dataset.PositionReferenceIndicator = ""
    dataset.AcquisitionContextSequence = []
    _add_patient_orientation(dataset, camera.patient_position)
    return dataset


def _uid(camera: CameraOptions, role: str) -> str:
    return generate_uid(entropy_srcs=["shortaxis demo", camera.seed, role])


def _add_patient_orientation(dataset: Dataset, patient_position: str) -> None:
    lying = _code("102538003", "SCT", "recumbent")
    facing = FACING[patient_position[2]]
    lying.PatientOrientationModifierCodeSequence = [_code(facing[0], "SCT", facing[1])]
    dataset.PatientOrientationCodeSequence = [lying]
    relation = RELATIONSHIP[patient_position[0]]
    dataset.PatientGantryRelationshipCodeSequence = [_code(relation[0], "SCT", relation[1])]


def _add_nm_acquisition(dataset: Dataset, camera: CameraOptions, affine: FloatArray) -> None:
    window, limits = Dataset(), Dataset()
    limits.EnergyWindowLowerLimit, limits.EnergyWindowUpperLimit = "126", "154"
    window.EnergyWindowRangeSequence = [limits]
    window.EnergyWindowName = "Tc99m"
    dataset.EnergyWindowInformationSequence = [window]
    dataset.NumberOfEnergyWindows = 1
    tracer = Dataset()
    tracer.RadionuclideCodeSequence = [_code("72454006", "SCT", "^99m^Technetium")]
    tracer.RadiopharmaceuticalCodeSequence = [_code("424299003", "SCT", "Tc-99m sestamibi")]
    dataset.RadiopharmaceuticalInformationSequence = [tracer]
    dataset.NumberOfDetectors = camera.number_of_detectors
    dataset.DetectorInformationSequence = [
        _detector(affine) for _ in range(camera.number_of_detectors)
    ]
    rotation = Dataset()
    rotation.StartAngle, rotation.AngularStep, rotation.ScanArc = "135", "6", "180"
    rotation.RotationDirection, rotation.RadialPosition = "CW", "250"
    rotation.ActualFrameDuration, rotation.NumberOfFramesInRotation = 20000, 30
    dataset.RotationInformationSequence = [rotation]
    dataset.NumberOfRotations = 1
    dataset.CountsAccumulated = 0


def _detector(affine: FloatArray) -> Dataset:
    detector = Dataset()
    detector.CollimatorType = "PARA"
    detector.ImagePositionPatient = _ds_list(affine[:3, 3])
    detector.ImageOrientationPatient = _ds_list(_orientation(affine))
    return detector


def _add_frame_vectors(
    dataset: Dataset, shape: tuple[int, ...], intervals: int, *, gated: bool
) -> None:
    n_slots, n_slices = shape[0] // intervals, shape[1]
    interval, slot, number = np.indices((intervals, n_slots, n_slices)).reshape(3, -1) + 1
    dataset.SliceVector, dataset.NumberOfSlices = number.tolist(), n_slices
    dataset.FrameIncrementPointer = [0x00540080]
    if not gated:
        return
    dataset.RRIntervalVector, dataset.NumberOfRRIntervals = interval.tolist(), intervals
    dataset.TimeSlotVector, dataset.NumberOfTimeSlots = slot.tolist(), n_slots
    dataset.FrameIncrementPointer = [0x00540060, 0x00540070, 0x00540080]
    dataset.GatedInformationSequence = [_gating(n_slots, intervals)]


def _gating(n_slots: int, intervals: int) -> Dataset:
    gating = Dataset()
    gating.DataInformationSequence = []
    for interval in range(intervals):
        beat = Dataset()
        beat.FrameTime, beat.NominalInterval = _ds(800 / n_slots), 800
        beat.LowRRValue, beat.HighRRValue = 700 + 200 * interval, 900 + 200 * interval
        gating.DataInformationSequence.append(beat)
    return gating


def _add_pixels(
    dataset: Dataset, counts: CountsArray, affine: FloatArray, camera: CameraOptions
) -> None:
    slope, intercept = camera.rescale or (1.0, 0.0)
    limits = np.iinfo(np.int16 if camera.signed else np.uint16)
    stored = np.round((np.asarray(counts, dtype=np.float64) - intercept) / slope)
    if stored.min() < limits.min or stored.max() > limits.max:
        raise ValueError("counts do not fit 16 bits; choose a rescale slope")
    if camera.rescale is not None:
        dataset.RescaleSlope, dataset.RescaleIntercept = _ds(slope), _ds(intercept)
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.Rows, dataset.Columns = counts.shape[-2:]
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 16, 16, 15
    dataset.PixelRepresentation = int(camera.signed)
    spacing = _spacing(affine)
    dataset.PixelSpacing = [_ds(spacing[1]), _ds(spacing[2])]
    dataset.SliceThickness = _ds(spacing[0])
    little = dataset.file_meta.TransferSyntaxUID.is_little_endian
    dataset.PixelData = stored.astype(limits.dtype.newbyteorder("<" if little else ">")).tobytes()
    dataset["PixelData"].VR = "OW"


def _add_pet_series(dataset: Dataset, n_slices: int, n_slots: int) -> None:
    dataset.ImageType = ["ORIGINAL", "PRIMARY"]
    dataset.Units, dataset.CountsSource = "CNTS", "EMISSION"
    dataset.SeriesType = ["GATED" if n_slots else "STATIC", "IMAGE"]
    dataset.NumberOfSlices = n_slices
    dataset.CorrectedImage = ["DECY", "ATTN"]
    dataset.DecayCorrection, dataset.CollimatorType = "START", "NONE"
    dataset.FrameReferenceTime, dataset.ActualFrameDuration, dataset.DecayFactor = (
        "150000",
        300000,
        "1",
    )
    if n_slots:
        dataset.NumberOfRRIntervals, dataset.NumberOfTimeSlots = 1, n_slots
        dataset.BeatRejectionFlag = "N"
    tracer = Dataset()
    tracer.Radiopharmaceutical = "Rubidium"
    tracer.RadionuclideCodeSequence = [_code("79197006", "SCT", "^82^Rubidium")]
    tracer.RadiopharmaceuticalCodeSequence = [_code("129503007", "SCT", "Rubidium chloride Rb^82^")]
    dataset.RadiopharmaceuticalInformationSequence = [tracer]
