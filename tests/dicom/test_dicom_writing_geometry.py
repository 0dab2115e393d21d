"""Where other programs put the voxels of what was written: dcmtk's numbers, ITK's positions."""

from __future__ import annotations

import re
import shutil
import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pydicom
import pytest
import SimpleITK as sitk

from derived_files import SOURCES, write_all
from shortaxis.dicom.writing.derived_series import DerivedSeries
from shortaxis.workflow.studies.finding import find_studies

ELEMENT = re.compile(r"\(([0-9a-f]{4},[0-9a-f]{4})\) \w\w \[?([^\]#]*)")

IMAGE_POSITION = "0020,0032"
IMAGE_ORIENTATION = "0020,0037"
PIXEL_SPACING = "0028,0030"
SPACING_BETWEEN_SLICES = "0018,0088"
GEOMETRY = (IMAGE_POSITION, IMAGE_ORIENTATION, PIXEL_SPACING, SPACING_BETWEEN_SLICES)

needs_dcmtk = pytest.mark.skipif(
    shutil.which("dcmdump") is None, reason="dcmtk is not installed (make system-packages)"
)


def geometry_by_dcmtk(path: Path) -> dict[str, np.ndarray]:
    """Numbers of the attributes of geometry as dcmdump prints them, each found exactly once."""
    dump = subprocess.run(
        ["dcmdump", "-q", "+L", str(path)], capture_output=True, check=True, timeout=60
    ).stdout.decode("latin1")
    found: dict[str, np.ndarray] = {}
    for line in dump.splitlines():
        match = ELEMENT.match(line.strip())
        if match and match[1] in GEOMETRY:
            assert match[1] not in found, f"({match[1]}) stands twice"
            found[match[1]] = np.array([float(part) for part in match[2].strip().split("\\")])
    return found


def affine_by_dcmtk(path: Path) -> np.ndarray:
    """Equation C.7.6.2.1-1 of PS3.3 as a matrix from (slice, row, column), by C.8.4.15."""
    numbers = geometry_by_dcmtk(path)
    along_row, along_column = numbers[IMAGE_ORIENTATION].reshape(2, 3)
    between_rows, between_columns = numbers[PIXEL_SPACING]
    (between_slices,) = numbers[SPACING_BETWEEN_SLICES]
    normal = np.cross(along_row, along_column)
    steps = [normal * between_slices, along_column * between_rows, along_row * between_columns]
    affine = np.eye(4)
    affine[:3, :3] = np.transpose(steps)
    affine[:3, 3] = numbers[IMAGE_POSITION]
    return affine


def corners_and_more(series: DerivedSeries) -> np.ndarray:
    last = np.array(series.volume.shape) - 1
    corners = np.array(np.meshgrid(*[(0, end) for end in last])).reshape(3, -1).T
    inside = np.random.default_rng(0).integers(0, last + 1, (40, 3))
    return np.concatenate([corners, inside])


def positions(affine: np.ndarray, indices: np.ndarray) -> np.ndarray:
    return indices @ affine[:3, :3].T + affine[:3, 3]


def check_by_dcmtk(path: Path, series: DerivedSeries) -> None:
    affine = affine_by_dcmtk(path)
    indices = corners_and_more(series)
    np.testing.assert_allclose(
        positions(affine, indices), positions(series.volume.patient_from_index, indices), atol=0.01
    )
    # No mirrored heart: (slice, row, column) turns like (z, y, x), so against (x, y, z).
    assert np.linalg.det(affine[:3, 2::-1]) > 0
    assert geometry_by_dcmtk(path)[SPACING_BETWEEN_SLICES] > 0


@pytest.mark.system
@needs_dcmtk
@pytest.mark.parametrize("source", SOURCES)
def test_dcmtk_reads_positions_within_a_hundredth_of_a_millimetre(
    source: str, tmp_path: Path
) -> None:
    for path, series in write_all(SOURCES[source](tmp_path), tmp_path):
        check_by_dcmtk(path, series)


@pytest.mark.system
@needs_dcmtk
@pytest.mark.parametrize("number", range(3))
def test_dcmtk_reads_positions_of_slices_of_real_studies(
    real_dicom_paths: list[Path], number: int, tmp_path: Path
) -> None:
    loaded = find_studies(real_dicom_paths[number]).studies[0].load()

    for path, series in write_all(loaded, tmp_path):
        check_by_dcmtk(path, series)


@pytest.mark.parametrize(
    "source", ["nm", "nm-negative-spacing", "nm-hfp", "nm-ffs", "nm-oblique", "pet", "nifti"]
)
def test_itk_puts_every_voxel_where_it_was_cut(source: str, tmp_path: Path) -> None:
    for path, series in write_all(SOURCES[source](tmp_path), tmp_path):
        image = sitk.ReadImage(str(path))

        for index in corners_and_more(series):
            theirs = image.TransformIndexToPhysicalPoint([int(part) for part in index[::-1]])
            ours = positions(series.volume.patient_from_index, index[None])[0]
            np.testing.assert_allclose(theirs, ours, atol=0.1)


@pytest.mark.system
@pytest.mark.skipif(shutil.which("dcm2xml") is None, reason="dcmtk is not installed")
@pytest.mark.parametrize("source", ["nm", "nm-gated", "pet", "nifti"])
def test_dcmtk_turns_the_object_into_xml(source: str, tmp_path: Path) -> None:
    path, series = write_all(SOURCES[source](tmp_path), tmp_path)[-1]

    xml = subprocess.run(
        ["dcm2xml", "-q", str(path)], capture_output=True, check=True, timeout=60
    ).stdout

    root = ET.fromstring(xml)  # noqa: S314 - written by the test itself
    (frames,) = root.findall("./data-set/element[@name='NumberOfFrames']")
    slots = 1 if series.gates is None else len(series.gates)
    assert int(frames.text or 0) == slots * series.volume.shape[0]


def test_no_file_name_or_series_description_names_the_patient(tmp_path: Path) -> None:
    loaded = SOURCES["nm"](tmp_path)

    for path, _ in write_all(loaded, tmp_path):
        written = pydicom.dcmread(path, stop_before_pixels=True)
        for name in ("drawn-1", "demo"):
            assert name not in path.name.lower()
            assert name not in written.SeriesDescription.lower()
