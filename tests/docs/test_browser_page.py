"""The page that works in the browser alone gives the pose that the package gives."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("selenium", reason="a browser is driven by Selenium")

from browser_files import PAGE, PAGE_FILES, RUNTIME
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By

from evidence.measuring.pictures.browser import chromium
from evidence.measuring.pictures.page_site import PageHandler, give_file, running_page
from repository import DEMO
from shortaxis.geometry.pose import RigidPose
from shortaxis.geometry.pose_errors import geodesic_angle_deg
from shortaxis.nifti.writing import write_nifti
from shortaxis.reorientation.network_estimate import estimate_pose_by_network
from shortaxis.spect.volume import SpectVolume
from shortaxis.workflow.studies.finding import find_studies

in_a_browser = pytest.mark.skipif(
    not (shutil.which("chromium") and shutil.which("chromedriver")) or not RUNTIME.is_dir(),
    reason="no Chromium with chromedriver, or no onnxruntime-web (npm ci --prefix deploy/browser)",
)


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    folder = tmp_path_factory.mktemp("page")
    with running_page(folder) as address, chromium((1280, 940), "--disable-gpu") as browser:
        browser.get(address)
        yield browser


def volume_of(path: Path) -> SpectVolume:
    (found,) = find_studies(path).studies
    return found.load().study.volume


def as_nifti(path: Path, folder: Path) -> Path:
    volume = volume_of(path)
    written = folder / "study.nii.gz"
    write_nifti(written, volume.counts, volume.patient_from_index)
    return written


@in_a_browser
@pytest.mark.parametrize("kind", ["dicom", "rest", "nifti"])
def test_the_pose_is_that_of_the_package(page: Chrome, tmp_path: Path, kind: str) -> None:
    path = DEMO / ("rest.dcm" if kind == "rest" else "study.dcm")
    given = as_nifti(path, tmp_path) if kind == "nifti" else path
    expected = estimate_pose_by_network(volume_of(path)).pose

    told = give_file(page, given)

    assert told.startswith("Reoriented in")
    found = np.array(json.loads(page.find_element(By.ID, "result").get_attribute("data-pose")))
    pose = RigidPose(found[:, :3], found[:, 3])
    assert geodesic_angle_deg(pose, expected) < 0.1
    assert np.linalg.norm(pose.center_mm - expected.center_mm) < 0.1
    assert len(page.find_elements(By.CSS_SELECTOR, "#short_axis canvas")) == 9


@in_a_browser
def test_what_is_no_study_is_told_and_nothing_is_uploaded(page: Chrome, tmp_path: Path) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("no study")
    cut = tmp_path / "cut.dcm"
    cut.write_bytes((DEMO / "study.dcm").read_bytes()[:100_000])

    told = [give_file(page, each) for each in (text, cut)]

    assert told == ["This is neither a DICOM file nor NIfTI.", "The file is cut short."]
    assert {method for method, _ in PageHandler.asked} == {"GET"}
    paths = {path for _, path in PageHandler.asked}
    assert not any("?" in path for path in paths)


@in_a_browser
def test_a_page_without_its_runtime_says_so(page: Chrome, tmp_path: Path) -> None:
    here = page.current_window_handle
    with running_page(tmp_path) as address:
        (tmp_path / "vendor" / "ort.wasm.min.mjs").unlink()
        page.switch_to.new_window("tab")
        page.get(address)
        told = page.find_element(By.ID, "told").text
        page.close()
        page.switch_to.window(here)

    assert "built without its runtime" in told


def test_the_page_loads_nothing_from_elsewhere() -> None:
    for name in PAGE_FILES:
        assert "//" not in (PAGE / name).read_text("utf-8").replace("// ", "")
    policy = (PAGE / "index.html").read_text("utf-8")
    assert "default-src 'none'" in policy
    assert "connect-src 'self'" in policy
