"""Every refusal of a damaged or incomplete object says how to go on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from pydicom import Dataset

from nm_object import build_nm, build_pet_slices, save_object
from shortaxis.dicom.reading.finding.scan import scan_dicom
from shortaxis.dicom.reading.study import read_dicom_study
from shortaxis.errors import GeometryError, ShortAxisError, UnsupportedObjectError
from shortaxis.spect.reading_options import ReadingOptions
from shortaxis.spect.stated_geometry import StatedGeometry
from shortaxis.spect.volume import SpectVolume

AFFINE = np.array([(0, 0, 6.4, -70), (0, 6.4, 0, -80), (6.4, 0, 0, 30), (0, 0, 0, 1.0)])
N_SLICES = 12
NUMBERS = list(range(1, N_SLICES + 1))


def volume() -> SpectVolume:
    counts = np.random.default_rng(1).integers(1, 300, (N_SLICES, 20, 22))
    return SpectVolume(counts.astype(np.float32), AFFINE)


def floats(dataset: Dataset) -> None:
    dataset.FloatPixelData = np.zeros((N_SLICES, 20, 22), np.float32).tobytes()
    for keyword in ("PixelData", "BitsStored", "HighBit", "PixelRepresentation"):
        delattr(dataset, keyword)
    dataset.BitsAllocated = 32


def setting(keyword: str, value: object) -> Callable[[Dataset], None]:
    return lambda dataset: setattr(dataset, keyword, value)


def dropping(keyword: str) -> Callable[[Dataset], None]:
    return lambda dataset: delattr(dataset, keyword)


def refusal(path: Path) -> ShortAxisError:
    with pytest.raises(ShortAxisError) as caught:
        read_dicom_study(scan_dicom(path).entries[0])
    return caught.value


@pytest.mark.parametrize(
    "change",
    [
        floats,
        setting("SliceVector", [0, *NUMBERS[:-1]]),
        setting("SliceVector", [1, 1, *NUMBERS[2:]]),
        setting("SliceVector", [1] * N_SLICES),
        setting("FrameIncrementPointer", [0x00181063]),
        setting("NumberOfSlices", N_SLICES - 1),
        setting("NumberOfFrames", N_SLICES + 1),
        setting("NumberOfFrames", 0),
        dropping("NumberOfFrames"),
        dropping("BitsStored"),
        dropping("PixelData"),
        dropping("Rows"),
        setting("BitsAllocated", 64),
        setting("RescaleSlope", "0"),
        setting("RescaleSlope", "1e38"),
    ],
)
def test_a_broken_object_says_how_to_go_on(
    tmp_path: Path, change: Callable[[Dataset], None]
) -> None:
    written = build_nm(volume())
    change(written)

    error = refusal(save_object(written, tmp_path / "broken.dcm"))

    assert error.way_on


def drop_one(slices: list[Dataset]) -> None:
    del slices[5]


def every_second(slices: list[Dataset]) -> None:
    del slices[1::2]


def sideways(slices: list[Dataset]) -> None:
    for number, each in enumerate(slices):
        x, y, z = each.ImagePositionPatient
        each.ImagePositionPatient = [float(x) + number, y, z]


def two_patients(slices: list[Dataset]) -> None:
    slices[3].PatientID = "another"


def no_slope(slices: list[Dataset]) -> None:
    del slices[3].RescaleSlope


@pytest.mark.parametrize("change", [drop_one, every_second, sideways, two_patients, no_slope])
def test_a_broken_series_says_how_to_go_on(
    tmp_path: Path, change: Callable[[list[Dataset]], None]
) -> None:
    slices = build_pet_slices(volume())
    change(slices)
    for number, each in enumerate(slices):
        save_object(each, tmp_path / f"{number:03}.dcm")

    assert refusal(tmp_path).way_on


def test_a_vector_that_doubles_a_slice_is_named_alone_with_how_many_it_tells(
    tmp_path: Path,
) -> None:
    written = build_nm(volume())
    written.SliceVector = [1, 1, *NUMBERS[2:]]

    error = refusal(save_object(written, tmp_path / "doubled.dcm"))

    assert isinstance(error, GeometryError)
    assert error.summary == "SliceVector (0054,0080) does not name every frame once"
    assert error.found == f"{N_SLICES} frames, {N_SLICES - 1} of them different"


def test_counts_as_floating_point_numbers_are_refused_as_what_they_are(tmp_path: Path) -> None:
    written = build_nm(volume())
    floats(written)

    error = refusal(save_object(written, tmp_path / "floats.dcm"))

    assert isinstance(error, UnsupportedObjectError)
    assert error.found == "FloatPixelData (7FE0,0008)"


def test_a_refused_file_in_a_folder_is_listed_with_the_way_on(tmp_path: Path) -> None:
    written = build_nm(volume())
    written.SliceVector = [0, *NUMBERS[:-1]]
    save_object(written, tmp_path / "a.dcm")
    other = build_nm(volume(), seed="another study")
    save_object(other, tmp_path / "b.dcm")

    (skipped,) = scan_dicom(tmp_path).skipped

    assert skipped.way_on


@pytest.mark.parametrize(
    ("written_as", "summary", "found"),
    [
        (b"6.4\\6.4 ", "is no single distance", "2 values"),
        (b"none", "is no number", "something else"),
        (b"0 ", "is zero", "0"),
    ],
)
def test_a_slice_spacing_of_no_use_is_told_as_what_it_is_and_can_be_stated(
    tmp_path: Path, written_as: bytes, summary: str, found: str
) -> None:
    path = save_object(build_nm(volume()), tmp_path / "study.dcm")
    stored = path.read_bytes()
    element = b"\x18\x00\x88\x00DS"
    start = stored.index(element) + len(element)
    length = int.from_bytes(stored[start : start + 2], "little")
    value = len(written_as).to_bytes(2, "little") + written_as
    path.write_bytes(stored[:start] + value + stored[start + 2 + length :])

    error = refusal(path)

    assert error.summary == f"SpacingBetweenSlices (0018,0088) {summary}"
    assert error.found is not None
    assert error.found.startswith(found)
    assert error.way_on is not None
    assert "--slice-spacing" in error.way_on
    stated = ReadingOptions(stated=StatedGeometry(slice_spacing_mm=6.4))
    (entry,) = scan_dicom(path, options=stated).entries
    assert entry.spacing_mm[0] == pytest.approx(6.4)
