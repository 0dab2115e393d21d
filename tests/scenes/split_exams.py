"""The demo studies as stations split them: by time slot, slice, energy window and correction."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
from pydicom import Dataset
from pydicom.uid import CTImageStorage, generate_uid

from drawn_study import study_volume
from nm_object import build_pet_slices, save_object
from repository import DEMO

__all__ = [
    "write_kinds_in_one_series",
    "write_refused_stacks",
    "write_slices",
    "write_time_slots",
    "write_windows",
]

TIME_SLOTS = 4

RR_INTERVAL_VECTOR, TIME_SLOT_VECTOR = 0x00540060, 0x00540070
SLICE_VECTOR, ENERGY_WINDOW_VECTOR = 0x00540080, 0x00540010


def write_kinds_in_one_series(folder: Path) -> None:
    """Of stress and of rest one series each: with and without correction, and gated."""
    for condition, name in (("stress", "study.dcm"), ("rest", "rest.dcm")):
        for number, kind in enumerate(("NAC", "AC", "GATED"), start=1):
            nm = _copy(name, f"kinds {condition}", kind, study="kinds")
            nm.InstanceNumber, nm.ImageID = number, f"{condition} {kind}"
            if kind == "AC":
                nm.CorrectedImage = ["UNIF", "ATTN"]
            if kind == "GATED":
                _divide_into_time_slots(nm, TIME_SLOTS)
            save_object(nm, folder / f"{condition}_{kind}.dcm")


def write_time_slots(folder: Path) -> None:
    """One series of gated objects of one time slot each."""
    for slot in range(1, TIME_SLOTS + 1):
        nm = _copy("study.dcm", "slots", str(slot), study="slots")
        counts = nm.pixel_array
        _divide_into_time_slots(nm, 1)
        _put(nm, counts / TIME_SLOTS)
        nm.InstanceNumber, nm.ImageID = slot, f"Gate {slot}"
        save_object(nm, folder / f"gate{slot}.dcm")


def write_slices(folder: Path) -> None:
    """One series of objects of one frame, each with its own position."""
    source = pydicom.dcmread(DEMO / "study.dcm")
    counts, detector = source.pixel_array, source.DetectorInformationSequence[0]
    directions = np.array(detector.ImageOrientationPatient, float)
    step = np.cross(directions[:3], directions[3:]) * float(source.SpacingBetweenSlices)
    for number in range(1, len(counts) + 1):
        nm = _copy("study.dcm", "slices", str(number), study="slices")
        _put(nm, counts[number - 1])
        position = np.array(detector.ImagePositionPatient, float) + (number - 1) * step
        nm.DetectorInformationSequence[0].ImagePositionPatient = [f"{x:.4f}" for x in position]
        nm.InstanceNumber, nm.NumberOfSlices, nm.SliceVector = number, 1, [1]
        save_object(nm, folder / f"slice{number:03d}.dcm")


def write_refused_stacks(folder: Path) -> dict[str, int]:
    """Series of one-slice files, each refused as a whole; numbers of files by folder."""
    pet = build_pet_slices(study_volume())
    for each in pet:
        each.SeriesType = ["WHOLE BODY", "IMAGE"]
    ct = [_renewed(each, "ct", SOPClassUID=CTImageStorage, Modality="CT") for each in pet]
    for name, slices in (("pet", pet), ("ct", ct)):
        for number, dataset in enumerate(slices):
            save_object(dataset, folder / name / f"{number:03}.dcm")
    write_slices(folder / "nm")
    unplaced = sorted((folder / "nm").iterdir())
    for path in unplaced:
        nm = pydicom.dcmread(path)
        del nm.DetectorInformationSequence[0].ImagePositionPatient
        save_object(nm, path)
    return {"pet": len(pet), "ct": len(ct), "nm": len(unplaced)}


def _renewed(dataset: Dataset, series: str, **values: Any) -> Dataset:
    made = copy.deepcopy(dataset)
    made.SeriesInstanceUID = generate_uid(entropy_srcs=["series", series])
    made.SOPInstanceUID = generate_uid(entropy_srcs=[series, str(dataset.SOPInstanceUID)])
    made.file_meta.MediaStorageSOPInstanceUID = made.SOPInstanceUID
    for keyword, value in values.items():
        setattr(made, keyword, value)
    return made


def write_windows(path: Path, second: str = "Tl201") -> None:
    """One object of two energy windows."""
    nm = _copy("study.dcm", "windows", path.stem, study=f"windows {path.stem}")
    counts, slices = nm.pixel_array, int(nm.NumberOfFrames)
    _put(nm, np.concatenate([counts, counts / 2]))
    item = copy.deepcopy(nm.EnergyWindowInformationSequence[0])
    item.EnergyWindowName = second
    nm.EnergyWindowInformationSequence.append(item)
    nm.NumberOfEnergyWindows = 2
    nm.EnergyWindowVector = [1] * slices + [2] * slices
    nm.SliceVector = [*range(1, slices + 1)] * 2
    nm.FrameIncrementPointer = [ENERGY_WINDOW_VECTOR, SLICE_VECTOR]
    save_object(nm, path)


def _copy(name: str, series: str, instance: str, study: str) -> Dataset:
    nm = pydicom.dcmread(DEMO / name)
    nm.StudyInstanceUID = generate_uid(entropy_srcs=["study", study])
    nm.SeriesInstanceUID = generate_uid(entropy_srcs=["series", series])
    nm.SOPInstanceUID = generate_uid(entropy_srcs=["instance", series, instance])
    nm.file_meta.MediaStorageSOPInstanceUID = nm.SOPInstanceUID
    return nm


def _put(nm: Dataset, counts: np.ndarray) -> None:
    stored = np.round(counts).astype("<u2")
    nm.NumberOfFrames = stored.size // (nm.Rows * nm.Columns)
    nm.PixelData = stored.tobytes()
    nm["PixelData"].VR = "OW"


def _divide_into_time_slots(nm: Dataset, slots: int) -> None:
    counts, slices = nm.pixel_array, int(nm.NumberOfFrames)
    _put(nm, np.concatenate([counts / slots * (1 + 0.02 * k) for k in range(slots)]))
    nm.ImageType = ["ORIGINAL", "PRIMARY", "RECON GATED TOMO", "EMISSION"]
    nm.FrameIncrementPointer = [RR_INTERVAL_VECTOR, TIME_SLOT_VECTOR, SLICE_VECTOR]
    nm.NumberOfRRIntervals, nm.RRIntervalVector = 1, [1] * slots * slices
    nm.NumberOfTimeSlots, nm.TimeSlotVector = slots, np.repeat(range(1, slots + 1), slices).tolist()
    nm.NumberOfSlices, nm.SliceVector = slices, [*range(1, slices + 1)] * slots
