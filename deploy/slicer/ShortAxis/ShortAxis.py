"""Scripted module of 3D Slicer: choose a volume, find the axis, see the views, drag, export."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import ctk
import numpy as np
import qt
import slicer
import vtk
from ShortAxisLib.heart import (
    VIEWS,
    axis_ends_ras,
    cardiac_from_ras,
    pose_of_axis,
    slice_to_ras,
    volume_of,
)
from ShortAxisLib.polar_picture import polar_picture
from slicer.ScriptedLoadableModule import (
    ScriptedLoadableModule,
    ScriptedLoadableModuleLogic,
    ScriptedLoadableModuleTest,
    ScriptedLoadableModuleWidget,
)

LEAST_PYTHON = (3, 11)
"""What ShortAxis needs."""

ENDS = ("apex", "base")


class ShortAxis(ScriptedLoadableModule):
    """What 3D Slicer lists."""

    def __init__(self, parent: Any) -> None:
        super().__init__(parent)
        parent.title = "ShortAxis"
        parent.categories = ["Cardiac"]
        parent.dependencies = []
        parent.contributors = ["The ShortAxis developers"]
        parent.helpText = (
            "Finds the long axis of the left ventricle in a transaxial cardiac SPECT or PET "
            "volume, and shows short axis, vertical and horizontal long axis. Drag the ends of the "
            "line to correct it."
        )
        parent.acknowledgementText = "Research software, not a medical device."


class ShortAxisWidget(ScriptedLoadableModuleWidget):
    """The panel."""

    def setup(self) -> None:
        """Build it."""
        super().setup()
        self.logic = ShortAxisLogic()
        panel = ctk.ctkCollapsibleButton()
        panel.text = "Left ventricle"
        self.layout.addWidget(panel)
        form = qt.QFormLayout(panel)
        self.selector = slicer.qMRMLNodeComboBox()
        self.selector.nodeTypes = ["vtkMRMLScalarVolumeNode"]
        self.selector.addEnabled = self.selector.removeEnabled = False
        self.selector.setMRMLScene(slicer.mrmlScene)
        form.addRow("Transaxial volume", self.selector)
        self.find_button = self._button("Find the axis", self.on_find, form)
        self.map_button = self._button("Polar map", self.on_map, form)
        self.export_button = self._button("Export ...", self.on_export, form)
        self.told = qt.QLabel("Choose a volume.")
        self.told.wordWrap = True
        form.addRow(self.told)
        self.layout.addStretch(1)

    def _button(self, words: str, pressed: Any, form: Any) -> Any:
        button = qt.QPushButton(words)
        button.connect("clicked(bool)", lambda _checked=False: self._try(pressed))
        form.addRow(button)
        return button

    def _try(self, work: Any) -> None:
        """Do what was asked; what goes wrong is told in a window."""
        if not self.logic.is_installed() and not self._install():
            return
        with slicer.util.tryWithErrorDisplay("ShortAxis", waitCursor=True):
            self.told.text = work()

    def _install(self) -> bool:
        wanted = "The Python package shortaxis is not installed in 3D Slicer. Install it now?"
        if sys.version_info < LEAST_PYTHON:
            slicer.util.errorDisplay("ShortAxis needs Python 3.11: 3D Slicer 5.8 or newer.")
            return False
        if not slicer.util.confirmOkCancelDisplay(wanted):
            return False
        slicer.util.pip_install("shortaxis")
        return self.logic.is_installed()

    def on_find(self) -> str:
        """Find the axis in the chosen volume."""
        return self.logic.find(self.selector.currentNode())

    def on_map(self) -> str:
        """Show the polar map along the axis that is drawn."""
        return self.logic.show_polar_map()

    def on_export(self) -> str:
        """Write slices, pose and transform into a folder."""
        folder = qt.QFileDialog.getExistingDirectory(None, "Folder of the results")
        return self.logic.export(folder) if folder else "Nothing was written."

    def cleanup(self) -> None:
        """Leave nothing that observes the scene."""
        self.logic.forget()


class ShortAxisLogic(ScriptedLoadableModuleLogic):
    """Nodes of the scene, and what ShortAxis makes of them."""

    def __init__(self) -> None:
        super().__init__()
        self.volume: Any = None
        self.pose: Any = None
        self.result: Any = None
        self.line: Any = None
        self.observed: list[int] = []

    @staticmethod
    def is_installed() -> bool:
        """Whether the package can be imported here."""
        try:
            import shortaxis  # noqa: F401
        except ImportError:
            return False
        return True

    def find(self, node: Any) -> str:
        """Estimate the pose in a volume node, draw its axis, and turn the views to it."""
        if node is None:
            raise ValueError("Choose a transaxial volume first.")
        import shortaxis

        self.volume = volume_of(slicer.util.arrayFromVolume(node), _matrix_of(node))
        self.result = shortaxis.reorient(self.volume)
        self.pose = shortaxis.with_conventional_roll(self.result.pose)
        self._draw_axis()
        self._turn_views()
        quality = self.result.estimate.quality
        reasons = "; ".join(quality.reasons)
        return f"Axes: {quality.flag.value}. {reasons}" if reasons else "Axes: accepted."

    def show_polar_map(self) -> str:
        """Quantify along the axis that is drawn, and show the map as a volume of one slice."""
        self._require_pose()
        import shortaxis

        made = shortaxis.quantify(self.volume, pose=self.pose, normals=None)
        # Rows of 3D Slicer's volumes grow upwards on the screen.
        picture = polar_picture(made.traced.polar_map.uptake_percent)[None, ::-1]
        node = slicer.util.addVolumeFromArray(picture, name="Polar map")
        slicer.util.setSliceViewerLayers(background=node, fit=True)
        return "Uptake in per cent: apex in the middle, anterior up, septum left."

    def export(self, folder: str) -> str:
        """Write slices as NIfTI, ``pose.json``, ``transform.tfm`` and the review sheet."""
        self._require_pose()
        import shortaxis

        result = shortaxis.reorient(self.volume, pose=self.pose)
        files = shortaxis.write(result, Path(folder) / "shortaxis", formats="nifti")
        return f"{len(files)} files in {Path(folder) / 'shortaxis'}"

    def on_drag(self, _line: Any = None, _event: Any = None) -> None:
        """Take the axis as it is drawn now."""
        ends = np.array([self.line.GetNthControlPointPositionWorld(index) for index in (0, 1)])
        try:
            self.pose = pose_of_axis(ends)
        except ValueError:
            return  # on the way
        self._turn_views()

    def forget(self) -> None:
        """Observe nothing any more."""
        for tag in self.observed:
            self.line.RemoveObserver(tag)
        self.observed = []

    def _require_pose(self) -> None:
        if self.pose is None:
            raise ValueError("Find the axis first.")

    def _draw_axis(self) -> None:
        self.forget()
        if self.line is None:
            self.line = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLMarkupsLineNode", "Long axis")
        self.line.RemoveAllControlPoints()
        for name, end in zip(ENDS, axis_ends_ras(self.pose), strict=True):
            self.line.AddControlPoint(vtk.vtkVector3d(*end), name)
        event = slicer.vtkMRMLMarkupsNode.PointModifiedEvent
        self.observed = [self.line.AddObserver(event, self.on_drag)]

    def _turn_views(self) -> None:
        for name, view in VIEWS.items():
            node = slicer.mrmlScene.GetNodeByID(f"vtkMRMLSliceNode{name}")
            node.GetSliceToRAS().DeepCopy(slice_to_ras(self.pose, view).ravel().tolist())
            node.UpdateMatrices()

    def transform_node(self) -> Any:
        """A transform that brings the patient upright: the short axis in the axial view."""
        self._require_pose()
        node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLLinearTransformNode", "To the heart")
        node.SetMatrixTransformToParent(slicer.util.vtkMatrixFromArray(cardiac_from_ras(self.pose)))
        return node


def _matrix_of(node: Any) -> np.ndarray:
    matrix = vtk.vtkMatrix4x4()
    node.GetIJKToRASMatrix(matrix)
    return np.array([[matrix.GetElement(row, column) for column in range(4)] for row in range(4)])


class ShortAxisTest(ScriptedLoadableModuleTest):
    """What 3D Slicer runs of the module when it tests itself."""

    def runTest(self) -> None:
        """An axis that is dragged turns the views."""
        slicer.mrmlScene.Clear()
        logic = ShortAxisLogic()
        logic.pose = pose_of_axis([[-20, 40, -10], [10, -10, 20]])
        logic._draw_axis()
        logic.line.SetNthControlPointPosition(0, -20.0, 40.0, -10.0)
        logic.line.SetNthControlPointPosition(1, 40.0, -10.0, 20.0)
        red = slicer.mrmlScene.GetNodeByID("vtkMRMLSliceNodeRed").GetSliceToRAS()
        middle = [red.GetElement(row, 3) for row in range(3)]
        np.testing.assert_allclose(middle, [10, 15, 5])
        logic.forget()
