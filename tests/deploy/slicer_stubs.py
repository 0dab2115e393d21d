"""As much of 3D Slicer as the module touches: a scene, lines that tell who drags them, slice nodes.

No widget is drawn. VTK is the real one.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from contextlib import nullcontext
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Any
from unittest.mock import MagicMock

import numpy as np
import pytest

from repository import REPOSITORY

if TYPE_CHECKING:
    import vtk

__all__ = ["VolumeNode", "load_module"]

FOLDER = REPOSITORY / "deploy" / "slicer" / "ShortAxis"
MODIFIED = "PointModifiedEvent"


class VolumeNode:
    """Counts ``(k, j, i)`` with the affine of their voxels."""

    def __init__(self, counts: np.ndarray, ras_from_ijk: np.ndarray) -> None:
        self.counts, self.ras_from_ijk = counts, ras_from_ijk

    def GetIJKToRASMatrix(self, matrix: vtk.vtkMatrix4x4) -> None:
        matrix.DeepCopy(self.ras_from_ijk.ravel().tolist())


class LineNode:
    """Control points, and what is called when one moves."""

    def __init__(self) -> None:
        self.points: list[tuple[float, ...]] = []
        self.observers: dict[int, Callable[..., None]] = {}

    def RemoveAllControlPoints(self) -> None:
        self.points.clear()

    def AddControlPoint(self, point: vtk.vtkVector3d, _name: str) -> None:
        self.points.append((point.GetX(), point.GetY(), point.GetZ()))

    def GetNthControlPointPositionWorld(self, index: int) -> tuple[float, ...]:
        return self.points[index]

    def SetNthControlPointPosition(self, index: int, *place: float) -> None:
        self.points[index] = place
        for each in list(self.observers.values()):
            each(self, MODIFIED)

    def AddObserver(self, _event: str, called: Callable[..., None]) -> int:
        self.observers[len(self.observers) + 1] = called
        return len(self.observers)

    def RemoveObserver(self, tag: int) -> None:
        del self.observers[tag]


class SliceNode:
    """A view; 3D Slicer draws after `UpdateMatrices`."""

    def __init__(self) -> None:
        import vtk  # not where the stubs are merely collected

        self.matrix, self.drawn = vtk.vtkMatrix4x4(), 0

    def GetSliceToRAS(self) -> vtk.vtkMatrix4x4:
        return self.matrix

    def UpdateMatrices(self) -> None:
        self.drawn += 1


class Scene:
    """Nodes by their identifiers, and those that were made."""

    def __init__(self) -> None:
        self.Clear()

    def Clear(self) -> None:
        self.views = {f"vtkMRMLSliceNode{name}": SliceNode() for name in ("Red", "Yellow", "Green")}

    def GetNodeByID(self, name: str) -> SliceNode:
        return self.views[name]

    def AddNewNodeByClass(self, name: str, _shown: str) -> Any:
        return LineNode() if name == "vtkMRMLMarkupsLineNode" else MagicMock()


class _Base:
    """Parent of a module's widget and logic."""

    def __init__(self, parent: Any = None) -> None:
        self.parent, self.layout = parent, MagicMock()

    def setup(self) -> None:
        pass


def load_module(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The module, as 3D Slicer loads it; its `slicer` is a stub with a scene of its own."""
    util = SimpleNamespace(
        arrayFromVolume=lambda node: node.counts,
        tryWithErrorDisplay=lambda *_, **__: nullcontext(),
        confirmOkCancelDisplay=lambda _: True,
        errorDisplay=MagicMock(),
        pip_install=MagicMock(),
        addVolumeFromArray=MagicMock(),
        setSliceViewerLayers=MagicMock(),
        vtkMatrixFromArray=lambda array: array,
    )
    slicer = ModuleType("slicer")
    slicer.__dict__.update(
        util=util,
        mrmlScene=Scene(),
        vtkMRMLMarkupsNode=SimpleNamespace(PointModifiedEvent=MODIFIED),
        qMRMLNodeComboBox=MagicMock,
    )
    parents = ModuleType("slicer.ScriptedLoadableModule")
    for name in ("Module", "ModuleWidget", "ModuleLogic", "ModuleTest"):
        setattr(parents, f"ScriptedLoadable{name}", type(name, (_Base,), {}))
    stubs = {"slicer": slicer, "slicer.ScriptedLoadableModule": parents}
    for name, module in {**stubs, "qt": MagicMock(), "ctk": MagicMock()}.items():
        monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.syspath_prepend(str(FOLDER))
    specification = importlib.util.spec_from_file_location("ShortAxis", FOLDER / "ShortAxis.py")
    assert specification is not None
    assert specification.loader is not None
    loaded = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(loaded)
    return loaded
