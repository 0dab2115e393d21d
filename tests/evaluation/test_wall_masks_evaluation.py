"""``shortaxis evaluate`` of an index of wall masks, on a mask that the network drew itself."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from shortaxis.errors import InputNotFoundError, UnreadableFileError
from shortaxis.evaluation.walls.masks.index import is_mask_index, read_mask_index
from shortaxis.evaluation.walls.masks.score import score_against_mask
from shortaxis.nifti.writing import write_label_map
from shortaxis.ventricle.label_map import VentricleLabel, label_map
from shortaxis.workflow.importing.physionet import import_physionet
from shortaxis.workflow.quantify.quantifying import QuantifiedStudy, QuantifyOptions, quantify_study
from shortaxis.workflow.studies.finding import find_studies


@pytest.fixture(scope="module")
def drawn(demo_study_path: Path) -> QuantifiedStudy:
    study = find_studies(demo_study_path).studies[0].load().study
    return quantify_study(study, QuantifyOptions(normals=None, wall="network"))


@pytest.fixture(scope="module")
def index(
    drawn: QuantifiedStudy, demo_study_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    data = tmp_path_factory.mktemp("data")
    (data / "masks").mkdir()
    shutil.copy(demo_study_path, data / "study.dcm")
    volume = drawn.study.volume
    wall = label_map(drawn.wall.surfaces, volume.grid) == VentricleLabel.WALL
    uid = drawn.study.facts.sop_instance_uids[0]
    mask = data / "masks" / f"{uid}_mask.nii.gz"
    write_label_map(mask, wall.astype(np.uint8), volume.patient_from_index)
    folder = tmp_path_factory.mktemp("index")
    import_physionet(data, folder)
    return folder


def test_the_wall_that_the_mask_was_made_of_lies_in_it_and_the_other_less(
    shortaxis: Any, index: Path, tmp_path: Path
) -> None:
    code, text, _ = shortaxis("evaluate", index, "-o", tmp_path / "out")

    record = json.loads((tmp_path / "out/walls.json").read_text())
    methods = record["studies"][0]["methods"]
    assert code == 0
    # Voxels of the study are 6 mm, half as large as the wall is thick.
    assert methods["network"]["dice"] > max(0.8, methods["tracing"]["dice"] + 0.02)
    assert methods["network"]["middle_mm"] < 2
    assert f"network: Dice {methods['network']['dice']:.2f}" in text
    with (tmp_path / "out/walls.csv").open(newline="") as file:
        assert [row["method"] for row in csv.DictReader(file)] == ["tracing", "network"]
    assert Image.open(tmp_path / "out/wall-1.png").size[0] == 1600
    assert sorted(record["files"]) == sorted(p.name for p in (tmp_path / "out").iterdir())


def test_a_study_whose_mask_was_exchanged_is_named_and_fails(
    shortaxis: Any, index: Path, tmp_path: Path
) -> None:
    (study,) = read_mask_index(index)
    other = tmp_path / "index"
    shutil.copytree(index, other)
    data = tmp_path / "data"
    shutil.copytree(study.study.parent, data)
    (mask,) = (data / "masks").iterdir()
    write_label_map(mask, np.ones((3, 4, 5), np.uint8), np.eye(4))
    summary = json.loads((other / "index.json").read_text())
    (other / "index.json").write_text(json.dumps(summary | {"data_folder": str(data)}))

    code, text, _ = shortaxis("evaluate", other, "-o", tmp_path / "out")

    record = json.loads((tmp_path / "out/walls.json").read_text())
    assert code == 1
    assert "another number of voxels" in text
    assert record["studies"][0]["error"]["path"].endswith("_mask.nii.gz")
    assert record["means"] == {"tracing": {"studies": 0}, "network": {"studies": 0}}


def test_ends_of_a_longer_wall_lie_beyond_those_of_the_mask(drawn: QuantifiedStudy) -> None:
    surfaces, volume = drawn.wall.surfaces, drawn.study.volume
    wall = label_map(surfaces, volume.grid) == VentricleLabel.WALL
    index = np.moveaxis(np.indices(volume.shape), 0, -1)
    affine = volume.patient_from_index
    points = surfaces.pose.to_cardiac(index @ affine[:3, :3].T + affine[:3, 3])
    valve = surfaces.valve.on_axis_mm
    shorter = wall & (points[..., 2] < valve - 20)

    score = score_against_mask(surfaces, volume, shorter)

    assert score.basal_end_mm - score.mask_basal_end_mm == pytest.approx(18, abs=7)
    assert abs(score.apical_end_mm - score.mask_apical_end_mm) < 5


def test_other_folders_are_no_index_and_one_without_masks_says_so(
    index: Path, tmp_path: Path
) -> None:
    assert not is_mask_index(tmp_path)
    empty = tmp_path / "empty"
    shutil.copytree(index, empty)
    head = (empty / "index.csv").read_text().splitlines()[0]
    (empty / "index.csv").write_text(head + "\n")

    with pytest.raises(InputNotFoundError, match="no study of the index has a mask"):
        read_mask_index(empty)
    (empty / "index.csv").write_text("nothing\n1\n")
    with pytest.raises(UnreadableFileError, match="is no index of wall masks"):
        read_mask_index(empty)
