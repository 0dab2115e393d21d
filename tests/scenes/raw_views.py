"""Raw projections of drawn things, written as NM TOMO; angles by the standard, not by the package.

PS3.3 C.8.4.12: 0 degrees at the patient's back, growing to the patient's left, so that the detector
stands at ``(sin, cos, 0)`` in LPS. Somebody in its place who faces the patient has the patient's
left at the right hand in front (180 degrees), and rows run from head to feet.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

import numpy as np
import pydicom
from pydicom import Dataset

from shortaxis.dicom.writing.acquired.camera import CameraFacts, Radiopharmaceutical
from shortaxis.dicom.writing.acquired.identity import AcquiredIdentity
from shortaxis.dicom.writing.acquired.projections import (
    AcquiredProjections,
    write_acquired_projections,
)
from shortaxis.geometry.arrays import CountsArray
from shortaxis.spect.projections import Projections
from shortaxis.spect.study import StudyCondition
from shortaxis.spect.volume import SpectVolume

__all__ = [
    "EVERY_FRAME_VECTOR",
    "SPOTS",
    "cardiac_angles",
    "frames_taken",
    "raw_object",
    "spot_views",
    "views_of_volume",
    "write_raw",
]

EVERY_FRAME_VECTOR = (
    "EnergyWindowVector", "DetectorVector", "RotationVector", "RRIntervalVector",
    "TimeSlotVector", "AngularViewVector",
)  # fmt: skip

SPOTS = (((60.0, -40.0, 30.0), 900.0), ((-45.0, 20.0, -50.0), 500.0), ((10.0, 70.0, 75.0), 700.0))
"""Places in LPS mm from the axis, and counts at the peak: no mirror takes them into each other."""

TECHNETIUM = Radiopharmaceutical(
    ("424299003", "SCT", "Tc-99m sestamibi"),
    ("72454006", "SCT", "^99m^Technetium"),
    "Tc99m",
    (126.0, 154.0),
)


def cardiac_angles(views: int, start_deg: float = 225.0, arc_deg: float = -180.0) -> list[float]:
    """Angles of one head, by default from right anterior over the front to left posterior."""
    return [(start_deg + arc_deg * view / views) % 360 for view in range(views)]


def spot_views(
    angles_deg: Sequence[float], *, size: int = 48, pixel_mm: float = 6.0, width_mm: float = 10.0
) -> CountsArray:
    """Parallel views of `SPOTS`, ``(view, row, bin)``: whole counts."""
    along = (np.arange(size) - (size - 1) / 2) * pixel_mm
    views = np.zeros((len(angles_deg), size, size))
    for view, angle in enumerate(np.radians(angles_deg)):
        for (x, y, z), peak in SPOTS:
            u = -x * np.cos(angle) + y * np.sin(angle)
            row = np.exp(-((along + z) ** 2) / (2 * width_mm**2))
            across = np.exp(-((along - u) ** 2) / (2 * width_mm**2))
            views[view] += peak * np.outer(row, across)
    return np.round(views).astype(np.float32)


def views_of_volume(
    volume: SpectVolume, angles_deg: Sequence[float], *, size: int = 64, scale: float = 0.02
) -> CountsArray:
    """Parallel views of a transaxial volume around its middle, ``(view, row, bin)``: whole counts.

    Pixels are as large as the volume's columns; each voxel is dealt to the two nearest bins.
    """
    slices, rows, columns = volume.shape
    pixel_mm = float(volume.spacing_mm[2])
    y, x = np.meshgrid(
        *((np.arange(n) - (n - 1) / 2) * pixel_mm for n in (rows, columns)), indexing="ij"
    )
    upright = volume.counts if volume.patient_from_index[2, 0] < 0 else volume.counts[::-1]
    first = (size - slices) // 2
    views = np.zeros((len(angles_deg), size, size))
    for view, angle in enumerate(np.radians(angles_deg)):
        place = (-x * np.cos(angle) + y * np.sin(angle)) / pixel_mm + (size - 1) / 2
        low = np.floor(place).astype(int)
        for bins, part in ((low, 1 - (place - low)), (low + 1, place - low)):
            inside = (bins >= 0) & (bins < size)
            for row, counts in enumerate(upright):
                weights = (part * counts)[inside]
                views[view, first + row] += np.bincount(bins[inside], weights, minlength=size)
    return np.round(views * scale).astype(np.float32)


def frames_taken(dataset: Dataset, frames: Sequence[int]) -> Dataset:
    """The same object with these frames, in this order, and their values of every vector."""
    pixels = dataset.pixel_array[list(frames)]
    for keyword in EVERY_FRAME_VECTOR:
        if keyword in dataset:
            vector = np.atleast_1d(dataset[keyword].value)
            setattr(dataset, keyword, [int(vector[frame]) for frame in frames])
    dataset.NumberOfFrames = len(frames)
    dataset.PixelData = np.ascontiguousarray(pixels).tobytes()
    return dataset


def write_raw(
    path: Path,
    counts: CountsArray,
    angles_deg: Sequence[float],
    *,
    heads: int = 1,
    pixel_mm: float = 6.0,
    radius_mm: float | Sequence[float] = 220.0,
    axis_mm: tuple[float, float, float] = (0.0, 0.0, 0.0),
    windows_kev: Sequence[tuple[float, float]] = ((126.0, 154.0),),
    is_gated: bool = False,
    condition: StudyCondition = StudyCondition.STRESS,
    change: Callable[[Dataset], Dataset | None] | None = None,
    uid_of: Callable[[str], str] | None = None,
) -> Path:
    """Write one object; `counts` are (view, row, bin), or (window, slot, view, row, bin).

    `change` alters the header after writing.
    """
    all_counts = counts if counts.ndim == 5 else counts[None, None]
    radii = radius_mm if isinstance(radius_mm, Sequence) else [radius_mm] * len(angles_deg)
    projections = Projections(
        counts=all_counts,
        angles_deg=tuple(angles_deg),
        radial_position_mm=tuple(radii),
        pixel_mm=(pixel_mm, pixel_mm),
        axis_mm=axis_mm,
        windows_kev=tuple(windows_kev),
        heads=heads,
        is_gated=is_gated,
    )
    arc = 180.0 / heads
    camera = CameraFacts(
        "Drawn", "Camera", TECHNETIUM, angles_deg[0], arc, len(angles_deg) // heads
    )
    identity = AcquiredIdentity(condition, "DRAWN-1", "PROJECTIONS")
    acquired = AcquiredProjections(projections, camera, identity)
    write_acquired_projections(path, acquired, uid_of or _uid_of, datetime(2024, 1, 2, 10, 15))
    if change is not None:
        dataset = pydicom.dcmread(path)
        dataset = change(dataset) or dataset
        dataset.save_as(path)
    return path


def raw_object(
    path: Path, change: Callable[[Dataset], Dataset | None] | None = None, views: int = 24
) -> Path:
    """One head over 180 degrees in front of `SPOTS`."""
    angles = cardiac_angles(views)
    return write_raw(path, spot_views(angles), angles, change=change)


def _uid_of(role: str) -> str:
    return str(pydicom.uid.generate_uid(entropy_srcs=["raw views", role]))
