"""The extension of 3D Slicer: its numbers by SimpleITK and VTK, its module loaded with stubs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("vtk", reason="the module of 3D Slicer needs VTK")

import SimpleITK as sitk

import shortaxis
from drawn_study import study_pose, study_volume
from shortaxis.geometry.pose_errors import long_axis_angle_deg
from slicer_stubs import FOLDER, VolumeNode, load_module

RAS = np.diag([-1.0, -1.0, 1.0, 1.0])


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch) -> Any:
    return load_module(monkeypatch)


def as_itk(volume: shortaxis.SpectVolume) -> Any:
    image = sitk.GetImageFromArray(volume.counts)
    affine = volume.patient_from_index[:, [2, 1, 0, 3]]
    spacing = np.linalg.norm(affine[:3, :3], axis=0)
    image.SetSpacing(spacing.tolist())
    image.SetDirection((affine[:3, :3] / spacing).ravel().tolist())
    image.SetOrigin(affine[:3, 3].tolist())
    return image


def node_of(volume: shortaxis.SpectVolume) -> VolumeNode:
    return VolumeNode(volume.counts, RAS @ volume.patient_from_index[:, [2, 1, 0, 3]])


def test_a_volume_lies_where_simpleitk_puts_it(module: Any) -> None:
    volume = study_volume()

    node = node_of(volume)
    taken = module.volume_of(node.counts, node.ras_from_ijk)

    image = as_itk(volume)
    for index in ((0, 0, 0), (5, 9, 3), (12, 2, 7)):
        there = image.TransformIndexToPhysicalPoint(index[::-1])
        assert (taken.patient_from_index @ [*index, 1])[:3] == pytest.approx(there)
    assert np.array_equal(taken.counts, volume.counts)


@pytest.mark.parametrize("view", ["short_axis", "vertical_long_axis", "horizontal_long_axis"])
def test_a_slice_view_shows_what_the_package_cuts(module: Any, view: str) -> None:
    volume, pose = study_volume(), study_pose()
    cut = shortaxis.view_grid(shortaxis.CardiacView(view), pose, (1, 21, 21), 4.0)
    expected = volume.resampled(cut).counts[0]

    lps = RAS @ module.slice_to_ras(pose, view)

    frame = sitk.Image(21, 21, 1, sitk.sitkFloat32)
    frame.SetSpacing((4.0, 4.0, 4.0))
    # Rows of a picture go down, the second axis of a slice node goes up.
    right, down, through = lps[:3, 0], -lps[:3, 1], -lps[:3, 2]
    frame.SetDirection(np.column_stack([right, down, through]).ravel().tolist())
    frame.SetOrigin((lps[:3, 3] - 40 * right - 40 * down).tolist())
    shown = sitk.GetArrayFromImage(sitk.Resample(as_itk(volume), frame))[0]
    assert np.linalg.det(lps[:3, :3]) == pytest.approx(1)
    assert shown == pytest.approx(expected, rel=1e-3, abs=1e-2 * float(expected.max()))


def test_a_dragged_axis_becomes_the_pose_that_it_was_drawn_from(module: Any) -> None:
    pose = shortaxis.with_conventional_roll(study_pose())

    again = module.pose_of_axis(module.axis_ends_ras(pose))

    assert again.patient_from_cardiac == pytest.approx(pose.patient_from_cardiac)
    assert again.center_mm == pytest.approx(pose.center_mm)
    with pytest.raises(ValueError, match="one point"):
        module.pose_of_axis([[1, 2, 3], [1, 2, 3]])


def test_the_transform_brings_apex_and_base_onto_one_axis(module: Any) -> None:
    pose = study_pose()
    logic = module.ShortAxisLogic()
    logic.pose = pose

    matrix = module.cardiac_from_ras(pose)

    ends = module.axis_ends_ras(pose)
    moved = np.column_stack([ends, np.ones(2)]) @ matrix.T
    assert moved[:, :3] == pytest.approx(np.array([[0, 0, -45], [0, 0, 45]]))
    logic.transform_node().SetMatrixTransformToParent.assert_called_once()


def test_walls_of_the_polar_map_are_where_readers_expect_them(module: Any) -> None:
    uptake = np.zeros((30, 72))
    for angle, value in ((0, 1.0), (90, 2.0), (180, 3.0), (270, 4.0)):
        uptake[25, angle // 5] = value

    picture = module.polar_picture(uptake)

    side = len(picture)
    places = {value: np.argwhere(picture == value).mean(axis=0) / side for value in (1, 2, 3, 4)}
    assert places[1][1] > 0.8, "lateral is right"
    assert places[2][0] > 0.8, "inferior is below"
    assert places[3][1] < 0.2, "septal is left"
    assert places[4][0] < 0.2, "anterior is above"
    assert picture[0, 0] == -1


def test_find_drag_map_and_export(module: Any, tmp_path: Path) -> None:
    logic = module.ShortAxisLogic()
    with pytest.raises(ValueError, match="Choose"):
        logic.find(None)
    with pytest.raises(ValueError, match="Find the axis first"):
        logic.export(str(tmp_path))

    told = logic.find(node_of(study_volume()))

    assert told.startswith("Axes: ")
    assert long_axis_angle_deg(logic.pose, study_pose()) < 10
    red = module.slicer.mrmlScene.GetNodeByID("vtkMRMLSliceNodeRed")
    before = [red.GetSliceToRAS().GetElement(row, 3) for row in range(3)]
    apex = np.array(logic.line.points[0])
    logic.line.SetNthControlPointPosition(0, *np.add(apex, [0, 0, 12]))
    after = [red.GetSliceToRAS().GetElement(row, 3) for row in range(3)]
    assert np.subtract(after, before) == pytest.approx([0, 0, 6])
    assert logic.show_polar_map().startswith("Uptake")
    (picture,) = module.slicer.util.addVolumeFromArray.call_args.args
    assert picture.shape == (1, 128, 128)
    assert picture.max() == pytest.approx(100, abs=15)
    assert logic.export(str(tmp_path)).startswith("7 files")
    assert (tmp_path / "shortaxis" / "pose.json").is_file()
    logic.forget()
    assert not logic.line.observers


def test_the_panel_is_built_and_the_module_tests_itself(module: Any) -> None:
    widget = module.ShortAxisWidget()
    widget.setup()
    parent = type("Parent", (), {})()

    module.ShortAxis(parent)
    module.ShortAxisTest().runTest()

    assert parent.title == "ShortAxis"
    widget.cleanup()


def test_the_recipe_names_every_file_of_the_module() -> None:
    recipe = (FOLDER / "CMakeLists.txt").read_text("utf-8")
    named = re.findall(r"^  (\$\{MODULE_NAME\}\S*|Resources/\S+)$", recipe, re.MULTILINE)
    files = {
        path.relative_to(FOLDER).as_posix()
        for path in FOLDER.rglob("*")
        if path.is_file() and path.suffix in (".py", ".png")
    }

    assert {each.replace("${MODULE_NAME}", "ShortAxis") for each in named} == files
