"""Of a series of many files, the one that is wrong is named, or how many lack what is missing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pydicom import Dataset

from nm_object import build_pet_slices, save_object
from shortaxis.dicom.reading.finding.scan import scan_dicom
from shortaxis.dicom.reading.study import read_dicom_study
from shortaxis.errors import CountsError, GeometryError, ShortAxisError, UnreadableFileError
from shortaxis.spect.volume import SpectVolume

AFFINE = np.array([(0, 0, 6.4, -70), (0, 6.4, 0, -80), (6.4, 0, 0, 30), (0, 0, 0, 1.0)])
N_SLICES = 12
SHAPE = (N_SLICES, 20, 22)


def pet_slices() -> list[Dataset]:
    counts = np.random.default_rng(1).integers(1, 300, SHAPE)
    return build_pet_slices(SpectVolume(counts.astype(np.float32), AFFINE))


def write_all(slices: list[Dataset], folder: Path) -> list[Path]:
    return [save_object(each, folder / f"IM{n:03}.dcm") for n, each in enumerate(slices)]


def read_error(folder: Path) -> ShortAxisError:
    with pytest.raises(ShortAxisError) as caught:
        read_dicom_study(scan_dicom(folder).entries[0])
    return caught.value


def test_the_slice_that_was_cut_short_is_named(tmp_path: Path) -> None:
    paths = write_all(pet_slices(), tmp_path)
    paths[7].write_bytes(paths[7].read_bytes()[:-100])

    error = read_error(tmp_path)

    assert isinstance(error, UnreadableFileError)
    assert error.path == str(paths[7])


def test_the_slice_whose_slope_is_zero_is_named(tmp_path: Path) -> None:
    slices = pet_slices()
    slices[5].RescaleSlope = "0"
    paths = write_all(slices, tmp_path)

    error = read_error(tmp_path)

    assert isinstance(error, CountsError)
    assert error.path == str(paths[5])


def test_slices_without_a_position_are_counted(tmp_path: Path) -> None:
    slices = pet_slices()
    del slices[3].ImagePositionPatient
    write_all(slices, tmp_path)

    error = read_error(tmp_path)

    assert isinstance(error, GeometryError)
    assert error.found == f"1 of {N_SLICES} slices without one"


def test_slices_that_share_one_uid_are_not_called_missing(tmp_path: Path) -> None:
    slices = pet_slices()
    for each in slices:
        each.SOPInstanceUID = slices[0].SOPInstanceUID
    write_all(slices, tmp_path)

    error = read_error(tmp_path)

    assert error.cause is not None
    assert error.cause.startswith(f"{N_SLICES - 1} more files of the series share a SOP Instance")
    assert error.way_on == "de-identify again, so that every file keeps a UID of its own"


def test_a_series_of_some_slices_with_one_uid_tells_so(tmp_path: Path) -> None:
    slices = pet_slices()
    slices[4].SOPInstanceUID = slices[3].SOPInstanceUID
    write_all(slices, tmp_path)

    error = read_error(tmp_path)

    assert error.found == f"{N_SLICES - 1} slices"
    assert error.cause is not None
    assert error.cause.startswith("1 more files of the series share a SOP Instance UID")


def test_a_copy_of_a_slice_does_not_hide_that_another_is_missing(tmp_path: Path) -> None:
    paths = write_all(pet_slices(), tmp_path)
    (tmp_path / "copy.dcm").write_bytes(paths[2].read_bytes())
    paths[5].unlink()

    error = read_error(tmp_path)

    assert error.cause == "files of the series are missing"


def test_slices_with_a_series_uid_each_are_told_so(tmp_path: Path) -> None:
    slices = pet_slices()
    for number, each in enumerate(slices):
        each.SeriesInstanceUID = f"2.25.{1000 + number}"
    write_all(slices, tmp_path)

    error = read_error(tmp_path)

    assert error.found == f"{N_SLICES} x is a single slice (one place)"
    assert error.cause is not None
    assert error.cause.startswith("slices of one series that got a Series Instance UID each")
    assert error.way_on
