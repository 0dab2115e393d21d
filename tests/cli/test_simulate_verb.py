"""The verb ``simulate`` from the outside: arguments, messages, exit codes, missing packages."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pydicom
import pytest

pytest.importorskip("torch", reason="the simulation needs torch")

from shortaxis.simulation.index import require_table_library
from verb_run import run_without


def test_two_exams_are_two_folders_and_an_index(shortaxis: Any, tmp_path: Path) -> None:
    out = tmp_path / "out"

    run = shortaxis("simulate", "--preset", "paper", "--count", 2, "--seed", 6, "-o", out)

    assert run.code == 0, run.err
    assert run.out.splitlines() == ["2 exams simulated", str(out / "index.parquet")]
    assert run.err == ""
    assert sorted(os.listdir(out / "exams")) == ["0000000006", "0000000007"]
    again = shortaxis("simulate", "--preset", "paper", "--count", 2, "--seed", 6, "-o", out)
    assert again.out.splitlines()[:2] == ["2 exams were there already", "0 exams simulated"]


def test_a_simulated_exam_can_be_reoriented(shortaxis: Any, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert shortaxis("simulate", "--preset", "paper", "--count", 1, "-o", out).code == 0
    exam = out / "exams" / "0000000000"

    listed = shortaxis("info", exam)
    run = shortaxis(
        "reorient", exam / "study.dcm", "-o", tmp_path / "slices", "--pose", exam / "pose.json",
        "--roll", "anatomical",
    )  # fmt: skip

    assert listed.code == 0
    assert "stress" in listed.out
    assert run.code == 0, run.err
    written = pydicom.dcmread(tmp_path / "slices" / "short_axis.dcm")
    assert written.PatientID == "SIM-PAPER-2-0"


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("--preset", "nobody"), "preset"),
        (("--format", "jpeg"), "format"),
        (("--count", 0), "exams"),
        (("--count", -3), "exams"),
        (("--count", "many"), "count"),
        (("--seed", -1), "seed"),
        (("--seed", "1.5"), "seed"),
        (("--workers", 0), "workers"),
        (("--gates", 3), "time slots"),
        (("--gates", 64), "time slots"),
        (("--unknown",), "unknown"),
    ],
)
def test_bad_arguments_are_one_message_and_exit_code_2(
    shortaxis: Any, arguments: tuple[object, ...], word: str, tmp_path: Path
) -> None:
    run = shortaxis("simulate", "-o", tmp_path / "out", *arguments)

    assert run.code == 2
    assert word in run.err.lower()
    assert run.err.lower().count("error") == 1
    assert "Traceback" not in run.err
    assert os.listdir(tmp_path) == []


def test_a_folder_is_asked_for(shortaxis: Any) -> None:
    run = shortaxis("simulate", "--preset", "paper")

    assert run.code == 2
    assert "--out" in run.err


def test_a_foreign_folder_is_one_message_and_exit_code_1(shortaxis: Any, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")

    run = shortaxis("simulate", "-o", tmp_path)

    assert run.code == 1
    assert run.err.count("error:") == 1
    assert "not empty" in run.err


@pytest.mark.parametrize("package", ["torch", "polars"])
def test_a_missing_package_is_named_with_the_extra_before_any_exam_is_made(
    package: str, tmp_path: Path
) -> None:
    folder = tmp_path / "out"

    run = run_without(package, ["simulate", "--preset", "paper", "--count", "1", "-o", str(folder)])

    assert run.returncode == 1
    assert run.stderr.count("error:") == 1
    assert 'pip install "shortaxis[simulate]"' in run.stderr
    assert package in run.stderr
    assert "Traceback" not in run.stderr
    assert not folder.exists()


def test_a_table_library_that_is_nowhere_is_a_missing_module(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("shortaxis.simulation.index.find_spec", lambda name: None)

    with pytest.raises(ModuleNotFoundError) as caught:
        require_table_library()

    assert caught.value.name == "polars"


@pytest.mark.parametrize("arguments", [["--help"], ["simulate", "--help"], ["--version"]])
def test_help_loads_neither_torch_nor_the_table_library(arguments: list[str]) -> None:
    run = run_without("nothing", arguments)

    assert run.returncode == 0
    loaded = set(run.stdout.splitlines()[-1].split())
    assert not {"torch", "polars", "numpy", "pydicom"} & loaded


def test_reorient_runs_without_torch_and_polars(demo_study_path: Path, tmp_path: Path) -> None:
    run = run_without("torch", ["reorient", str(demo_study_path), "-o", str(tmp_path / "out")])

    assert run.returncode == 0, run.stderr
    assert not {"torch", "polars"} & set(run.stdout.splitlines()[-1].split())
