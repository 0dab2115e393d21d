"""The plug-in of napari: layers of a study, and a manifest that leads to what makes them."""

from __future__ import annotations

import importlib
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from drawn_study import study_volume
from gated_studies import beating_gates
from nm_object import build_nm, save_object
from repository import DEMO, REPOSITORY
from shortaxis import ShortAxisError, reorient

PLUGIN = REPOSITORY / "deploy" / "napari"
STUDY = DEMO / "study.dcm"


@pytest.fixture(scope="module")
def reader_of() -> Iterator[Any]:
    """What the manifest names, found as napari finds it."""
    project = tomllib.loads((PLUGIN / "pyproject.toml").read_text("utf-8"))["project"]
    (place,) = project["entry-points"]["napari.manifest"].values()
    package, _, file = place.partition(":")
    manifest = yaml.safe_load((PLUGIN / package / file).read_text("utf-8"))
    assert manifest["name"] == project["name"]
    (command,) = manifest["contributions"]["commands"]
    (reader,) = manifest["contributions"]["readers"]
    assert reader["command"] == command["id"]
    sys.path.insert(0, str(PLUGIN))
    module, _, name = command["python_name"].partition(":")
    yield getattr(importlib.import_module(module), name)
    sys.path.remove(str(PLUGIN))


def test_a_study_becomes_a_layer_a_view(reader_of: Any) -> None:
    layers = reader_of(str(STUDY))(str(STUDY))

    short_axis = reorient(STUDY).short_axis
    (counts, told, kind), *others = layers
    assert np.array_equal(counts, short_axis.counts)
    assert told["scale"] == pytest.approx(short_axis.spacing_mm)
    assert kind == "image"
    assert [each[1]["name"] for each in layers] == [
        "Short axis (accept)", "Vertical long axis (accept)", "Horizontal long axis (accept)",
    ]  # fmt: skip
    assert [each[1]["visible"] for each in (layers[0], *others)] == [True, False, False]


def test_time_slots_of_a_gated_study_are_a_slider(reader_of: Any, tmp_path: Path) -> None:
    path = save_object(build_nm(study_volume(), gates=beating_gates()), tmp_path / "gated.dcm")

    (counts, told, _), *_ = reader_of(str(path))(str(path))

    assert counts.shape[0] == len(beating_gates())
    assert told["scale"][0] == 1
    assert counts.ndim == len(told["scale"]) == 4


def test_several_paths_are_left_to_others_and_errors_are_told(
    reader_of: Any, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.dcm"
    broken.write_bytes(b"no study")

    assert reader_of([str(STUDY), str(broken)]) is None
    with pytest.raises(ShortAxisError):
        reader_of(str(broken))(str(broken))
