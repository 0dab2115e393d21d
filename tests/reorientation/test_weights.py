"""Weights are what their record says, or are refused."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
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
    with pytest.raises(UnknownWeightsError, match="not the one that it should be"):
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


def _without(values: dict, *names: str) -> dict:
    inner = values
    for name in names[:-1]:
        inner = inner[name]
    del inner[names[-1]]
    return values


def _with(values: dict, value: object, *names: str) -> dict:
    inner = values
    for name in names[:-1]:
        inner = inner[name]
    inner[names[-1]] = value
    return values


@pytest.mark.parametrize(
    "change",
    [
        lambda values: _without(values, "licence"),
        lambda values: _without(values, "name"),
        lambda values: _without(values, "training", "train"),
        lambda values: _without(values, "blocks", "refiner"),
        lambda values: _without(values, "blocks", "refiner", "file"),
        lambda values: _without(values, "blocks", "refiner", "sha256"),
        lambda values: _with(values, None, "blocks", "refiner", "sha256"),
        lambda values: _with(values, "", "blocks", "refiner", "sha256"),
        lambda values: _with(values, "../refiner.onnx", "blocks", "refiner", "file"),
        lambda values: _with(values, 0, "blocks", "refiner", "parameters"),
        lambda values: _with(values, {"size": 32}, "blocks", "refiner", "grid"),
        lambda values: _with(values, 2.0, "calibration", "roll_deg"),
        lambda values: _with(values, {"factor": 0, "power": 1}, "calibration", "roll_deg"),
        lambda values: _with(values, {"factor": 1, "power": -1}, "calibration", "roll_deg"),
        lambda values: _with(values, {"factor": "nan", "power": 1}, "calibration", "roll_deg"),
        lambda values: _with(values, "shortaxis/weights/1", "schema"),
    ],
)
def test_a_record_that_lacks_something_is_refused(
    copy: Path, change: Callable[[dict], dict]
) -> None:
    path = copy / "record.json"
    path.write_text(json.dumps(change(json.loads(path.read_text()))))
    with pytest.raises(UnknownWeightsError, match="no record of weights"):
        find_weights(str(copy))


def test_a_file_that_is_no_network_is_named_though_its_hash_is_right(copy: Path) -> None:
    content = b"no network"
    (copy / "refiner.onnx").write_bytes(content)
    path = copy / "record.json"
    digest = hashlib.sha256(content).hexdigest()
    values = _with(json.loads(path.read_text()), digest, "blocks", "refiner", "sha256")
    path.write_text(json.dumps(values))
    with pytest.raises(UnknownWeightsError, match=r"refiner of the weights cannot be used"):
        estimate_pose_by_network(study_volume(), str(copy))


def test_a_grid_that_the_network_does_not_look_at_is_refused(copy: Path) -> None:
    path = copy / "record.json"
    values = _with(json.loads(path.read_text()), 20, "blocks", "localiser", "grid", "size")
    path.write_text(json.dumps(values))
    with pytest.raises(UnknownWeightsError, match="localiser of the weights cannot be used"):
        estimate_pose_by_network(study_volume(), str(copy))


def test_a_missing_block_is_named(copy: Path) -> None:
    (copy / "refiner.onnx").unlink()
    with pytest.raises(UnknownWeightsError, match="refiner"):
        estimate_pose_by_network(study_volume(), str(copy))


def test_a_folder_without_weights_is_told_from_an_unknown_name(copy: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(UnknownWeightsError, match="not finished"):
        find_weights(str(empty))
    with pytest.raises(UnknownWeightsError, match="found: a file"):
        find_weights(str(copy / "refiner.onnx"))
    with pytest.raises(UnknownWeightsError, match="subfolder 'weights'"):
        find_weights(str(copy.parent))


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
