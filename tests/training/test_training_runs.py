"""A run in its folder: what it was begun with, what its weights say, and what is kept."""

from __future__ import annotations

import copy
import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from shortaxis.errors import ExistingOutputError, ExportError, OptionError, OutputError
from shortaxis.geometry.arrays import CountsArray
from shortaxis.inference.onnx_session import OnnxBlock
from shortaxis.network.block import BlockOutput, PoseBlock
from shortaxis.network.export import onnx_bytes
from shortaxis.network.sizes import BLOCK_SIZES
from shortaxis.reorientation.handedness_weights import handedness_of
from shortaxis.reorientation.weights import find_weights
from shortaxis.training import packaging, training_stages
from shortaxis.training.config import TrainingConfig, read_config
from shortaxis.training.loop import read_block, trained_alone
from shortaxis.training.packaging import package_weights
from shortaxis.training.parity import PARITY_TOLERANCES, compared
from shortaxis.training.training_stages import train_stage
from training_scenes import write_config


@pytest.fixture(scope="module", autouse=True)
def few_samples_are_watched() -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(training_stages, "WATCHED_SAMPLES", 4)
        yield


@pytest.fixture(scope="module")
def config(training_cohorts: Path, tmp_path_factory: pytest.TempPathFactory) -> TrainingConfig:
    path = write_config(tmp_path_factory.mktemp("config"), precision='"32-true"')
    return read_config(path, training_cohorts)


@pytest.fixture(scope="module")
def trained(config: TrainingConfig, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run whose stages have one of their two epochs behind them."""
    folder = tmp_path_factory.mktemp("run")
    for stage in config.stages:
        train_stage(config, stage, folder, epochs=1)
    return folder


@pytest.fixture
def run(trained: Path, tmp_path: Path) -> Path:
    """A copy of the run."""
    shutil.copytree(trained, tmp_path / "run")
    return tmp_path / "run"


# What a run was begun with


def test_a_stage_goes_on_only_with_the_settings_that_it_was_begun_with(
    config: TrainingConfig, run: Path
) -> None:
    changed = replace(config.stages[0], learning_rate=0.5)
    before = (run / "localiser/last.ckpt").read_bytes()
    with pytest.raises(OptionError, match="other settings: learning_rate") as caught:
        train_stage(config, changed, run)
    assert caught.value.path == str(run / "localiser" / "stage.json")
    assert caught.value.expected == "learning_rate 0.002"
    assert caught.value.found == "learning_rate 0.5"
    assert caught.value.cause
    assert (run / "localiser/last.ckpt").read_bytes() == before


@pytest.mark.parametrize("name", ["train", "selection"])
def test_a_stage_goes_on_only_with_its_exams(config: TrainingConfig, run: Path, name: str) -> None:
    fewer = replace(config, **{name: (replace(getattr(config, name)[0], count=1),)})
    with pytest.raises(OptionError, match=f"other settings: {name}") as caught:
        train_stage(fewer, config.stages[0], run)
    assert "'count': 2" in str(caught.value.expected)
    assert "'count': 1" in str(caught.value.found)


def test_a_stage_goes_on_only_with_its_version_of_the_package(
    config: TrainingConfig, run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = run / "localiser" / "stage.json"
    path.write_text(path.read_text().replace('"package": "', '"package": "0.0.'))
    with pytest.raises(OptionError, match="other settings: package"):
        train_stage(config, config.stages[0], run)


@pytest.mark.parametrize("has_begun", [True, False])
def test_a_second_training_of_a_stage_is_kept_out(
    config: TrainingConfig, run: Path, tmp_path: Path, has_begun: bool
) -> None:
    folder = run if has_begun else tmp_path / "fresh"
    own = folder / "localiser"
    own.mkdir(parents=True, exist_ok=True)
    before = {path.name: path.read_bytes() for path in own.iterdir() if path.is_file()}

    with trained_alone(own), pytest.raises(OutputError, match="in use") as caught:
        train_stage(config, config.stages[0], folder)

    assert caught.value.path == str(own)
    assert "another training" in str(caught.value.cause)
    assert {path.name: path.read_bytes() for path in own.iterdir() if path.is_file()} == before


@pytest.mark.parametrize("content", [None, "", "[]", "{}", '{"stage": 5}'])
def test_a_checkpoint_that_does_not_say_what_it_was_begun_with_is_refused(
    config: TrainingConfig, run: Path, content: str | None
) -> None:
    path = run / "localiser" / "stage.json"
    path.unlink()
    if content is not None:
        path.write_text(content)
    with pytest.raises(OptionError, match="does not say") as caught:
        train_stage(config, config.stages[0], run)
    assert caught.value.path == str(path)


def test_folders_of_exams_may_move_and_calibration_may_change(
    config: TrainingConfig, run: Path, tmp_path: Path
) -> None:
    (moved,) = config.train
    (tmp_path / "elsewhere").symlink_to(moved.folder)
    other = replace(config, train=(replace(moved, folder=tmp_path / "elsewhere"),), calibration=())
    train_stage(other, config.stages[0], run, epochs=1)


def test_a_stage_without_a_checkpoint_may_begin_anew_with_other_settings(
    config: TrainingConfig, run: Path
) -> None:
    (run / "localiser/last.ckpt").unlink()
    train_stage(config, replace(config.stages[0], seed=9), run, epochs=1)
    stored = json.loads((run / "localiser" / "stage.json").read_text())
    assert stored["stage"]["seed"] == 9


def test_a_stage_starts_only_from_what_the_configuration_says(
    config: TrainingConfig, run: Path
) -> None:
    first = config.stages[0]
    second = replace(first, name="again", start="localiser")
    other = replace(config, stages=(replace(first, seed=9), second))
    with pytest.raises(OptionError, match="other settings: seed"):
        train_stage(other, second, run, epochs=1)
    same = replace(config, stages=(first, second))
    train_stage(same, second, run, epochs=1)
    again, before = (read_block(run / name / "last.ckpt") for name in ("again", "localiser"))
    assert again.keys() == before.keys()


def test_the_record_says_what_was_trained_and_not_what_the_configuration_says_now(
    config: TrainingConfig, run: Path
) -> None:
    changed = replace(
        config,
        train=(replace(config.train[0], count=1),),
        stages=tuple(replace(stage, learning_rate=0.5) for stage in config.stages),
    )
    folder = package_weights(changed, run, name="own", version="1")
    training = json.loads((folder / "record.json").read_text())["training"]
    assert list(training) == ["package", "train", "selection", "stages", "digest"]
    assert training["train"] == [{"preset": "paper", "first": 20, "count": 2}]
    assert [stage["learning_rate"] for stage in training["stages"]] == [0.002, 0.002]
    assert [stage["name"] for stage in training["stages"]] == ["localiser", "refiner"]


def test_stages_on_different_exams_give_no_weights(config: TrainingConfig, run: Path) -> None:
    path = run / "refiner" / "stage.json"
    path.write_text(path.read_text().replace('"count": 2', '"count": 1', 1))
    with pytest.raises(OptionError, match="other settings: train"):
        package_weights(config, run, name="own", version="1")
    assert not (run / "weights").exists()


# What is checked before anything is trained, and what is kept


@pytest.fixture
def nothing_is_trained(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object, **options: object) -> None:
        raise AssertionError("training began")

    monkeypatch.setattr(training_stages, "train_stage", refuse)


@pytest.mark.usefixtures("nothing_is_trained")
@pytest.mark.parametrize("first", ["20", "6000020", "7000020"])
def test_missing_exams_of_any_purpose_stop_the_verb_before_it_trains(
    shortaxis: Any, training_cohorts: Path, tmp_path: Path, first: str
) -> None:
    path = write_config(tmp_path)
    text = path.read_text()
    path.write_text(text.replace(f"first = {first}, count = 2", f"first = {first}, count = 3"))

    run = shortaxis("train", path, "-o", tmp_path / "run", "--cohorts", training_cohorts)

    assert run.code == 1
    assert "exams are missing" in run.err
    assert not (tmp_path / "run").exists()


@pytest.mark.usefixtures("nothing_is_trained")
def test_a_missing_block_stops_the_verb_before_it_trains(
    shortaxis: Any, training_cohorts: Path, tmp_path: Path
) -> None:
    path = one_block(tmp_path)

    run = shortaxis("train", path, "-o", tmp_path / "run", "--cohorts", training_cohorts)

    assert run.code == 1
    assert "weights need every block" in run.err


@pytest.mark.usefixtures("nothing_is_trained")
def test_earlier_weights_stop_the_verb_before_it_trains(
    shortaxis: Any, training_cohorts: Path, tmp_path: Path
) -> None:
    record = tmp_path / "run" / "weights" / "record.json"
    record.parent.mkdir(parents=True)
    record.write_text("{}")

    run = shortaxis(
        "train", write_config(tmp_path), "-o", tmp_path / "run", "--cohorts", training_cohorts
    )

    assert run.code == 1
    assert "--force" in run.err
    assert record.read_text() == "{}"


@pytest.mark.parametrize("why", ["no calibration", "a stage was named"])
def test_one_block_alone_is_trained_where_no_weights_are_wanted(
    shortaxis: Any, training_cohorts: Path, tmp_path: Path, why: str
) -> None:
    path, out = one_block(tmp_path), tmp_path / "run"
    arguments = ["--stage", "localiser"]
    if why == "no calibration":
        arguments = []
        lines = path.read_text().splitlines()
        path.write_text("\n".join(line for line in lines if "7000020" not in line))
        path.write_text("calibration = []\n" + path.read_text())
    earlier = out / "weights" / "record.json"
    earlier.parent.mkdir(parents=True)
    earlier.write_text("{}")

    run = shortaxis("train", path, "-o", out, "--cohorts", training_cohorts, *arguments)

    assert run.code == 0, run.err
    assert run.out.splitlines()[-1] == str(out / "localiser" / "last.ckpt")
    assert earlier.read_text() == "{}"


def test_the_verb_trains_what_is_left_and_replaces_weights_if_told_so(
    shortaxis: Any, training_cohorts: Path, run: Path, tmp_path: Path
) -> None:
    path = write_config(tmp_path, precision='"32-true"')
    arguments = ("train", path, "-o", run, "--cohorts", training_cohorts)

    first = shortaxis(*arguments, "--version", "1")
    refused = shortaxis(*arguments, "--version", "2")
    forced = shortaxis(*arguments, "--version", "2", "--force")

    assert (first.code, refused.code, forced.code) == (0, 1, 0), first.err + forced.err
    assert first.out.splitlines()[-1] == str(run / "weights")
    record = json.loads((run / "weights" / "record.json").read_text())
    assert record["version"] == "2"
    assert sorted(path.name for path in (run / "weights").iterdir()) == [
        "handedness.onnx",
        "localiser.onnx",
        "record.json",
        "refiner.onnx",
    ]


def test_the_installed_handedness_network_goes_with_trained_blocks(
    config: TrainingConfig, run: Path
) -> None:
    folder = package_weights(config, run, name="own", version="1")

    own, installed = (handedness_of(find_weights(each)) for each in (str(folder), "default"))

    assert own is not None
    assert installed is not None
    assert own.values == installed.values
    assert own.model() == installed.model()


def test_earlier_weights_stay_whole_if_new_ones_cannot_be_written(
    config: TrainingConfig, run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = package_weights(config, run, name="own", version="1")
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(ExistingOutputError, match="exists already"):
        package_weights(config, run, name="own", version="2")

    def full(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(packaging, "_write_record", full)
    with pytest.raises(OutputError, match="cannot be written"):
        package_weights(config, run, name="own", version="2", force=True)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


# What its limits follow from


def test_the_record_has_limits_by_rule_and_the_voxels_that_were_learnt_from(
    config: TrainingConfig, run: Path
) -> None:
    folder = package_weights(config, run, name="own", version="1")

    record = json.loads((folder / "record.json").read_text())
    weights = find_weights(str(folder))
    # Both exams of the preset have cubic voxels of this size.
    (edge_mm,) = {
        round(float(edge), 3) for exam in config.train[0].posed() for edge in exam.volume.spacing_mm
    }
    assert record["schema"] == "shortaxis/weights/4"
    assert record["judgement"]["trained_on"]["voxel_mm"] == [edge_mm, edge_mm]
    assert record["calibration"]["limits"]["set"] == "by rule"
    # Two exams are too few for a quantile of 99 %.
    assert "presence" in record["calibration"]["limits"]["kept_for_want_of_exams"]
    assert weights.carries_judgement
    assert weights.judgement.trained_voxel_mm == (edge_mm, edge_mm)


def test_a_packaging_that_was_stopped_measures_only_what_is_left(
    config: TrainingConfig, run: Path
) -> None:
    def stop(done: int, total: int) -> None:
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        package_weights(config, run, name="own", version="1", progress=stop)
    assert not (run / "weights").exists()
    before = (run / "calibration.jsonl").read_text()
    package_weights(config, run, name="own", version="1")
    after = (run / "calibration.jsonl").read_text()

    assert len(before.splitlines()) == 4
    assert after.startswith(before)
    assert len(after.splitlines()) == 5


def test_a_stage_that_does_not_say_its_voxels_has_its_exams_read(
    config: TrainingConfig, run: Path
) -> None:
    expected = json.loads((run / "localiser" / "trained_ranges.json").read_text())["voxel_mm"]
    (run / "localiser" / "trained_ranges.json").unlink()
    others = replace(config, train=(replace(config.train[0], count=1),))
    with pytest.raises(OptionError, match="other settings: train"):
        package_weights(others, run, name="own", version="1")

    folder = package_weights(config, run, name="own", version="1")

    record = json.loads((folder / "record.json").read_text())
    assert record["judgement"]["trained_on"]["voxel_mm"] == expected


@pytest.mark.parametrize("content", ["", "{}", '{"voxel_mm": [7, 3]}', '{"voxel_mm": ["a", "b"]}'])
def test_a_damaged_file_of_what_was_learnt_from_is_one_error(
    config: TrainingConfig, run: Path, content: str
) -> None:
    path = run / "localiser" / "trained_ranges.json"
    path.write_text(content)
    with pytest.raises(OptionError, match="what the stage learnt from") as caught:
        package_weights(config, run, name="own", version="1")
    assert caught.value.path == str(path)


# What is exported is what was trained


def test_the_record_says_how_far_the_exported_blocks_are_from_the_trained_ones(
    config: TrainingConfig, run: Path
) -> None:
    folder = package_weights(config, run, name="own", version="1")
    blocks = json.loads((folder / "record.json").read_text())["blocks"]
    for block in ("localiser", "refiner"):
        parity = blocks[block]["parity"]
        assert list(parity) == list(BlockOutput._fields)
        assert all(0 <= parity[name] <= PARITY_TOLERANCES[name] for name in parity)
    assert find_weights(str(folder)).record.name == "own"


@pytest.mark.parametrize("damaged", ["localiser", "refiner"])
def test_an_export_that_computes_something_else_gives_no_weights(
    config: TrainingConfig, run: Path, monkeypatch: pytest.MonkeyPatch, damaged: str
) -> None:
    def damaging(block: PoseBlock) -> bytes:
        if block.size.spacing_mm == BLOCK_SIZES[damaged].spacing_mm:
            block = copy.deepcopy(block)
            with torch.no_grad():
                block.facts[-1].bias[3] += 0.01
        return onnx_bytes(block)

    monkeypatch.setattr(packaging, "onnx_bytes", damaging)
    with pytest.raises(ExportError, match=f"{damaged}.*log_size") as caught:
        package_weights(config, run, name="own", version="1")
    assert "0.01" in str(caught.value.found)
    assert not (run / "weights").exists()


@pytest.fixture(scope="module")
def refiner() -> tuple[PoseBlock, OnnxBlock]:
    block = PoseBlock(BLOCK_SIZES["refiner"]).eval()
    return block, OnnxBlock(onnx_bytes(block), block.size.voxels)


@pytest.mark.parametrize("output", BlockOutput._fields)
@pytest.mark.parametrize("wrong", [0.02, float("nan")])
def test_every_output_is_compared(
    refiner: tuple[PoseBlock, OnnxBlock], output: str, wrong: float
) -> None:
    block, exported = refiner
    crops = np.random.default_rng(0).random((2, 32, 32, 32), dtype=np.float32)

    def shifted(counts: CountsArray) -> dict[str, CountsArray]:
        found = exported.outputs(counts)
        found[output] = found[output].copy()
        found[output].flat[-1] += wrong
        return found

    assert compared("refiner", block, exported.outputs, crops).keys() == set(BlockOutput._fields)
    with pytest.raises(ExportError, match=output):
        compared("refiner", block, shifted, crops)


def test_weights_without_calibration_exams_are_refused(config: TrainingConfig, run: Path) -> None:
    with pytest.raises(OptionError, match="calibration exams"):
        package_weights(replace(config, calibration=()), run, name="own", version="1")


def one_block(folder: Path) -> Path:
    """A configuration whose only stage trains the localiser."""
    path = write_config(folder, precision='"32-true"')
    path.write_text(path.read_text().rpartition("[[stages]]")[0])
    return path
