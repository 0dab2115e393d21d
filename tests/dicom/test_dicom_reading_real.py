"""Real studies of a CZT camera, where they are, and the demo study."""

from __future__ import annotations

import subprocess
import time

import nibabel as nib
import numpy as np
import pydicom
import pytest
import SimpleITK as sitk

from counts_oracle import counts_on
from drawn_study import study_dataset, study_pose, study_volume
from shortaxis.dicom.reading.finding.scan import scan_dicom
from shortaxis.dicom.reading.study import read_dicom_study
from shortaxis.geometry.affines import apply_affine, invert_affine
from shortaxis.spect.study import StudyCondition


def read(path):
    (entry,) = scan_dicom(path).entries
    return read_dicom_study(entry)


def test_the_reader_agrees_with_the_nifti_grid_of_the_expert_mask(real_data_dir):
    for mask_path in (real_data_dir / "masks").glob("*_mask.nii.gz"):
        mask = nib.load(mask_path)
        uid = mask_path.name.removesuffix("_mask.nii.gz")
        volume = read(real_data_dir / "dicom" / f"{uid}.dcm").study.volume

        wall_ras = nib.affines.apply_affine(mask.affine, np.argwhere(np.asarray(mask.dataobj) > 0))
        index = apply_affine(invert_affine(volume.patient_from_index), wall_ras * [-1, -1, 1])

        np.testing.assert_allclose(index, np.round(index), atol=1e-4)
        assert mask.shape == volume.shape[::-1]
        inside = volume.counts[tuple(np.round(index).astype(int).T)].mean()
        mirrored = [
            np.flip(volume.counts, axes)[tuple(np.round(index).astype(int).T)].mean()
            for axes in ((0,), (1,), (2,), (1, 2))
        ]
        assert inside > 1.5 * max(mirrored)


def test_real_studies_have_their_first_slice_on_top(real_dicom_paths):
    for path in real_dicom_paths:
        volume = read(path).study.volume

        first, last = apply_affine(volume.patient_from_index, [(0, 0, 0), (49, 0, 0)])
        np.testing.assert_allclose(last - first, (0, 0, -49 * 4), atol=1e-6)
        assert volume.shape == (50, 70, 70)


def test_real_counts_agree_with_itk(real_dicom_paths):
    # ITK ignores the sign of the spacing (ITK issue 1771), so only voxels are compared.
    for path in real_dicom_paths:
        expected = sitk.GetArrayFromImage(sitk.ReadImage(str(path)))

        np.testing.assert_array_equal(read(path).study.volume.counts, expected)


def test_real_studies_say_they_were_taken_at_rest(real_dicom_paths):
    for path in real_dicom_paths:
        facts = read(path).study.facts

        assert facts.condition is StudyCondition.REST
        assert "ImageID" in facts.condition_evidence
        assert facts.tracer == "Tc99m_EM"
        assert facts.patient_position == "FFS"


def test_a_real_study_reads_in_less_than_30_ms(real_dicom_paths):
    (entry,) = scan_dicom(real_dicom_paths[0]).entries

    def seconds() -> float:
        start = time.process_time()
        read_dicom_study(entry)
        return time.process_time() - start

    assert min(seconds() for _ in range(5)) < 0.030


def test_a_folder_of_real_studies_is_found_in_order(real_data_dir, real_dicom_paths):
    inventory = scan_dicom(real_data_dir)

    raw = sorted((real_data_dir / "projections").glob("*.dcm"))
    found = [entry.paths for entry in inventory.entries]
    assert [paths for paths in found if paths[0] not in raw] == [
        (path,) for path in real_dicom_paths
    ]
    assert [paths for paths in found if paths[0] in raw] == [(path,) for path in raw]
    assert {item.reason for item in inventory.skipped} == {
        "is not a DICOM file",
        "is a whole-body study (WHOLE BODY)",
    }


def test_the_drawn_study_reads_to_the_drawn_volume(drawn_study_path):
    study = read(drawn_study_path).study

    expected = study_volume()
    np.testing.assert_allclose(counts_on(expected.grid, study.volume), expected.counts, atol=0.51)
    assert study.facts.condition is StudyCondition.STRESS


def test_the_drawn_study_is_small_signed_and_stored_as_cameras_do(drawn_study_path):
    dataset = pydicom.dcmread(drawn_study_path)

    assert drawn_study_path.stat().st_size < 400_000
    assert dataset.SpacingBetweenSlices < 0
    assert dataset.PixelRepresentation == 1
    assert dataset.pixel_array.max() < 32767
    assert dataset.SOPInstanceUID == study_dataset().SOPInstanceUID


def test_the_drawn_defect_is_inferolateral():
    volume, pose = study_volume(), study_pose()
    angles = np.deg2rad([45, 135, 225, 315])  # from lateral towards inferior
    walls = np.stack([26 * np.cos(angles), 26 * np.sin(angles), np.zeros(4)], axis=1)
    index = apply_affine(invert_affine(volume.patient_from_index), pose.to_patient(walls))
    inferolateral, *others = volume.counts[tuple(np.round(index).astype(int).T)]

    assert inferolateral < 0.75 * min(others)


@pytest.mark.system
@pytest.mark.parametrize("gated", [False, True])
def test_drawn_objects_are_clean_under_dciodvfy(tmp_path, drawn_study_path, gated):
    from shutil import which

    from nm_object import build_nm, build_pet_slices, save_object

    if which("dciodvfy") is None:
        pytest.skip("dciodvfy (Debian dicom3tools) is not installed")
    volume = study_volume()
    gates = np.stack([volume.counts / 8] * 8) if gated else None
    nm = save_object(build_nm(volume, gates=gates, number_of_detectors=2), tmp_path / "nm.dcm")
    pet = save_object(build_pet_slices(volume, gates=gates)[7], tmp_path / "pet.dcm")
    for path in (drawn_study_path, nm, pet):
        said = subprocess.run(["dciodvfy", str(path)], capture_output=True, text=True, check=False)
        assert "Error" not in said.stderr + said.stdout
        assert "Warning" not in said.stderr + said.stdout
