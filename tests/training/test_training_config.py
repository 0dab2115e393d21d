"""What a training configuration may say: every wrong value is one error that names the file."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import get_args

import pytest
from lightning_fabric.plugins.precision.precision import _PRECISION_INPUT_STR

from shortaxis.errors import OptionError
from shortaxis.reorientation.network_grid import NetworkGrid
from shortaxis.training.config import PRECISIONS, Stage, read_config
from shortaxis.training.exams import SeedRange, load_exams
from shortaxis.training.measured_exams import measured_exams
from training_scenes import write_config

SECOND_STAGE = '[[stages]]\nname = "refiner"\nblock = "refiner"'


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("first = 20", 'first = "a"', "first of a range"),
        ("first = 20", "first = 20.5", "first of a range"),
        ("first = 20", "first = -2", "first of a range"),
        ("first = 20", "first = true", "first of a range"),
        ("count = 2", "count = 0", "count of a range"),
        ("count = 2", "count = -5", "count of a range"),
        ("count = 2", f"count = {10**20}", "no training configuration"),
        ("count = 2", "count = 2, cuont = 3", "no training configuration"),
        ('preset = "paper"', 'preset = "papre"', "unknown preset"),
        ('folder = "train"', "folder = 5", "no training configuration"),
        ("batch = 4", "batch = 0", "batch"),
        ("batch = 4", "batch = -4", "batch"),
        ("batch = 4", "batch = 4.0", "batch"),
        ("batch = 4", "batch = true", "batch"),
        ("epoch_samples = 8", "epoch_samples = 0", "epoch_samples"),
        ("samples = 16", 'samples = "many"', "samples"),
        ("seed = 3", "seed = -1", "seed"),
        ("seed = 3", "seed = 4294967296", "seed"),
        ("seed = 3", 'seed = 3\nlearning_rate = "x"', "learning_rate"),
        ("seed = 3", "seed = 3\nlearning_rate = 0", "learning_rate"),
        ("seed = 3", "seed = 3\nlearning_rate = inf", "learning_rate"),
        ("seed = 3", "seed = 3\nweight_decay = -0.1", "weight_decay"),
        ("seed = 3", "seed = 3\nweight_decay = nan", "weight_decay"),
        ("seed = 3", 'seed = 3\nprecision = "fp8"', "unknown precision"),
        ("seed = 3", "seed = 3\nprecision = 32", "unknown precision"),
        ("seed = 3", "seed = 3\nhead = []", "unknown head"),
        ('name = "refiner"', 'name = "../../x"', "name of a stage"),
        ('name = "refiner"', 'name = ""', "name of a stage"),
        ('name = "refiner"', "name = 5", "name of a stage"),
        ('name = "refiner"', 'name = "weights"', "name of a stage"),
        ('name = "refiner"', 'name = "Weights"', "name of a stage"),
        ('name = "refiner"', 'name = "Localiser"', "do not follow"),
        ('name = "refiner"', 'name = "refiner"\nstart = 5', "start"),
        ('name = "refiner"', 'name = "refiner"\nstart = "localiser"', "another network"),
        (
            SECOND_STAGE,
            '[[stages]]\nname = "b"\nblock = "localiser"\nhead = "two vectors"\n'
            'start = "localiser"',
            "another network",
        ),
    ],
)
def test_a_wrong_value_is_one_error_that_names_the_file(
    tmp_path: Path, before: str, after: str, words: str
) -> None:
    path = write_config(tmp_path)
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after, 1))
    with pytest.raises(OptionError, match=words) as caught:
        read_config(path, tmp_path)
    assert "run.toml" in str(caught.value)


@pytest.mark.parametrize("name", ["train", "selection"])
def test_a_run_without_exams_is_refused(tmp_path: Path, name: str) -> None:
    path = write_config(tmp_path)
    lines = path.read_text().splitlines()
    path.write_text(
        "\n".join(f"{name} = []" if each.startswith(f"{name} =") else each for each in lines)
    )
    with pytest.raises(OptionError, match=f"no exams.*{name}"):
        read_config(path, tmp_path)


def test_a_run_without_stages_is_refused(tmp_path: Path) -> None:
    path = write_config(tmp_path)
    path.write_text(path.read_text().split("[[stages]]")[0] + "stages = []\n")
    with pytest.raises(OptionError, match="no stage"):
        read_config(path, tmp_path)


def test_precisions_are_names_that_lightning_knows() -> None:
    assert set(PRECISIONS) <= set(get_args(_PRECISION_INPUT_STR))
    assert Stage("a", "refiner", 4096).precision in PRECISIONS


# Exams are those that the configuration names


@pytest.fixture
def renamed(training_cohorts: Path, tmp_path: Path) -> Path:
    """A folder whose first exam is another one under its file name."""
    folder = tmp_path / "calib"
    shutil.copytree(training_cohorts / "calib", folder)
    shutil.copy(training_cohorts / "train/exams/0000000020.npz", folder / "exams/0007000020.npz")
    return folder


def test_an_exam_of_another_seed_under_the_file_name_is_refused(renamed: Path) -> None:
    grid = NetworkGrid(32, 6.4, level_radius_mm=64.0)
    for read in (
        lambda ranges: load_exams(ranges, grid),
        lambda ranges: list(measured_exams(None, ranges, with_measures=True)),
    ):
        with pytest.raises(OptionError, match="another exam") as caught:
            read([SeedRange(renamed, "paper", 7_000_020, 2)])
        assert "0007000020.npz" in str(caught.value)
        assert "seed 20" in str(caught.value)


def test_an_exam_of_another_preset_is_refused(training_cohorts: Path) -> None:
    grid = NetworkGrid(32, 6.4, level_radius_mm=64.0)
    with pytest.raises(OptionError, match="another exam") as caught:
        load_exams([SeedRange(training_cohorts / "train", "wide", 20, 2)], grid)
    assert "preset paper" in str(caught.value)
