"""The wall as files, read again by programs of others."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import numpy as np
import pytest

from shortaxis.errors import ExistingOutputError, UnsupportedObjectError
from shortaxis.geometry.affines import apply_affine
from shortaxis.nifti.reading import read_nifti_study
from shortaxis.ventricle.label_map import VentricleLabel, label_map
from shortaxis.ventricle.surface_meshes import valve_mesh, ventricle_mesh
from shortaxis.workflow.quantify.quantifying import QuantifiedStudy, QuantifyOptions, quantify_study
from shortaxis.workflow.studies.finding import find_studies
from shortaxis.workflow.wall_files.requests import WALL_FILES, write_wall_files

SURFACES = ("endocardium", "epicardium", "valve_plane")


@pytest.fixture(scope="module")
def quantified(demo_study_path: Path) -> QuantifiedStudy:
    study = find_studies(demo_study_path).studies[0].load().study
    return quantify_study(study, QuantifyOptions(normals=None, wall="network"))


@pytest.fixture(scope="module")
def folder(quantified: QuantifiedStudy, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wall")
    write_wall_files(quantified, folder)
    return folder


def test_simpleitk_finds_every_label_where_it_lies_in_the_patient(
    quantified: QuantifiedStudy, folder: Path
) -> None:
    sitk = pytest.importorskip("SimpleITK")
    image = sitk.ReadImage(str(folder / "wall.nii.gz"))
    volume = quantified.study.volume

    assert image.GetSize() == volume.shape[::-1]
    expected = label_map(quantified.wall.surfaces, volume.grid)
    np.testing.assert_array_equal(sitk.GetArrayFromImage(image), expected)
    for index in ((0, 0, 0), (3, 8, 5)):
        place = image.TransformIndexToPhysicalPoint(index[::-1])
        np.testing.assert_allclose(
            place, apply_affine(volume.patient_from_index, np.array(index, dtype=float)), atol=1e-3
        )
    cavity_ml = (expected == VentricleLabel.CAVITY).sum() * np.prod(volume.spacing_mm) / 1000
    # Voxels are counted whole.
    assert cavity_ml == pytest.approx(quantified.wall.surfaces.cavity_ml, rel=0.1)


def test_both_forms_of_the_label_map_say_where_it_lies(folder: Path) -> None:
    nib = pytest.importorskip("nibabel")
    image = nib.load(folder / "wall.nii.gz")

    (sform, one), (qform, other) = image.get_sform(coded=True), image.get_qform(coded=True)
    assert (int(one), int(other)) == (1, 1)
    np.testing.assert_allclose(sform, qform, atol=1e-4)
    assert image.get_data_dtype() == np.uint8
    assert image.header.get_intent()[0] == "label"


def corners_of_stl(content: bytes) -> np.ndarray:
    """Corners (triangle, 3, 3) by the layout of binary STL: 80 bytes, a count, 50 bytes each."""
    (count,) = struct.unpack_from("<I", content, 80)
    assert len(content) == 84 + 50 * count
    rows = [struct.unpack_from("<12fH", content, 84 + 50 * number) for number in range(count)]
    return np.array(rows)[:, 3:12].reshape(-1, 3, 3)


def test_triangles_of_the_stl_files_lie_in_the_patient(
    quantified: QuantifiedStudy, folder: Path
) -> None:
    outer = ventricle_mesh(quantified.wall.surfaces, 1.0)

    for name, mesh in {"epicardium": outer.mesh, "valve_plane": valve_mesh(outer)}.items():
        corners = corners_of_stl((folder / f"{name}.stl").read_bytes())
        np.testing.assert_allclose(corners, mesh.corners_mm, atol=1e-3)


def test_the_vtk_file_has_three_surfaces_whose_triangles_name_their_points(
    quantified: QuantifiedStudy, folder: Path
) -> None:
    lines = (folder / "wall.vtk").read_text().splitlines()
    count = int(lines[4].split()[1])
    points = np.array([line.split() for line in lines[5 : 5 + count]], dtype=float)
    cells = int(lines[5 + count].split()[1])
    named = np.array([line.split() for line in lines[6 + count : 6 + count + cells]], dtype=int)
    surface = np.array(lines[-cells:], dtype=int)

    outer = ventricle_mesh(quantified.wall.surfaces, 1.0).mesh
    np.testing.assert_allclose(points[named[surface == 2][:, 1:]], outer.corners_mm, atol=1e-2)
    assert set(surface) == {1, 2, 3}


@pytest.mark.parametrize("name", [*(f"{each}.stl" for each in SURFACES), "wall.vtk"])
def test_the_header_states_axes_and_unit(folder: Path, name: str) -> None:
    assert b"SPACE=LPS UNIT=mm" in (folder / name).read_bytes()[:120]


def test_uptake_in_the_vtk_file_is_that_of_the_wall(
    quantified: QuantifiedStudy, folder: Path
) -> None:
    lines = (folder / "wall.vtk").read_text().splitlines()
    first = next(n for n, line in enumerate(lines) if line.startswith("uptake_percent 1 ")) + 1
    points = len(ventricle_mesh(quantified.wall.surfaces, 0.0).mesh.points_mm)
    uptake = np.array(lines[first : first + points], dtype=float)

    polar_map = quantified.traced.polar_map
    assert np.median(uptake) == pytest.approx(np.median(polar_map.uptake_percent), abs=8)


def test_the_record_says_what_the_labels_are_and_names_every_file(
    quantified: QuantifiedStudy, folder: Path
) -> None:
    record = json.loads((folder / "wall.json").read_text())

    assert record["labels"] == {"outside": 0, "wall": 1, "cavity": 2}
    assert record["wall"]["cavity_ml"] == pytest.approx(quantified.wall.surfaces.cavity_ml, abs=0.1)
    assert sorted(record["files"]) == sorted(path.name for path in folder.iterdir())


def test_a_label_map_is_no_study_and_says_why(folder: Path) -> None:
    with pytest.raises(UnsupportedObjectError, match="is a label map"):
        read_nifti_study(folder / "wall.nii.gz")


def test_earlier_walls_are_kept_unless_asked(quantified: QuantifiedStudy, folder: Path) -> None:
    with pytest.raises(ExistingOutputError):
        write_wall_files(quantified, folder)
    before = {name: (folder / name).read_bytes() for name in WALL_FILES}
    write_wall_files(quantified, folder, force=True)
    assert {name: (folder / name).read_bytes() for name in WALL_FILES} == before
