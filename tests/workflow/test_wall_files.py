"""The wall as files, read again by programs of others."""

from __future__ import annotations

import json
import struct
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from shortaxis.dicom.documents.object_origin import NewOrigin
from shortaxis.dicom.elements.uids import numbered_uids
from shortaxis.errors import ExistingOutputError, UnsupportedObjectError
from shortaxis.geometry.affines import apply_affine
from shortaxis.nifti.reading import read_nifti_study
from shortaxis.spect.reading_options import ReadingOptions
from shortaxis.spect.stated_geometry import StatedGeometry, StoredAxis
from shortaxis.ventricle.label_map import VentricleLabel, label_map
from shortaxis.ventricle.surface_meshes import valve_mesh, ventricle_mesh
from shortaxis.workflow.quantify.quantifying import QuantifiedStudy, QuantifyOptions, quantify_study
from shortaxis.workflow.studies.finding import LoadedStudy, find_studies
from shortaxis.workflow.wall_files.requests import SEGMENTATION, WALL_FILES, write_wall_files
from shortaxis.workflow.wall_files.segmentation_file import SegmentedSource
from shortaxis.workflow.wall_files.segments import valve_plane_voxels

NOW = datetime(2024, 1, 2, 10, 15)

SURFACES = ("endocardium", "epicardium", "valve_plane")


def source_of(loaded: LoadedStudy) -> SegmentedSource:
    assert loaded.header is not None
    return SegmentedSource(loaded.header)


@pytest.fixture(scope="module")
def loaded(demo_study_path: Path) -> LoadedStudy:
    return find_studies(demo_study_path).studies[0].load()


@pytest.fixture(scope="module")
def quantified(loaded: LoadedStudy) -> QuantifiedStudy:
    return quantify_study(loaded.study, QuantifyOptions(normals=None, wall="network"))


@pytest.fixture(scope="module")
def folder(
    loaded: LoadedStudy, quantified: QuantifiedStudy, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    folder = tmp_path_factory.mktemp("wall")
    uids = numbered_uids("1.2.826.0.1.3680043.8.498.1")
    write_wall_files(quantified, folder, source_of(loaded), origin=NewOrigin(uids, lambda: NOW))
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


def test_the_segmentation_has_the_labels_where_the_label_map_has_them(folder: Path) -> None:
    # highdicom reads one of them, SimpleITK the other: neither knows this package.
    highdicom = pytest.importorskip("highdicom")
    sitk = pytest.importorskip("SimpleITK")
    image = sitk.ReadImage(str(folder / "wall.nii.gz"))
    labels = sitk.GetArrayFromImage(image)
    read = highdicom.seg.segread(folder / SEGMENTATION)
    volume = read.get_volume(combine_segments=False)

    names = [read.get_segment_description(each).segment_label for each in read.segment_numbers]
    assert names == ["Left ventricular wall", "Left ventricular cavity", "Mitral valve plane"]
    for number, label in enumerate((VentricleLabel.WALL, VentricleLabel.CAVITY)):
        points = apply_affine(volume.affine, np.argwhere(volume.array[..., number]))
        found = {image.TransformPhysicalPointToIndex(point.tolist())[::-1] for point in points}
        assert found == {tuple(each) for each in np.argwhere(labels == label).tolist()}


def test_codes_of_the_segments_are_those_of_the_standard(folder: Path) -> None:
    from pydicom import dcmread
    from pydicom.sr._concepts_dict import concepts

    known = {
        (scheme, code): meaning
        for scheme in ("SCT", "DCM")
        for named in concepts[scheme].values()
        for code, (meaning, _) in named.items()
    }
    used = [
        item
        for segment in dcmread(folder / SEGMENTATION).SegmentSequence
        for element in segment.iterall()
        if element.VR == "SQ"
        for item in element.value
        if "CodeValue" in item
    ]
    assert len(used) >= 8
    assert all((each.CodingSchemeDesignator, each.CodeValue) in known for each in used)
    assert {each.CodeMeaning for each in used} >= {"Left Ventricle Myocardium", "Mitral Annulus"}


def test_the_valve_plane_is_one_voxel_thick_and_has_no_hole(quantified: QuantifiedStudy) -> None:
    surfaces, grid = quantified.wall.surfaces, quantified.study.volume.grid
    plane = valve_plane_voxels(surfaces, grid)
    normal = surfaces.pose.patient_from_cardiac @ surfaces.valve.normal
    steepest = int(np.abs(normal @ grid.patient_from_index[:3, :3]).argmax())

    thick = plane.sum(axis=steepest)
    assert set(np.unique(thick)) == {0, 1}
    across = thick.any(axis=0).sum(), thick.any(axis=1).sum()
    # As a disc that is filled: a hole would leave less.
    assert thick.sum() > 0.6 * across[0] * across[1]
    away = surfaces.valve.above_mm(
        surfaces.pose.to_cardiac(apply_affine(grid.patient_from_index, np.argwhere(plane)))
    )
    assert np.abs(away).max() <= grid.spacing_mm[steepest] / 2


def test_without_a_dicom_study_there_is_no_segmentation_and_an_earlier_one_goes(
    loaded: LoadedStudy, quantified: QuantifiedStudy, tmp_path: Path
) -> None:
    write_wall_files(quantified, tmp_path, source_of(loaded))
    assert (tmp_path / SEGMENTATION).exists()

    written = write_wall_files(quantified, tmp_path, force=True)

    assert [path.name for path in written] == list(WALL_FILES)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(WALL_FILES)


@pytest.mark.parametrize(
    "stated",
    [StatedGeometry(flips=frozenset({StoredAxis.SLICES})), StatedGeometry(orientation="LPS")],
)
def test_after_a_stated_geometry_no_frame_of_the_source_is_named(
    demo_study_path: Path, stated: StatedGeometry
) -> None:
    # By its header each frame lies where another one was read.
    found = find_studies(demo_study_path, options=ReadingOptions(stated=stated)).studies[0]

    source = SegmentedSource.of(found, found.load().header)

    assert source is not None
    assert source.slice_paths is None


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


def test_earlier_walls_are_kept_unless_asked(
    loaded: LoadedStudy, quantified: QuantifiedStudy, folder: Path
) -> None:
    with pytest.raises(ExistingOutputError):
        write_wall_files(quantified, folder)
    names = (*WALL_FILES, SEGMENTATION)
    before = {name: (folder / name).read_bytes() for name in names}
    uids = numbered_uids("1.2.826.0.1.3680043.8.498.1")
    write_wall_files(
        quantified, folder, source_of(loaded), force=True, origin=NewOrigin(uids, lambda: NOW)
    )
    assert {name: (folder / name).read_bytes() for name in names} == before
