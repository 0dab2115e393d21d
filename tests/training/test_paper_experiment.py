"""An experiment: every network on every fold, each exam predicted once, nothing done twice."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from repository import REPOSITORY
from shortaxis.errors import OptionError
from shortaxis.geometry.euler import parameters_from_pose
from shortaxis.simulation.cohort import CohortRequest, simulate_cohort
from shortaxis.training.paper import cascade, pictures
from shortaxis.training.paper.experiment import (
    PARAMETERS,
    PaperExperiment,
    read_experiment,
)
from shortaxis.training.paper.methods import METHODS
from shortaxis.training.paper.predictions import read_predictions
from shortaxis.training.paper.protocol import FOLDS, PATIENTS, TEST_PATIENTS
from shortaxis.training.paper.report import write_experiment_report
from shortaxis.training.paper.running import run_experiment
from shortaxis.training.paper.stages import THREE_STAGES

LEARNING, TEST = 4_000, 8_700_000

CONFIG = """
learning = { folder = "learning", preset = "paper", first = 4000, count = 4 }
test = { folder = "test", preset = "paper", first = 8700000, count = 2 }
methods = ["cnn-stn", "cnn-stn-three-stages", "cascade", "ellipsoid"]
grid = "coarse"
folds = 2
draws = 3
width_divisor = 8
epoch_part = 0.01
seed = 7
"""


@pytest.fixture(scope="module", autouse=True)
def trainings_are_short_and_pictures_coarse() -> Iterator[None]:
    """What is learnt and how sharp a figure is does not matter here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cascade, "CASCADE_EPOCHS", 1)
        patch.setattr(pictures, "DOTS_PER_INCH", 30)
        yield


@pytest.fixture(scope="module")
def cohorts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("paper")
    for name, first, count in (("learning", LEARNING, 4), ("test", TEST, 2)):
        simulate_cohort(
            CohortRequest("paper", count, first, "compact", 0, preset_version=1), folder / name
        )
    return folder


@pytest.fixture(scope="module")
def experiment(cohorts: Path) -> PaperExperiment:
    path = cohorts / "experiment.toml"
    path.write_text(CONFIG, encoding="utf-8")
    return read_experiment(path, cohorts)


def test_every_exam_is_predicted_once_by_a_network_that_has_not_seen_it(
    experiment: PaperExperiment, tmp_path: Path
) -> None:
    told: list[tuple[int, int]] = []
    files = run_experiment(experiment, tmp_path, progress=lambda *done: told.append(done))

    assert told[-1] == (7, 7)
    folds = {path.parent.name: read_predictions(path) for path in files[:2]}
    validated = [row["seed"] for fold in folds.values() for row in fold if row["purpose"] != "test"]
    assert sorted(validated) == list(range(LEARNING, LEARNING + 4))
    for fold in folds.values():
        tested = [row["seed"] for row in fold if row["purpose"] == "test"]
        assert tested == [TEST, TEST + 1]
        # Stress and rest of a patient are on one side.
        patients = [int(row["seed"]) // 2 for row in fold if row["purpose"] == "validation"]
        assert sorted(set(patients)) == sorted(patients[::2])
    for exam in experiment.learning.exams():
        row = next(
            row for fold in folds.values() for row in fold if row["seed"] == exam.scenario.exam_seed
        )
        truth = parameters_from_pose(exam.pose, exam.volume.center_mm)
        assert row["true_x_m"] == pytest.approx(truth.x_m, abs=1e-3)
        assert row["true_theta"] == pytest.approx(truth.theta, abs=1e-3)
        assert np.isfinite(float(row["predicted_beta"]))

    before = [path.stat().st_mtime_ns for path in files]
    assert run_experiment(experiment, tmp_path, methods=["cnn-stn"]) == files[:2]
    assert [path.stat().st_mtime_ns for path in files] == before

    # From simulation to tables and figures.
    written = {path.name for path in write_experiment_report(experiment, tmp_path)}
    assert {"table1.tex", "comparisons.csv", "curves.svg", "figure4.png"} <= written
    assert {"figure5-cascade.csv", "figure6.svg", "figure7.png"} <= written
    rows = list(csv.DictReader((tmp_path / "report" / "table1.csv").open()))
    assert [(row["method"], row["purpose"]) for row in rows] == [
        (method, purpose) for purpose in ("test", "validation") for method in experiment.methods
    ]
    assert [row["folds"] for row in rows] == ["2", "2", "2", "1"] * 2


@pytest.mark.parametrize("name", ["paper-full", "paper-cpu"])
def test_experiments_of_the_repository_have_the_papers_patients(name: str) -> None:
    found = read_experiment(REPOSITORY / "configs" / f"{name}.toml", Path())
    patients = [fold.training + fold.validation for fold in found.turns()]
    assert [len(each) for each in patients] == [PATIENTS - TEST_PATIENTS] * FOLDS
    assert len(found.test.seeds) == 2 * TEST_PATIENTS
    assert set(found.methods) == set(METHODS)
    full = found.run_of("cnn-stn-three-stages")
    epochs = [full.epochs_of(stage) for stage in THREE_STAGES]
    assert epochs == ([80, 80, 40] if name == "paper-full" else [4, 4, 2])


@pytest.mark.parametrize(
    ("line", "other", "words"),
    [
        ("first = 4000, count = 4", "first = 4001, count = 4", "cut in two"),
        ("first = 4000, count = 4", "first = 8700000, count = 4", "another purpose"),
        ("first = 8700000, count = 2", "first = 4000, count = 2", "another purpose"),
        ('"cnn-stn",', '"transformer",', "method"),
        ("folds = 2", "folds = 1", "folds"),
        ("seed = 7", "sead = 7", "is no experiment"),
        ("epoch_part = 0.01", "epoch_part = 2", "part of the epochs"),
    ],
)
def test_a_wrong_experiment_is_one_error_that_names_the_file(
    tmp_path: Path, line: str, other: str, words: str
) -> None:
    path = tmp_path / "experiment.toml"
    path.write_text(CONFIG.replace(line, other), encoding="utf-8")
    with pytest.raises(OptionError, match=words) as told:
        read_experiment(path, tmp_path)
    assert "experiment.toml" in str(told.value)


def test_the_verb_runs_what_is_asked_and_names_the_files(
    shortaxis: Any, cohorts: Path, experiment: PaperExperiment, tmp_path: Path
) -> None:
    path = cohorts / "experiment.toml"
    arguments = ("experiment", "run", path, "--cohorts", cohorts, "-o", tmp_path / "out")
    run = shortaxis(*arguments, "--method", "cnn-stn")
    assert run.code == 0, run.err
    names = [str(tmp_path / "out/cnn-stn" / f"fold-{n}" / "predictions.csv") for n in (1, 2)]
    assert [line for line in run.out.splitlines() if line.endswith("predictions.csv")] == names
    wrong = shortaxis(*arguments, "--method", "cnn")
    assert wrong.code != 0
    assert "cnn-stn" in wrong.err
    assert shortaxis("experiment", "run", tmp_path / "none.toml", "-o", tmp_path).code != 0


def test_costs_of_all_methods_are_measured_side_by_side(
    shortaxis: Any, cohorts: Path, experiment: PaperExperiment, tmp_path: Path
) -> None:
    arguments = ("--cohorts", cohorts, "-o", tmp_path, "--rounds", "1", "--threads", "1")
    run = shortaxis("experiment", "time", cohorts / "experiment.toml", *arguments)
    assert run.code == 0, run.err
    record = json.loads((tmp_path / "timing.json").read_text("utf-8"))
    assert record["exams_per_epoch"] == 2 * (1 + 3)
    costs = record["methods"]
    assert list(costs) == list(experiment.methods)
    single, pair = costs["cnn-stn"], costs["cnn-stn-three-stages"]
    assert pair["parameters"] > 1.9 * single["parameters"] > 0
    for name, each in costs.items():
        assert each["prediction_s"] > 0, name
        assert (each["minutes_per_epoch"] is None) == (name == "ellipsoid")
    assert costs["ellipsoid"]["parameters"] is None


def test_a_report_is_made_of_the_predictions(shortaxis: Any, cohorts: Path, tmp_path: Path) -> None:
    config = cohorts / "experiment.toml"
    config.write_text(CONFIG, encoding="utf-8")
    out = tmp_path / "out"
    folder = out / "cnn-stn" / "fold-1"
    folder.mkdir(parents=True)
    truth = np.random.default_rng(0).normal(0, 10, (2, 6))
    lines = [
        ",".join(
            ["purpose", "seed", *(f"{k}_{n}" for k in ("true", "predicted") for n in PARAMETERS)]
        )
    ]
    for seed, values in enumerate(truth, start=TEST):
        predicted = values + np.array([3.0, 0, 0, 0, 0, 0])
        cells = [f"{value:.4f}" for value in (*values, *predicted)]
        lines.append(",".join(["test", str(seed), *cells]))
    (folder / "predictions.csv").write_text("\n".join(lines) + "\n")

    arguments = ("experiment", "report", config, "-o", out, "--cohorts", cohorts)
    (out / "report").mkdir()
    (out / "report" / "report.json").write_text('{"files": ["report.json"]}')
    kept = shortaxis(*arguments)
    assert kept.code != 0
    assert "--force" in kept.err
    run = shortaxis(*arguments, "--force")
    assert run.code == 0, run.err
    (row,) = csv.DictReader((out / "report" / "table1.csv").open())
    assert float(row["r_theta"]) == pytest.approx(1)
    assert [float(row[f"center_mm_{part}"]) for part in ("median", "95th")] == pytest.approx([3, 3])
    assert float(row["long_axis_deg_95th"]) == pytest.approx(0, abs=1e-3)
    assert "CNN+STN" in (out / "report" / "table1.md").read_text()
    listed = json.loads((out / "report" / "report.json").read_text("utf-8"))["files"]
    assert sorted(listed) == sorted(path.name for path in (out / "report").iterdir())
    assert {"table1.tex", "figure3-cnn-stn.png", "figure3-cnn-stn.svg"} <= set(listed)

    before = (out / "report" / "figure3-cnn-stn.svg").read_bytes()
    none = shortaxis("experiment", "report", config, "-o", tmp_path / "none", "--cohorts", cohorts)
    assert none.code != 0
    assert not (tmp_path / "none").exists()
    (folder / "predictions.csv").write_text("\n".join(lines[:-1]) + "\ntest,1,2\n")
    broken = shortaxis(*arguments, "--force")
    assert broken.code != 0
    assert "predictions.csv" in broken.err
    assert (out / "report" / "figure3-cnn-stn.svg").read_bytes() == before
