"""Exit code 2 is for what was typed, 1 for files and packages that are missing or broken."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from shortaxis.inference.weights_record import FOLDER
from verb_run import Run, run_without


@pytest.fixture
def damaged_weights(tmp_path: Path) -> Path:
    folder = Path(shutil.copytree(FOLDER / "default", tmp_path / "weights"))
    path = folder / "refiner.onnx"
    path.write_bytes(path.read_bytes()[:-1])
    return folder


@pytest.mark.parametrize("verb", ["weights", "reorient", "consistency"])
def test_weights_that_are_damaged_are_1_and_a_mistyped_name_is_2(
    shortaxis: Any, verb: str, damaged_weights: Path, drawn_study_path: Path, tmp_path: Path
) -> None:
    def run(name: object) -> Run:
        if verb == "weights":
            return shortaxis(verb, name)
        return shortaxis(verb, drawn_study_path, "-o", tmp_path / "out", "--weights", name)

    damaged, mistyped = run(damaged_weights), run("defualt")

    assert damaged.code == 1
    assert "refiner.onnx" in damaged.err
    assert mistyped.code == 2
    assert "not installed" in mistyped.err


def test_a_missing_extra_is_1(tmp_path: Path) -> None:
    run = run_without("torch", ["train", str(tmp_path / "run.toml"), "-o", str(tmp_path / "run")])

    assert run.returncode == 1
    assert 'pip install "shortaxis[train]"' in run.stderr


@pytest.mark.parametrize(
    ("change", "arguments", "words", "code"),
    [
        (("[[stages]]", "[[stages"), (), "no training configuration", 1),
        (('block = "refiner"', 'block = "refinery"'), (), "unknown block", 1),
        (("", ""), (), "exams are missing", 1),
        (("", ""), ("--stage", "nobody"), "unknown stage", 2),
    ],
)
def test_a_configuration_that_is_broken_is_1_and_an_unknown_stage_2(
    shortaxis: Any,
    change: tuple[str, str],
    arguments: tuple[str, ...],
    words: str,
    code: int,
    tmp_path: Path,
) -> None:
    pytest.importorskip("pytorch_lightning")
    from training_scenes import write_config

    path = write_config(tmp_path)
    path.write_text(path.read_text().replace(*change, 1))

    run: Run = shortaxis(
        "train", path, "-o", tmp_path / "run", "--cohorts", tmp_path / "nowhere", *arguments
    )

    assert run.code == code
    assert run.err.count("error:") == 1
    assert words in run.err


def test_a_configuration_that_is_not_there_is_1(shortaxis: Any, tmp_path: Path) -> None:
    pytest.importorskip("pytorch_lightning")

    run: Run = shortaxis("train", tmp_path / "nowhere.toml", "-o", tmp_path / "run")

    assert run.code == 1
    assert "nowhere.toml" in run.err
