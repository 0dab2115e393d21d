"""Damaged projections end in a named error or in sound counts, whatever was damaged."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pydicom
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom import Dataset

from raw_views import cardiac_angles, spot_views, write_raw
from shortaxis.dicom.reading.finding.scan import scan_dicom
from shortaxis.dicom.reading.projections import read_projections
from shortaxis.errors import ShortAxisError

ANGLES = [*cardiac_angles(10, 225, -90), *cardiac_angles(10, 135, -90)]

PLACES = {
    "": ("NumberOfFrames", "FrameIncrementPointer", "EnergyWindowVector", "DetectorVector",
         "RotationVector", "RRIntervalVector", "TimeSlotVector", "AngularViewVector", "Rows",
         "Columns", "PixelSpacing", "NumberOfTimeSlots", "BitsStored", "PixelRepresentation",
         "RescaleSlope", "ImageType", "CorrectedImage"),
    "DetectorInformationSequence": (
        "StartAngle", "RadialPosition", "ImagePositionPatient", "ImageOrientationPatient",
        "CollimatorType", "CenterOfRotationOffset"),
    "RotationInformationSequence": (
        "StartAngle", "AngularStep", "ScanArc", "RotationDirection", "NumberOfFramesInRotation",
        "RadialPosition"),
    "EnergyWindowInformationSequence": ("EnergyWindowRangeSequence",),
}  # fmt: skip

VALUES = (
    None, 0, 1, 2, -1, 7, 65535, 1e30, "", "x", [1, 2, 3], [0.0] * 6, [1] * 80, [0] * 80,
    list(range(1, 81)), [1, 0, 0, 0, 1, 0], [3.0, 4.0], "CC", "TOMO",
)  # fmt: skip


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    views = spot_views(ANGLES, size=16, pixel_mm=16.0, width_mm=20.0)
    both = np.stack([np.stack([views, views])] * 2)
    path = tmp_path_factory.mktemp("fuzz") / "raw.dcm"
    windows = ((126.0, 154.0), (92.0, 125.0))
    return write_raw(path, both, ANGLES, heads=2, pixel_mm=16.0, windows_kev=windows, is_gated=True)


def spoiled(dataset: Dataset, place: str, keyword: str, value: object, item: int) -> None:
    items = [dataset] if not place else dataset[place].value
    target = items[item % len(items)]
    if value is None:
        if keyword in target:
            del target[keyword]
        return
    with pydicom.config.disable_value_validation():
        setattr(target, keyword, value)


PLACED = st.sampled_from([(place, name) for place, names in PLACES.items() for name in names])


@given(
    st.lists(st.tuples(PLACED, st.sampled_from(VALUES), st.integers(0, 1)), min_size=1, max_size=3)
)
@settings(max_examples=120)
def test_a_header_that_says_anything_is_refused_by_name_or_read(
    sound: Path, changes: list[tuple[tuple[str, str], object, int]]
) -> None:
    dataset = pydicom.dcmread(sound)
    path = sound.with_name("spoiled.dcm")
    try:
        for (place, keyword), value, item in changes:
            spoiled(dataset, place, keyword, value, item)
        with pydicom.config.disable_value_validation():
            dataset.save_as(path)
    except (TypeError, ValueError, AttributeError, OverflowError, OSError):
        return  # pydicom cannot write it, so no file holds it

    assert_named_or_sound(path)


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=60)
def test_bytes_that_were_damaged_are_refused_by_name_or_read(sound: Path, seed: int) -> None:
    draw = random.Random(seed)
    damaged = bytearray(sound.read_bytes())
    for _ in range(draw.choice((1, 2, 8))):
        damaged[draw.randrange(132, len(damaged) // 2)] ^= 1 << draw.randrange(8)
    path = sound.with_name("damaged.dcm")
    path.write_bytes(damaged)

    assert_named_or_sound(path)


def assert_named_or_sound(path: Path) -> None:
    raws, refused = [], None
    try:
        entries = scan_dicom(path).entries
        raws = [read_projections(entry) for entry in entries if entry.holds_projections]
    except ShortAxisError as error:
        refused = error
    assert refused is None or refused.path == str(path)
    for raw in raws:
        counts = raw.projections.counts
        assert np.isfinite(counts).all()
        assert counts.min() >= 0
        assert all(0 <= angle < 360 for angle in raw.projections.angles_deg)
        assert min(raw.projections.radial_position_mm) > 0
