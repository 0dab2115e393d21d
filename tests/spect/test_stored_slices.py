"""Slices are read as they are stored, with a place, a contradictory one or none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from annotated_pairs import write_nifti_with
from nm_object import build_nm, save_object
from shortaxis.dicom.reading.stored import read_stored_dicom
from shortaxis.errors import CountsError, GeometryError, InputNotFoundError, UnreadableFileError
from shortaxis.geometry.affines import affine_from_axes
from shortaxis.nifti.stored import read_stored_nifti
from shortaxis.spect.stored_slices import StoredSlices
from shortaxis.spect.volume import SpectVolume
from shortaxis.workflow.annotation.pairs import Pair
from shortaxis.workflow.annotation.reading import read_pair

SIZE_MM = (6.0, 5.0, 4.0)


@pytest.fixture
def volume() -> SpectVolume:
    counts = np.random.default_rng(0).poisson(40, (14, 20, 24))
    affine = affine_from_axes(np.eye(3)[::-1], SIZE_MM, (-40, -50, 10))
    return SpectVolume(counts, affine)


def test_a_nifti_file_keeps_its_place_or_has_none(volume: SpectVolume, tmp_path: Path) -> None:
    affine = volume.patient_from_index
    placed = write_nifti_with(tmp_path / "a.nii.gz", volume.counts, affine, SIZE_MM)
    bare = write_nifti_with(tmp_path / "b.nii.gz", volume.counts, None, SIZE_MM)

    first, second = read_stored_nifti(placed), read_stored_nifti(bare)

    np.testing.assert_allclose(first.patient_from_index, affine, atol=1e-5)
    assert second.patient_from_index is None
    assert second.notes
    for each in (first, second):
        np.testing.assert_array_equal(each.counts, volume.counts)
        np.testing.assert_allclose(each.spacing_mm, SIZE_MM, rtol=1e-6)


@pytest.mark.parametrize("negative", [False, True])
def test_a_dicom_object_without_orientation_is_taken_frame_by_frame(
    volume: SpectVolume, tmp_path: Path, negative: bool
) -> None:
    dataset = build_nm(volume, negative_spacing=negative)
    detector = dataset.DetectorInformationSequence[0]
    del detector.ImageOrientationPatient
    del detector.ImagePositionPatient

    stored = read_stored_dicom(save_object(dataset, tmp_path / "a.dcm"))

    assert stored.patient_from_index is None
    # Stacked along row x column either way, as the volume is.
    np.testing.assert_array_equal(stored.counts, volume.counts)
    np.testing.assert_allclose(stored.spacing_mm, SIZE_MM)


def test_a_dicom_object_with_orientation_keeps_its_place(
    volume: SpectVolume, tmp_path: Path
) -> None:
    path = save_object(build_nm(volume), tmp_path / "a.dcm")

    for stored in (read_stored_dicom(path), read_stored_dicom(tmp_path)):
        assert stored.patient_from_index is not None
        np.testing.assert_allclose(np.sort(stored.spacing_mm), np.sort(SIZE_MM))


def test_what_holds_no_slices_is_refused(volume: SpectVolume, tmp_path: Path) -> None:
    (tmp_path / "a.nii").write_bytes(b"no NIfTI")
    with pytest.raises(UnreadableFileError):
        read_stored_nifti(tmp_path / "a.nii")
    with pytest.raises(InputNotFoundError):
        read_stored_dicom(tmp_path / "missing")
    with pytest.raises(GeometryError, match="no slices"):
        StoredSlices(np.zeros((1, 4, 4)), np.ones(3))
    with pytest.raises(GeometryError, match="no voxel sizes"):
        StoredSlices(np.zeros((4, 4, 4)), np.array([1.0, 0.0, 1.0]))
    with pytest.raises(CountsError):
        StoredSlices(np.full((4, 4, 4), np.nan), np.ones(3))


def test_voxel_sizes_that_cannot_be_are_those_of_the_transaxial_volume(
    volume: SpectVolume, tmp_path: Path
) -> None:
    counts = volume.counts
    transaxial = save_object(build_nm(volume), tmp_path / "transaxial.dcm")
    lost = write_nifti_with(tmp_path / "a.nii.gz", counts, None, (1.0, 1.0, 1.0))

    assumed = read_pair(Pair("a", transaxial, lost)).slices
    told = read_pair(Pair("a", transaxial, lost, (3.0, 4.0, 5.0))).slices

    np.testing.assert_allclose(assumed.spacing_mm, 4.0)
    assert any("cannot be" in note for note in assumed.notes)
    np.testing.assert_allclose(told.spacing_mm, (3, 4, 5))


def test_the_header_says_which_hand_is_right() -> None:
    counts, axes = np.arange(27.0).reshape(3, 3, 3), np.eye(3)
    right_handed = np.diag([1.0, 1.0, 1.0, 1.0])[[2, 1, 0, 3]]

    # Columns, rows and slices along x, y and z: in the order slice, row, column that is -1.
    assert StoredSlices(counts, np.ones(3)).is_mirrored_by(axes)
    assert not StoredSlices(counts, np.ones(3)).is_mirrored_by(axes[::-1])
    assert not StoredSlices(counts, np.ones(3), right_handed).is_mirrored_by(axes[::-1])
    assert not StoredSlices(counts, np.ones(3), np.eye(4)).is_mirrored_by(axes)
