from __future__ import annotations

from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
import SimpleITK as sitk
from hypothesis import given, settings
from hypothesis import strategies as st

from geometry_strategies import affines, points_mm
from shortaxis.errors import CountsError, GeometryError, ShortAxisError, UnreadableFileError
from shortaxis.geometry.affines import apply_affine
from shortaxis.nifti.orientation import (
    affine_from_patient_from_index,
    patient_from_index_from_affine,
)
from shortaxis.nifti.reading import read_nifti_study
from shortaxis.nifti.writing import write_nifti
from shortaxis.spect.volume import SpectVolume


def save(path: Path, volume: SpectVolume) -> Path:
    write_nifti(path, volume.counts, volume.patient_from_index)
    return path


def error_of(path: Path) -> str | None:
    """Message of the expected error, None if the file can be read; any other error escapes."""
    try:
        study = read_nifti_study(path)
    except ShortAxisError as error:
        return str(error)
    assert np.isfinite(study.volume.counts).all()
    return None


@given(affines())
def test_affines_survive_the_way_to_nifti_and_back(affine: np.ndarray) -> None:
    back = patient_from_index_from_affine(affine_from_patient_from_index(affine))

    np.testing.assert_allclose(back, affine, atol=1e-12)


@given(affine=affines(), index=st.tuples(*[st.integers(0, 9)] * 3))
@settings(max_examples=20, deadline=None)
def test_itk_sees_a_written_voxel_at_the_same_patient_position(
    tmp_path_factory: pytest.TempPathFactory, affine: np.ndarray, index: tuple[int, int, int]
) -> None:
    path = tmp_path_factory.mktemp("nifti") / "volume.nii.gz"
    counts = np.random.default_rng(0).random((10, 11, 12)).astype(np.float32)
    write_nifti(path, counts, affine)

    image = sitk.ReadImage(str(path))

    position = image.TransformIndexToPhysicalPoint(index[::-1])
    # NIfTI stores affines in float32: at 300 mm a step is 3e-5 mm.
    np.testing.assert_allclose(position, apply_affine(affine, index), atol=2e-3)
    assert sitk.GetArrayFromImage(image)[index] == counts[index]


def test_a_written_study_reads_back_to_the_same_counts_and_place(
    tmp_path: Path, drawn_volume: SpectVolume
) -> None:
    study = read_nifti_study(save(tmp_path / "study.nii.gz", drawn_volume))

    np.testing.assert_array_equal(study.volume.counts, drawn_volume.counts)
    np.testing.assert_allclose(
        study.volume.patient_from_index, drawn_volume.patient_from_index, atol=1e-4
    )
    assert not study.is_gated


def test_an_image_in_ras_is_turned_to_lps_not_relabelled(
    tmp_path: Path, drawn_volume: SpectVolume
) -> None:
    # The same heart stored with columns that run to the patient's right.
    path = save(tmp_path / "study.nii", drawn_volume)
    reoriented = nib.as_closest_canonical(nib.load(path))
    nib.save(reoriented, tmp_path / "ras.nii")

    ras = read_nifti_study(tmp_path / "ras.nii").volume

    hottest = [
        apply_affine(
            volume.patient_from_index, np.unravel_index(volume.counts.argmax(), volume.shape)
        )
        for volume in (ras, drawn_volume)
    ]
    np.testing.assert_allclose(hottest[0], hottest[1], atol=1e-3)
    assert nib.aff2axcodes(reoriented.affine) == ("R", "A", "S")


def test_the_fourth_dimension_holds_time_slots(tmp_path: Path, drawn_volume: SpectVolume) -> None:
    gates = np.stack([drawn_volume.counts * weight for weight in (1, 2, 3)])
    write_nifti(tmp_path / "gated.nii.gz", gates, drawn_volume.patient_from_index)

    study = read_nifti_study(tmp_path / "gated.nii.gz")

    assert study.gates is not None
    np.testing.assert_array_equal(study.gates, gates)
    np.testing.assert_allclose(study.volume.counts, drawn_volume.counts * 6, rtol=1e-6)


def test_units_of_meters_are_honoured(tmp_path: Path, drawn_volume: SpectVolume) -> None:
    affine = affine_from_patient_from_index(drawn_volume.patient_from_index)
    image = nib.Nifti1Image(drawn_volume.counts.T, np.diag([0.001, 0.001, 0.001, 1]) @ affine)
    image.header.set_xyzt_units("meter")
    nib.save(image, tmp_path / "meters.nii")

    volume = read_nifti_study(tmp_path / "meters.nii").volume

    np.testing.assert_allclose(volume.spacing_mm, 6.4, rtol=1e-5)


@given(shift=points_mm.filter(lambda shift: np.abs(shift).max() > 2))
@settings(max_examples=5, deadline=None)
def test_two_orientations_that_contradict_each_other_are_refused(
    tmp_path_factory: pytest.TempPathFactory, drawn_volume: SpectVolume, shift: np.ndarray
) -> None:
    folder = tmp_path_factory.mktemp("nifti")
    image = nib.load(save(folder / "study.nii", drawn_volume))
    moved = image.affine.copy()
    moved[:3, 3] += shift
    image.set_sform(moved, code=2)
    nib.save(image, folder / "moved.nii")

    with pytest.raises(GeometryError, match="contradict"):
        read_nifti_study(folder / "moved.nii")


def test_an_image_without_orientation_is_refused(tmp_path: Path, drawn_volume: SpectVolume) -> None:
    image = nib.load(save(tmp_path / "study.nii", drawn_volume))
    image.set_sform(None, code=0)
    image.set_qform(None, code=0)
    nib.save(image, tmp_path / "lost.nii")

    with pytest.raises(GeometryError, match="qform_code"):
        read_nifti_study(tmp_path / "lost.nii")


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_voxels_that_are_no_numbers_are_counted_and_the_first_is_named(
    tmp_path: Path, value: float
) -> None:
    counts = np.random.default_rng(0).random((32, 40, 36))
    counts[3, 4, 5] = counts[3, 9, 5] = counts[31, 0, 0] = value
    path = tmp_path / "bad.nii"
    nib.save(nib.Nifti1Image(counts, np.diag([4.0, 4, 4, 1])), path)

    with pytest.raises(CountsError) as caught:
        read_nifti_study(path)

    kind = "NaN" if np.isnan(value) else "infinite"
    assert caught.value.found == (
        f"3 of 46080 voxels are {kind}, the first at slice 0, row 0, column 31, counted from 0"
    )


@pytest.mark.parametrize(
    ("counts", "error"),
    [
        (np.zeros((32, 40, 40)), CountsError),
        (np.ones((32, 40, 40)), CountsError),
        (np.full((32, 40, 40), np.nan), CountsError),
        (np.where(np.random.default_rng(0).random((32, 40, 40)) > 0.5, np.inf, 1), CountsError),
        ((np.random.default_rng(0).random((32, 40, 40)) > 0.5).astype(float), CountsError),
        (np.random.default_rng(0).random((3, 40, 40)), ShortAxisError),
        (np.random.default_rng(0).random((40, 40)), UnreadableFileError),
        (np.random.default_rng(0).random((32, 10, 10)) + 1j, UnreadableFileError),
    ],
    ids=["zero", "constant", "nan", "infinite", "mask", "thin", "2d", "complex"],
)
def test_counts_in_which_no_heart_can_be_are_refused(
    tmp_path: Path, counts: np.ndarray, error: type[Exception]
) -> None:
    path = tmp_path / "bad.nii"
    nib.save(nib.Nifti1Image(counts.T, np.diag([4.0, 4, 4, 1])), path)

    with pytest.raises(error) as caught:
        read_nifti_study(path)

    assert "bad.nii" in str(caught.value)


@pytest.mark.parametrize("suffix", [".nii", ".nii.gz"])
def test_a_damaged_file_gives_one_clear_error(
    tmp_path: Path, drawn_volume: SpectVolume, suffix: str
) -> None:
    whole = save(tmp_path / f"whole{suffix}", drawn_volume).read_bytes()
    rng = np.random.default_rng(5)
    damaged = tmp_path / f"damaged{suffix}"
    for _ in range(60):
        piece = bytearray(whole[: rng.integers(0, len(whole))])
        for place in rng.integers(0, max(min(len(piece), 352), 1), 4):
            if len(piece) > place:
                piece[place] = rng.integers(256)
        damaged.write_bytes(piece)
        message = error_of(damaged)
        assert message is None or "damaged" in message


def test_header_bytes_at_random_never_escape_as_another_error(
    tmp_path: Path, drawn_volume: SpectVolume
) -> None:
    whole = save(tmp_path / "whole.nii", drawn_volume).read_bytes()
    rng = np.random.default_rng(7)
    for _ in range(300):
        changed = bytearray(whole)
        for place in rng.integers(0, 348, rng.integers(1, 4)):
            changed[place] = rng.integers(256)
        path = tmp_path / "changed.nii"
        path.write_bytes(changed)
        message = error_of(path)
        assert message is None or "changed.nii" in message


def test_a_real_image_and_its_mask_lie_on_each_other(real_data_dir: Path) -> None:
    volume = read_nifti_study(real_data_dir / "nifti" / "patient001_0000.nii.gz").volume
    mask = np.asarray(nib.load(real_data_dir / "nifti" / "patient001.nii.gz").dataobj).T > 0

    assert volume.shape == (50, 70, 70)
    # The wall is brighter than what surrounds it, in the very place where the mask is.
    assert np.median(volume.counts[mask]) > 3 * np.median(volume.counts)


def test_a_mask_is_not_taken_for_a_study(real_data_dir: Path) -> None:
    with pytest.raises(CountsError, match="mask"):
        read_nifti_study(real_data_dir / "nifti" / "patient001.nii.gz")
