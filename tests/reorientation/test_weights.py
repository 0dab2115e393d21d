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
from evidence.measuring.training.join_handedness import joined
from shortaxis.errors import HeartNotFoundError, UnknownWeightsError
from shortaxis.inference.weights_record import INSTALLED_WEIGHTS
from shortaxis.reorientation.handedness_weights import load_handedness
from shortaxis.reorientation.judgement import (
    PresenceThresholds,
    default_judgement,
    judgement_from_record,
    record_from_judgement,
)
from shortaxis.reorientation.network_estimate import estimate_pose_by_network
from shortaxis.reorientation.quality import Measure
from shortaxis.reorientation.weights import BLOCKS, DEFAULT_WEIGHTS, find_weights, load_cascade


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


@pytest.mark.parametrize("block", [*BLOCKS, "handedness"])
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
    from shortaxis.inference import weights_record

    record = copy / "record.json"
    record.write_text(record.read_text().replace('"bound": 0.9', '"bound": 0.8'))
    copy.rename(copy.with_name(DEFAULT_WEIGHTS))
    monkeypatch.setattr(weights_record, "FOLDER", copy.parent)
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


@pytest.mark.parametrize(
    "change",
    [
        lambda values: _without(values, "handedness", "file"),
        lambda values: _with(values, "../handedness.onnx", "handedness", "file"),
        lambda values: _with(values, "", "handedness", "sha256"),
        lambda values: _without(values, "handedness", "grids"),
        lambda values: _with(values, [], "handedness", "grids"),
        lambda values: _with(values, [{"size": 32}], "handedness", "grids"),
        lambda values: _without(values, "handedness", "rule", "temperature"),
        lambda values: _with(values, 0, "handedness", "rule", "temperature"),
        lambda values: _with(values, "low", "handedness", "rule", "mirrored_below"),
        lambda values: _with(values, 2, "handedness", "rule", "seen_part"),
        lambda values: _with(values, "3", "handedness", "rule", "sure_above"),
        lambda values: _with(values, 1, "handedness", "rule", "opinion"),
    ],
)
def test_a_section_of_the_handedness_network_that_lacks_something_is_refused(
    copy: Path, change: Callable[[dict], dict]
) -> None:
    path = copy / "record.json"
    path.write_text(json.dumps(change(json.loads(path.read_text()))))
    with pytest.raises(UnknownWeightsError, match="no record of weights"):
        load_handedness(str(copy))


def test_without_that_section_nothing_is_said_of_the_way_round(copy: Path) -> None:
    path = copy / "record.json"
    path.write_text(json.dumps(_without(json.loads(path.read_text()), "handedness")))

    estimate = estimate_pose_by_network(study_volume(), str(copy))

    assert estimate.handedness is None


def test_the_network_is_joined_to_other_weights_and_nothing_else_of_them_changes(
    copy: Path,
) -> None:
    path = copy / "record.json"
    before = _without(json.loads(path.read_text()), "handedness")
    path.write_text(json.dumps(before))
    (copy / "handedness.onnx").unlink()

    digest = joined(DEFAULT_WEIGHTS, copy, "9.9")

    assert hashlib.sha256(path.read_bytes()).hexdigest() == digest
    after = json.loads(path.read_text())
    section = after.pop("handedness")
    assert after == {**before, "version": "9.9"}
    assert section == find_weights(DEFAULT_WEIGHTS).values["handedness"]
    assert load_handedness(str(copy)) is not None


def test_another_network_under_its_name_is_refused(copy: Path) -> None:
    path = copy / "record.json"
    record = json.loads(path.read_text())
    record["handedness"] |= {name: record["blocks"]["refiner"][name] for name in ("file", "sha256")}
    path.write_text(json.dumps(record))

    with pytest.raises(UnknownWeightsError, match="handedness network of the weights"):
        load_handedness(str(copy))


def _limit(values: dict, measure: str) -> dict:
    return next(one for one in values["judgement"]["limits"] if one["measure"] == measure)


def _with_limit(values: dict, measure: str, /, **changes: object) -> dict:
    _limit(values, measure).update(changes)
    return values


def _with_presence(values: dict, **changes: object) -> dict:
    values["judgement"]["presence"].update(changes)
    return values


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda v: _without(v, "judgement"), "no judgement"),
        (lambda v: _with(v, [], "judgement"), "holds no fields"),
        (lambda v: _with(v, 1, "judgement", "opinion"), "unknown fields: opinion"),
        (lambda v: _without(v, "judgement", "presence"), "without presence"),
        (lambda v: _with(v, [], "judgement", "limits"), "no limit of azimuth_deg"),
        (lambda v: _with(v, None, "judgement", "limits"), "not iterable"),
        (lambda v: _with_limit(v, "length_mm", measure="girth_mm"), "unknown measure: 'girth_mm'"),
        (lambda v: _with_limit(v, "length_mm", measure=None), "unknown measure: None"),
        (lambda v: _with_limit(v, "length_mm", measure="roughness_mm"), "no limit of length_mm"),
        (lambda v: _with_limit(v, "length_mm", measure="radius_mm"), "no limit of length_mm"),
        (lambda v: _with_limit(v, "length_mm", lowest=140), "length_mm is reversed"),
        (lambda v: _with_limit(v, "length_mm", lowest=130), "length_mm is reversed"),
        (lambda v: _with_limit(v, "length_mm", lowest=None, highest=None), "stops nothing"),
        (lambda v: _with_limit(v, "length_mm", lowest=float("nan")), "no finite number: nan"),
        (lambda v: _with_limit(v, "length_mm", highest=float("inf")), "no finite number: inf"),
        (lambda v: _with_limit(v, "length_mm", highest="130"), "no finite number: '130'"),
        (lambda v: _with_limit(v, "length_mm", highest=True), "no finite number: True"),
        (lambda v: _with_limit(v, "length_mm", reason=""), "reason of length_mm"),
        (lambda v: _with_limit(v, "length_mm", reason=5), "reason of length_mm"),
        (lambda v: _with_limit(v, "length_mm", unit="mm"), "unknown fields: unit"),
        (lambda v: _with_presence(v, refused_below=6), "presence is out of order"),
        (lambda v: _with_presence(v, hearts_above=float("nan")), "presence.hearts_above"),
        (lambda v: _with_presence(v, maybe=0), "unknown fields: maybe"),
        (lambda v: _with(v, [7, 3], "judgement", "trained_on", "voxel_mm"), "no range: 7 to 3"),
        (lambda v: _with(v, [0, 3], "judgement", "trained_on", "voxel_mm"), "no range"),
        (lambda v: _with(v, [3], "judgement", "trained_on", "voxel_mm"), "values to unpack"),
        (lambda v: _with(v, ["a", 3], "judgement", "trained_on", "voxel_mm"), "trained_on.voxel"),
    ],
)
def test_a_judgement_with_a_wrong_value_is_one_error_that_names_it(
    copy: Path, change: Callable[[dict], dict], words: str
) -> None:
    path = copy / "record.json"
    path.write_text(json.dumps(change(json.loads(path.read_text()))))
    with pytest.raises(UnknownWeightsError, match="no record of weights") as caught:
        find_weights(str(copy))
    assert words in str(caught.value.found)
    assert caught.value.path == str(path)


def test_a_measure_with_two_limits_is_refused(copy: Path) -> None:
    path = copy / "record.json"
    values = json.loads(path.read_text())
    values["judgement"]["limits"].append(_limit(values, "radius_mm"))
    path.write_text(json.dumps(values))
    with pytest.raises(UnknownWeightsError, match="two limits of radius_mm"):
        find_weights(str(copy))


@pytest.fixture
def schema_2(copy: Path) -> Path:
    """The same weights with a record of the schema before."""
    path = copy / "record.json"
    values = {**json.loads(path.read_text()), "schema": "shortaxis/weights/2", "version": "2.0"}
    del values["judgement"]
    path.write_text(json.dumps(values))
    return copy


def test_a_record_of_schema_2_gets_the_limits_that_it_was_used_with(schema_2: Path) -> None:
    weights = find_weights(str(schema_2))

    assert weights.judgement == default_judgement()
    limits = {limit.measure: limit for limit in weights.judgement.limits}
    assert limits[Measure.LONG_AXIS_BOUND_DEG].highest == 7.5
    assert limits[Measure.PRESENCE].lowest == 0
    assert limits[Measure.PRESENCE].highest == float("inf")
    assert weights.judgement.presence == PresenceThresholds(-4.0, 5.0, 7.0)
    assert weights.judgement.trained_voxel_mm == (3.0, 7.0)


def test_a_record_of_schema_2_gives_the_same_pose_and_quality(schema_2: Path) -> None:
    installed = estimate_pose_by_network(study_volume())
    before = estimate_pose_by_network(study_volume(), str(schema_2))
    assert before.pose.matrix.tolist() == installed.pose.matrix.tolist()
    assert before.quality == installed.quality
    assert before.weights.version == "2.0"


def test_a_pose_is_judged_by_the_limits_of_its_weights(copy: Path) -> None:
    path = copy / "record.json"
    values = json.loads(path.read_text())
    path.write_text(json.dumps(_with_limit(values, "length_mm", highest=52, reason="too large")))
    strict = estimate_pose_by_network(study_volume(), str(copy)).quality
    usual = estimate_pose_by_network(study_volume()).quality
    assert any(reason.startswith("too large (length") for reason in strict.reasons)
    assert not any("too large" in reason for reason in usual.reasons)


def test_where_a_heart_is_refused_is_in_the_record_too(copy: Path) -> None:
    path = copy / "record.json"
    values = json.loads(path.read_text())
    doubting = _with_presence(values, refused_below=90, searched_on_below=95, hearts_above=100)
    path.write_text(json.dumps(doubting))
    with pytest.raises(HeartNotFoundError) as caught:
        estimate_pose_by_network(study_volume(), str(copy))
    assert "more than 100" in str(caught.value.found)
    assert "below 90 " in str(caught.value.found)


def test_a_judgement_comes_back_from_its_record() -> None:
    judgement = default_judgement()
    record = json.loads(json.dumps(record_from_judgement(judgement), allow_nan=False))
    assert judgement_from_record(record) == judgement


def test_the_verb_shows_what_the_weights_were_trained_on_and_judge_by() -> None:
    shown = _run("weights")
    assert "voxels of 3 to 7 mm" in shown
    assert "28 limits" in shown


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


def test_weights_that_are_replaced_in_their_folder_are_not_those_of_before(copy: Path) -> None:
    first, _ = load_cascade(str(copy))
    record = json.loads((copy / "record.json").read_text("utf-8"))
    record["version"] = "another"
    (copy / "record.json").write_text(json.dumps(record), "utf-8")

    second, _ = load_cascade(str(copy))

    assert second.record.version == "another"
    assert second.record.sha256 != first.record.sha256
