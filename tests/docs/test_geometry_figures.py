"""The figures of the documentation can be drawn, and show what the code says."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from repository import DOCS, REPOSITORY

FIGURES = DOCS / "figures"
PNG_SIGNATURE = b"\x89PNG"


@pytest.fixture(scope="module")
def drawn_again(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("figures")
    command = [sys.executable, "-W", "error", str(FIGURES / "draw_frames.py"), str(folder)]
    finished = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert finished.returncode == 0, finished.stderr
    return folder


def test_the_script_draws_every_figure_that_the_documentation_holds(drawn_again: Path) -> None:
    committed = {path.name for path in FIGURES.iterdir() if path.suffix in (".svg", ".png")}

    drawn = {path.name for path in drawn_again.iterdir()}

    assert drawn == committed


def test_every_figure_is_a_picture_and_no_blank_sheet(drawn_again: Path) -> None:
    for path in sorted(drawn_again.glob("*.png")):
        assert path.read_bytes().startswith(PNG_SIGNATURE)

        import matplotlib.image as image

        pixels = image.imread(path)[..., :3]
        assert pixels.std() > 0.03, path.name


def test_figures_hold_no_date_and_no_path_of_the_machine(drawn_again: Path) -> None:
    for path in sorted(drawn_again.glob("*.svg")):
        text = path.read_text(encoding="utf-8")

        assert "<dc:date>" not in text
        assert str(REPOSITORY) not in text


def test_the_drawn_right_ventricle_lies_beside_the_septum(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(FIGURES))
    from drawn_ventricles import cut_ventricles

    beside_septum, beside_lateral_wall = np.array([(-40.0, 0, 10), (40.0, 0, 10)])

    assert cut_ventricles(beside_septum).right_cavity < 0
    assert cut_ventricles(beside_lateral_wall).right_cavity > 0


def test_the_room_diagram_shows_the_rooms_that_exist(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(FIGURES))
    from rooms_figure import PURPOSES, read_layers

    package = REPOSITORY / "src" / "shortaxis"
    rooms = {path.parent.name for path in package.glob("*/__init__.py")} | {"errors"}

    drawn = {room for layer in read_layers() for room in layer}

    assert drawn == rooms
    assert rooms <= set(PURPOSES), "a room is drawn without saying what it holds"


def test_the_room_diagram_shows_the_packages_of_dicom(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(FIGURES))
    from rooms_figure import DICOM_PURPOSES, read_layers

    room = FIGURES.parents[1] / "src" / "shortaxis" / "dicom"

    drawn = [name for layer in read_layers("dicom") for name in layer]

    assert drawn == list(DICOM_PURPOSES)
    packages = {path.parent.name for path in room.glob("*/__init__.py")}
    assert set(drawn) == packages | {path.stem for path in room.glob("*.py")} - {"__init__"}
