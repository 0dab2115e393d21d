"""Headers that lack or contradict geometry: the refusal names an option, and the option goes on."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path

import numpy as np
import pytest
from pydicom import Dataset

from counts_oracle import counts_on
from nm_object import build_nm, build_pet_slices, save_object
from shortaxis.dicom.reading.finding.scan import scan_dicom
from shortaxis.dicom.reading.study import read_dicom_study
from shortaxis.errors import GeometryError
from shortaxis.spect.reading_options import ReadingOptions
from shortaxis.spect.stated_geometry import StatedGeometry
from shortaxis.spect.study import PerfusionStudy
from shortaxis.spect.volume import SpectVolume

AFFINE = np.array([(0, 0, 6.4, -70), (0, 6.4, 0, -80), (6.4, 0, 0, 30), (0, 0, 0, 1.0)])
VOLUME = SpectVolume(np.random.default_rng(1).integers(0, 300, (12, 20, 22)), AFFINE)

LPS = StatedGeometry("LPS")


def without_pixel_spacing(dataset: Dataset) -> None:
    del dataset.PixelSpacing


def with_pixel_spacing_of_zero(dataset: Dataset) -> None:
    dataset.PixelSpacing = ["0", "0"]


def with_one_pixel_spacing(dataset: Dataset) -> None:
    dataset.PixelSpacing = "6.4"


def with_two_positions(dataset: Dataset) -> None:
    items = dataset.DetectorInformationSequence
    items.append(deepcopy(items[0]))
    items[1].ImagePositionPatient = ["1", "2", "3"]


def with_two_orientations(dataset: Dataset) -> None:
    items = dataset.DetectorInformationSequence
    items.append(deepcopy(items[0]))
    items[1].ImageOrientationPatient = ["1", "0", "0", "0", "0", "-1"]


def with_damaged_directions(dataset: Dataset) -> None:
    for place in (dataset, *dataset.get("DetectorInformationSequence", ())):
        if "ImageOrientationPatient" in place:
            place.ImageOrientationPatient = ["1", "0", "0", "1", "0", "0"]


def without_directions(dataset: Dataset) -> None:
    for place in (dataset, *dataset.get("DetectorInformationSequence", ())):
        if "ImageOrientationPatient" in place:
            del place.ImageOrientationPatient


def without_position(dataset: Dataset) -> None:
    for place in (dataset, *dataset.get("DetectorInformationSequence", ())):
        if "ImagePositionPatient" in place:
            del place.ImagePositionPatient


def without_slice_spacing(dataset: Dataset) -> None:
    del dataset.SpacingBetweenSlices


NM = [
    (without_pixel_spacing, StatedGeometry(pixel_spacing_mm=(6.4, 6.4)), "--pixel-spacing 6.4"),
    (with_pixel_spacing_of_zero, StatedGeometry(pixel_spacing_mm=(6.4, 6.4)), "--pixel-spacing"),
    (with_one_pixel_spacing, StatedGeometry(pixel_spacing_mm=(6.4, 6.4)), "--pixel-spacing"),
    (with_two_positions, LPS, r"-70\-80\30 and 1\2\3"),
    (with_two_orientations, LPS, "--orientation"),
    (with_damaged_directions, LPS, "--orientation"),
    (without_directions, LPS, "--orientation"),
    (without_position, LPS, "--orientation"),
    (without_slice_spacing, StatedGeometry(slice_spacing_mm=6.4), "SliceThickness"),
]

PET = [
    (without_pixel_spacing, StatedGeometry(pixel_spacing_mm=(6.4, 6.4)), "--pixel-spacing 6.4"),
    (without_directions, LPS, "--orientation"),
    (without_position, StatedGeometry("LPS", 6.4), "--slice-spacing"),
]

Edit = Callable[[Dataset], None]


def read(path: Path, stated: StatedGeometry) -> PerfusionStudy:
    options = ReadingOptions(stated=stated)
    (entry,) = scan_dicom(path, options=options).entries
    return read_dicom_study(entry, options).study


def assert_lies_as_the_volume(study: PerfusionStudy) -> None:
    """The same counts at the same places, but for a shift where no place is known."""
    shifted = study.volume.patient_from_index.copy()
    shifted[:3, 3] += VOLUME.center_mm - study.volume.center_mm
    found = counts_on(VOLUME.grid, SpectVolume(study.volume.counts, shifted))
    np.testing.assert_allclose(found, VOLUME.counts, atol=0.02 * VOLUME.counts.max())


@pytest.mark.parametrize(("edit", "stated", "words"), NM)
def test_an_nm_header_is_refused_with_the_option_that_goes_on(
    tmp_path: Path, edit: Edit, stated: StatedGeometry, words: str
):
    written = build_nm(VOLUME)
    edit(written)
    path = save_object(written, tmp_path / "object.dcm")

    with pytest.raises(GeometryError) as refused:
        scan_dicom(path)
    study = read(path, stated)

    assert words in str(refused.value)
    assert refused.value.way_on
    assert_lies_as_the_volume(study)
    assert any(note.is_doubtful and "stated by the user" in note.text for note in study.notes)


@pytest.mark.parametrize(("edit", "stated", "words"), PET)
def test_pet_slices_are_refused_with_the_option_that_goes_on(
    tmp_path: Path, edit: Edit, stated: StatedGeometry, words: str
):
    for number, written in enumerate(build_pet_slices(VOLUME)):
        edit(written)
        save_object(written, tmp_path / f"{number:02}.dcm")

    with pytest.raises(GeometryError) as refused:
        scan_dicom(tmp_path)
    study = read(tmp_path, stated)

    assert words in str(refused.value)
    assert refused.value.way_on
    assert_lies_as_the_volume(study)
    assert any(note.is_doubtful and "stated by the user" in note.text for note in study.notes)


def test_positions_tell_where_pet_slices_run_whatever_letter_was_stated(tmp_path: Path):
    for number, written in enumerate(build_pet_slices(VOLUME)):
        without_directions(written)
        save_object(written, tmp_path / f"{number:02}.dcm")

    assert_lies_as_the_volume(read(tmp_path, StatedGeometry("LPI")))


@pytest.mark.parametrize("millimetre", [1000.0, 0.01])
def test_voxels_of_another_unit_are_refused_with_the_options_that_state_them(
    tmp_path: Path, millimetre: float
):
    affine = AFFINE.copy()
    affine[:3, :3] *= millimetre
    path = save_object(build_nm(SpectVolume(VOLUME.counts, affine)), tmp_path / "object.dcm")

    with pytest.raises(GeometryError, match="--slice-spacing and --pixel-spacing"):
        scan_dicom(path)

    stated = StatedGeometry(slice_spacing_mm=6.4, pixel_spacing_mm=(6.4, 6.4))
    assert_lies_as_the_volume(read(path, stated))
