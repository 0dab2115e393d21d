r"""Raw projections as a camera stores them, for exams that were simulated.

One NM multi-frame object, ``ORIGINAL\PRIMARY\TOMO\EMISSION`` or ``GATED TOMO``. Frames run over
energy window, detector, rotation, R-R interval and time slot where gated, and angular view, the
last varying fastest (PS3.3 C.8.4.8.1.1). Angles, radial positions, orientation and position of each
head stand in its item of Detector Information Sequence (C.8.4.11), what the heads share in Rotation
Information Sequence (C.8.4.14).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import product
from pathlib import Path

import numpy as np
from pydicom import Dataset
from pydicom.tag import Tag

from shortaxis.dicom.elements.decimal_strings import decimals
from shortaxis.dicom.elements.part10 import file_meta_of, write_dataset
from shortaxis.dicom.writing.acquired.camera import CameraFacts, add_camera
from shortaxis.dicom.writing.acquired.gated_beats import gated_information
from shortaxis.dicom.writing.acquired.identity import (
    AcquiredIdentity,
    add_patient_position,
    add_patient_state,
    identity_dataset,
)
from shortaxis.errors import CountsError
from shortaxis.spect.projections import Projections, view_axes

__all__ = ["AcquiredProjections", "write_acquired_projections"]

MOST_COUNTS = 65535

UNGATED_POINTER = ("EnergyWindowVector", "DetectorVector", "RotationVector", "AngularViewVector")
GATED_POINTER = (
    "EnergyWindowVector", "DetectorVector", "RotationVector", "RRIntervalVector",
    "TimeSlotVector", "AngularViewVector",
)  # fmt: skip

WINDOW_NAMES = ("EMISSION", "SCATTER", "UPPER SCATTER")
"""Of the energy windows in their order: the photopeak, and one or two beside it."""


@dataclass(frozen=True, eq=False)
class AcquiredProjections:
    """Projections, the camera's facts, and whom and what they show."""

    projections: Projections
    camera: CameraFacts
    identity: AcquiredIdentity


def write_acquired_projections(
    path: Path, acquired: AcquiredProjections, uid_of: Callable[[str], str], now: datetime
) -> None:
    """Write one Part 10 file in Explicit VR Little Endian.

    Parameters
    ----------
    path : Path
        Where to.
    acquired : AcquiredProjections
        What is stored.
    uid_of : callable
        Gives the UID of a role: "study", "series", "instance", "frame of reference".
    now : datetime
        Date and time of everything.

    Raises
    ------
    CountsError
        If a bin holds more than 65,535 counts, or a broken number of them.
    """
    projections = acquired.projections
    kind = "GATED TOMO" if projections.is_gated else "TOMO"
    dataset = identity_dataset(acquired.identity, kind, uid_of, now)
    # What is stored is what was counted: nothing is corrected or filtered yet.
    add_camera(dataset, replace(acquired.camera, corrections=("UNIF",), kernel=""))
    del dataset.ConvolutionKernel
    add_patient_position(dataset)
    add_patient_state(dataset, acquired.identity.condition)
    _add_windows(dataset, projections)
    _add_rotation(dataset, projections)
    dataset.DetectorInformationSequence = [
        _head(projections, views, acquired.camera.collimator)
        for views in projections.views_of_heads
    ]
    dataset.NumberOfDetectors = projections.heads
    _add_frames(dataset, projections)
    dataset.file_meta = file_meta_of(dataset)
    write_dataset(path, dataset)


def _add_windows(dataset: Dataset, projections: Projections) -> None:
    items = []
    names = WINDOW_NAMES[: len(projections.windows_kev)]
    for name, limits_kev in zip(names, projections.windows_kev, strict=True):
        window, limits = Dataset(), Dataset()
        limits.EnergyWindowLowerLimit, limits.EnergyWindowUpperLimit = decimals(limits_kev)
        window.EnergyWindowRangeSequence = [limits]
        window.EnergyWindowName = name
        items.append(window)
    dataset.EnergyWindowInformationSequence = items
    dataset.NumberOfEnergyWindows = len(items)


def _add_rotation(dataset: Dataset, projections: Projections) -> None:
    """What the heads share: arc and step of one head, and the angle of the first."""
    angles = projections.angles_deg
    each = len(projections.views_of_heads[0])
    step = (angles[1] - angles[0] + 180) % 360 - 180
    (rotation,) = dataset.RotationInformationSequence
    rotation.RotationDirection = "CC" if step > 0 else "CW"
    rotation.StartAngle, rotation.AngularStep, rotation.ScanArc = decimals(
        (angles[0], abs(step), abs(step) * each)
    )
    rotation.NumberOfFramesInRotation = each
    rotation.RadialPosition = decimals(projections.radial_position_mm[:each])
    dataset.TypeOfDetectorMotion = "STEP AND SHOOT"


def _head(projections: Projections, views: range, collimator: str) -> Dataset:
    first = views[0]
    bins, towards = view_axes(projections.angles_deg[first])
    rows, columns = projections.counts.shape[-2:]
    row_mm, bin_mm = projections.pixel_mm
    corner = np.array(projections.axis_mm) + towards * projections.radial_position_mm[first]
    corner = corner - bins * bin_mm * (columns - 1) / 2
    corner[2] += row_mm * (rows - 1) / 2
    head = Dataset()
    head.CollimatorType = collimator
    head.StartAngle = decimals([projections.angles_deg[first]])[0]
    head.RadialPosition = decimals([projections.radial_position_mm[view] for view in views])
    head.CenterOfRotationOffset = "0"
    head.FieldOfViewShape = "RECTANGLE"
    head.FieldOfViewDimensions = [round(columns * bin_mm), round(rows * row_mm)]
    head.ImagePositionPatient = decimals(corner)
    head.ImageOrientationPatient = decimals([*bins, 0.0, 0.0, -1.0])
    return head


def _add_frames(dataset: Dataset, projections: Projections) -> None:
    counts = projections.counts
    windows, slots, views, rows, columns = counts.shape
    if counts.max() > MOST_COUNTS or (counts != np.round(counts)).any() or counts.min() < 0:
        raise CountsError(
            "projections cannot be stored",
            expected=f"whole counts from 0 to {MOST_COUNTS}",
            found=f"{counts.min():g} to {counts.max():g}",
        )
    order = list(_frame_order(projections))
    names = GATED_POINTER if projections.is_gated else UNGATED_POINTER
    dataset.NumberOfFrames = windows * slots * views
    dataset.FrameIncrementPointer = [Tag(name) for name in names]
    for name in names:
        setattr(dataset, name, [each[name] for each in order])
    if projections.is_gated:
        dataset.NumberOfRRIntervals, dataset.NumberOfTimeSlots = 1, slots
        dataset.GatedInformationSequence = [gated_information(slots)]
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.Rows, dataset.Columns = rows, columns
    dataset.PixelSpacing = decimals(projections.pixel_mm)
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 16, 16, 15
    dataset.PixelRepresentation = 0
    dataset.CountsAccumulated = int(counts.sum(dtype=np.float64))
    frames = [counts[each["window"], each["slot"], each["view"]].astype("<u2") for each in order]
    dataset.PixelData = np.stack(frames).tobytes()
    dataset["PixelData"].VR = "OW"


def _frame_order(projections: Projections) -> Iterator[dict[str, int]]:
    """Values of all vectors, from 1, and places in the counts, from 0, frame by frame."""
    windows, slots = projections.counts.shape[:2]
    heads = projections.views_of_heads
    for window, head, slot in product(range(windows), range(len(heads)), range(slots)):
        for number, view in enumerate(heads[head], start=1):
            yield {
                "EnergyWindowVector": window + 1, "DetectorVector": head + 1, "RotationVector": 1,
                "RRIntervalVector": 1, "TimeSlotVector": slot + 1, "AngularViewVector": number,
                "window": window, "slot": slot, "view": view,
            }  # fmt: skip
