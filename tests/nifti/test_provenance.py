"""Which NIfTI files prove that their axes are not mirrored."""

from __future__ import annotations

import json
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from shortaxis import QualityFlag, reorient
from shortaxis.nifti.description import description_of
from shortaxis.nifti.provenance import DCM2NIIX_OF_NM, UNPROVEN, handedness_note
from shortaxis.nifti.reading import read_nifti_study
from shortaxis.spect.reading_options import ReadingOptions
from shortaxis.spect.stated_geometry import StatedGeometry
from shortaxis.spect.volume import SpectVolume

DCM2NIIX = "dcm2niix"


def written(folder: Path, description: bytes = b"", suffix: str = ".nii.gz") -> Path:
    counts = np.random.default_rng(2).poisson(60, (24, 24, 16)).astype(np.float32)
    image = nib.Nifti1Image(counts, np.diag([-6.4, -6.4, 6.4, 1.0]))
    image.header["descrip"] = description
    path = folder / f"study{suffix}"
    nib.save(image, path)
    return path


def sidecar(path: Path, values: object) -> None:
    name = path.name.removesuffix(".gz").removesuffix(".nii")
    text = values if isinstance(values, str) else json.dumps(values)
    path.with_name(f"{name}.json").write_text(text, encoding="utf-8")


def test_a_file_that_says_nothing_proves_nothing(tmp_path: Path):
    assert handedness_note(written(tmp_path), b"") is UNPROVEN


@pytest.mark.parametrize("suffix", [".nii", ".nii.gz"])
def test_a_sidecar_of_pet_by_dcm2niix_is_a_proof(tmp_path: Path, suffix: str):
    path = written(tmp_path, suffix=suffix)
    sidecar(path, {"ConversionSoftware": DCM2NIIX, "Modality": "PT"})

    assert handedness_note(path, b"") is None
    assert read_nifti_study(path).notes == ()


@pytest.mark.parametrize("software", [DCM2NIIX, "another"])
def test_a_sidecar_of_nuclear_medicine_is_none(tmp_path: Path, software: str):
    path = written(tmp_path)
    sidecar(path, {"ConversionSoftware": software, "Modality": "NM"})

    assert handedness_note(path, b"") is DCM2NIIX_OF_NM


@pytest.mark.parametrize("description", [b"TE=0;Time=101500.000", b"Time=1.000"])
def test_the_description_that_dcm2niix_writes_is_known(tmp_path: Path, description: bytes):
    assert handedness_note(written(tmp_path), description) is DCM2NIIX_OF_NM


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"Modality": "PT"},
        {"ConversionSoftware": "another", "Modality": "PT"},
        {"ConversionSoftware": DCM2NIIX, "Modality": "MR"},
        {"ConversionSoftware": 3, "Modality": ["PT"]},
        ["dcm2niix", "PT"],
        "{no json",
        "[" * 100_000,
        "",
    ],
)
def test_other_sidecars_prove_nothing(tmp_path: Path, values: object):
    path = written(tmp_path)
    sidecar(path, values)

    assert handedness_note(path, b"") is UNPROVEN


def test_a_huge_sidecar_is_not_read(tmp_path: Path):
    path = written(tmp_path)
    proof = {"ConversionSoftware": DCM2NIIX, "Modality": "PT", "filler": "x" * (1 << 20)}
    sidecar(path, proof)

    assert handedness_note(path, b"") is UNPROVEN


def test_a_transaxial_volume_of_our_own_needs_no_check(tmp_path: Path):
    path = written(tmp_path, description_of("transaxial"))

    assert read_nifti_study(path).notes == ()


def test_stated_directions_take_the_place_of_the_check(tmp_path: Path):
    path = written(tmp_path)
    stated = ReadingOptions(stated=StatedGeometry("LPS"))

    (note,) = read_nifti_study(path, stated).notes

    assert "as stated by the user" in note.text
    assert note.is_doubtful


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_a_mirrored_demo_study_is_never_accepted(tmp_path: Path, demo_study_path: Path, axis: int):
    volume = reorient(demo_study_path).study.volume
    mirrored = SpectVolume(np.flip(volume.counts, axis).copy(), volume.patient_from_index)
    ras = np.diag([-1.0, -1.0, 1.0, 1.0]) @ mirrored.patient_from_index[:, [2, 1, 0, 3]]
    image = nib.Nifti1Image(mirrored.counts.T, ras)
    nib.save(image, tmp_path / "mirrored.nii.gz")

    quality = reorient(tmp_path / "mirrored.nii.gz").estimate.quality

    assert quality.flag is not QualityFlag.ACCEPT
    assert UNPROVEN.text in quality.reasons
