"""Weights are what their record says, or are refused."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from drawn_study import study_volume
from shortaxis.errors import UnknownWeightsError
from shortaxis.reorientation.network_estimate import estimate_pose_by_network
from shortaxis.reorientation.weights import (
    BLOCKS,
    DEFAULT_WEIGHTS,
    INSTALLED_WEIGHTS,
    find_weights,
)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The installed weights in a folder that may be changed."""
    return Path(shutil.copytree(find_weights(DEFAULT_WEIGHTS).folder, tmp_path / "weights"))


@pytest.mark.parametrize("name", list(INSTALLED_WEIGHTS))
def test_installed_weights_are_those_of_the_table(name: str) -> None:
    weights = find_weights(name)
    assert weights.record.sha256 == INSTALLED_WEIGHTS[name]
    assert weights.record.name == name
    assert weights.values["licence"] == "Apache-2.0"
    assert all(weights.model(block) for block in BLOCKS)


def test_the_record_says_what_they_were_trained_on() -> None:
    training = find_weights(DEFAULT_WEIGHTS).values["training"]
    assert {one["preset"] for one in training["train"]} == {"wide", "clinical"}
    assert len(training["digest"]) == 64


def test_a_folder_of_weights_gives_the_same_pose(copy: Path) -> None:
    installed = estimate_pose_by_network(study_volume())
    named = estimate_pose_by_network(study_volume(), str(copy))
    assert named.pose.matrix.tolist() == installed.pose.matrix.tolist()
    assert named.weights == installed.weights


@pytest.mark.parametrize("block", BLOCKS)
def test_one_changed_byte_is_noticed(copy: Path, block: str) -> None:
    path = copy / f"{block}.onnx"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(UnknownWeightsError, match="not the one that was installed"):
        estimate_pose_by_network(study_volume(), str(copy))


def test_a_changed_record_is_noticed_where_weights_are_installed(
    copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from shortaxis.reorientation import weights

    record = copy / "record.json"
    record.write_text(record.read_text().replace('"bound": 0.9', '"bound": 0.8'))
    copy.rename(copy.with_name(DEFAULT_WEIGHTS))
    monkeypatch.setattr(weights, "FOLDER", copy.parent)
    with pytest.raises(UnknownWeightsError, match="record of the weights is not"):
        find_weights(DEFAULT_WEIGHTS)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"schema": "shortaxis/weights/9"}'])
def test_a_record_that_is_none_is_one_error(copy: Path, content: str) -> None:
    (copy / "record.json").write_text(content)
    with pytest.raises(UnknownWeightsError, match="no record of weights"):
        find_weights(str(copy))


def test_a_missing_block_is_named(copy: Path) -> None:
    (copy / "refiner.onnx").unlink()
    with pytest.raises(UnknownWeightsError, match="refiner"):
        estimate_pose_by_network(study_volume(), str(copy))


def test_unknown_names_are_refused_with_the_known_ones() -> None:
    with pytest.raises(UnknownWeightsError) as caught:
        find_weights("other")
    assert DEFAULT_WEIGHTS in str(caught.value)


def test_the_verb_shows_hashes_and_exams() -> None:
    shown = _run("weights")
    assert INSTALLED_WEIGHTS[DEFAULT_WEIGHTS] in shown
    assert "preset clinical" in shown
    record = json.loads(_run("weights", "--json"))
    assert record["blocks"].keys() == set(BLOCKS)


def _run(*arguments: str) -> str:
    command = [sys.executable, "-m", "shortaxis", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout
