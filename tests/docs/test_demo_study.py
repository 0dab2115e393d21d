"""The bundled study: what it says it is, and that its script makes it."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pydicom
import pytest

import shortaxis
from shortaxis.geometry.pose import RigidPose
from shortaxis.geometry.pose_errors import pose_errors
from shortaxis.spect.study import StudyCondition


@pytest.fixture(scope="module")
def made_again(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from simulate_demo_study import write_demo

    folder = tmp_path_factory.mktemp("demo")
    write_demo(folder)
    return folder


def test_the_script_makes_the_bundled_study(made_again: Path, demo_study_path: Path) -> None:
    again, bundled = (pydicom.dcmread(path) for path in (made_again / "study.dcm", demo_study_path))

    apart = np.abs(again.pixel_array.astype(float) - bundled.pixel_array.astype(float))
    # Another processor may round differently before a photon is counted; few are.
    assert np.percentile(apart, 99) <= 0.01 * bundled.pixel_array.max()
    for dataset in (again, bundled):
        del dataset.PixelData
        dataset.RescaleSlope = "1"
    assert again == bundled


def test_the_truth_beside_it_is_that_of_the_script(made_again: Path, demo_study_path: Path) -> None:
    again, bundled = (
        json.loads((folder / "pose.json").read_text(encoding="utf-8"))
        for folder in (made_again, demo_study_path.parent)
    )

    np.testing.assert_allclose(again["center_mm"], bundled["center_mm"], atol=1e-6)
    assert bundled["method"] == "truth"
    dataset = pydicom.dcmread(demo_study_path, stop_before_pixels=True)
    assert bundled["source"]["sop_instance_uid"] == dataset.SOPInstanceUID


def test_the_bundled_study_is_found_near_its_truth_and_accepted(demo_study_path: Path) -> None:
    record = json.loads((demo_study_path.parent / "pose.json").read_text(encoding="utf-8"))
    truth = RigidPose(record["patient_from_cardiac"], record["center_mm"])

    result = shortaxis.reorient(demo_study_path)

    errors = pose_errors(result.estimate.pose, truth)
    assert errors.long_axis_deg < 8
    assert errors.center_mm < 8
    assert result.study.facts.condition is StudyCondition.STRESS


def test_the_bundled_study_is_nobodys_and_says_so(demo_study_path: Path) -> None:
    dataset = pydicom.dcmread(demo_study_path)

    assert str(dataset.PatientName).startswith("Simulated^")
    assert "nobody" in dataset.ImageComments
    assert dataset.SpacingBetweenSlices < 0
    assert demo_study_path.stat().st_size < 400_000


@pytest.mark.system
def test_the_bundled_study_is_clean_under_dciodvfy(demo_study_path: Path) -> None:
    if shutil.which("dciodvfy") is None:
        pytest.skip("dciodvfy (Debian dicom3tools) is not installed")

    said = subprocess.run(
        ["dciodvfy", str(demo_study_path)], capture_output=True, text=True, check=False
    )

    assert "Error" not in said.stderr + said.stdout
