"""Independent programs read what was written: dciodvfy, dcmtk and ITK."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pydicom
import pytest
import SimpleITK as sitk
from pydicom import Dataset

from derived_files import SOURCES, write_all
from dicom_programs import messages_of_dciodvfy, needs
from nm_object import save_object
from shortaxis.workflow.studies.finding import find_studies

TIME_SLOTS_FALSE_POSITIVE = (
    "Error - Attribute present when condition unsatisfied (which may not be present otherwise) "
    "Type 2C Conditional Element=<TimeSlotInformationSequence> Module=<NMMultiGatedAcquisition>"
)
"""A known false positive of dciodvfy. Time Slot Information Sequence is required if Frame Increment
Pointer holds Time Slot Vector (PS3.3 C.8.4.13), which dciodvfy looks for inside the item of Data
Information Sequence, where it never is. So it says this of every object with the sequence,
however correct, the sources from cameras included.
"""


@pytest.mark.system
@needs("dciodvfy")
@pytest.mark.parametrize("source", SOURCES)
def test_dciodvfy_finds_no_error_in_derived_series(source: str, tmp_path: Path) -> None:
    for path, _ in write_all(SOURCES[source](tmp_path), tmp_path):
        assert messages_of_dciodvfy(path, "Error") == [], path.name


@pytest.mark.system
@needs("dciodvfy")
def test_dciodvfy_finds_only_the_false_positive_in_timed_series(tmp_path: Path) -> None:
    loaded = SOURCES["nm-gated"](tmp_path)
    (beat,) = loaded.header.dataset.GatedInformationSequence[0].DataInformationSequence
    beat.TimeSlotInformationSequence = [Dataset() for _ in range(8)]
    for slot in beat.TimeSlotInformationSequence:
        slot.TimeSlotTime = "12000"
    save_object(loaded.header.dataset, tmp_path / "header.dcm")

    assert TIME_SLOTS_FALSE_POSITIVE in messages_of_dciodvfy(tmp_path / "header.dcm", "Error")
    for path, series in write_all(loaded, tmp_path):
        expected = [] if series.gates is None else [TIME_SLOTS_FALSE_POSITIVE]
        found = [line.rstrip() for line in messages_of_dciodvfy(path, "Error")]
        assert found == expected, path.name


@pytest.mark.system
@needs("dciodvfy")
@pytest.mark.parametrize("number", range(3))
def test_dciodvfy_finds_no_error_in_series_of_real_studies(
    real_dicom_paths: list[Path], number: int, tmp_path: Path
) -> None:
    source = real_dicom_paths[number]
    assert messages_of_dciodvfy(source, "Error"), "these sources have errors of their own"

    for path, _ in write_all(find_studies(source).studies[0].load(), tmp_path):
        assert messages_of_dciodvfy(path, "Error") == [], path.name


@pytest.mark.system
@needs("dciodvfy")
def test_dciodvfy_would_notice_a_missing_attribute(tmp_path: Path) -> None:
    (path, _), *_ = write_all(SOURCES["nm"](tmp_path), tmp_path)
    dataset = pydicom.dcmread(path)
    del dataset.NumberOfRotations
    dataset.save_as(path)

    assert messages_of_dciodvfy(path, "Error")


@pytest.mark.system
@needs("dcmconv")
@pytest.mark.parametrize("source", ["nm", "nm-gated", "pet", "nifti"])
def test_dcmtk_rewrites_the_file_with_the_same_pixels(source: str, tmp_path: Path) -> None:
    for path, _ in write_all(SOURCES[source](tmp_path), tmp_path):
        again = tmp_path / "again.dcm"
        subprocess.run(
            ["dcmconv", "+te", str(path), str(again)], check=True, capture_output=True, timeout=60
        )
        first, second = pydicom.dcmread(path), pydicom.dcmread(again)
        assert first.PixelData == second.PixelData
        assert first.DetectorInformationSequence == second.DetectorInformationSequence


@pytest.mark.system
@needs("dcmdump")
def test_dcmtk_sees_the_geometry_in_the_sequence(tmp_path: Path) -> None:
    (path, series), *_ = write_all(SOURCES["nm-oblique"](tmp_path), tmp_path)

    dump = subprocess.run(
        ["dcmdump", "-q", "+P", "0054,0022", str(path)],
        capture_output=True, text=True, check=True, timeout=60,
    ).stdout  # fmt: skip

    (line,) = [line for line in dump.splitlines() if "(0020,0032)" in line]
    position = [float(part) for part in line.split("[")[1].split("]")[0].split("\\")]
    np.testing.assert_allclose(position, series.volume.patient_from_index[:3, 3], atol=1e-4)
    assert "103340004" in dump


@pytest.mark.parametrize("source", ["nm", "nm-gated", "nifti"])
def test_itk_reads_the_same_frames(source: str, tmp_path: Path) -> None:
    for path, series in write_all(SOURCES[source](tmp_path), tmp_path):
        counts = series.volume.counts if series.gates is None else series.gates
        image = sitk.ReadImage(str(path))

        frames = sitk.GetArrayFromImage(image).reshape(counts.shape)

        step = float(pydicom.dcmread(path).get("RescaleSlope", 1))
        np.testing.assert_allclose(frames, counts, atol=0.51 * step)
        np.testing.assert_allclose(image.GetSpacing()[:2], series.volume.spacing_mm[:0:-1])
