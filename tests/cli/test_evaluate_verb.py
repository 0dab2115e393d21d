"""The verb ``evaluate`` from the outside: files, messages, exit codes, benchmarks by name."""

from __future__ import annotations

import json
import os
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import matplotlib.image
import pytest

from evaluation_scenes import write_cohort, write_pose
from shortaxis.cli.benchmark_cohorts import find_or_make_cohort
from shortaxis.evaluation.cohorts import benchmarks
from shortaxis.evaluation.cohorts.benchmarks import Benchmark, CheckState
from shortaxis.evaluation.cohorts.cohort import find_cohort, read_truth
from verb_run import Run, run_without

TEXTS = ["errors.csv", "evaluation.html", "evaluation.json", "evaluation.md"]


@pytest.fixture(scope="module")
def cohort(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_cohort(tmp_path_factory.mktemp("cohorts") / "drawn", 3, empty=2)


@pytest.fixture(scope="module")
def evaluated(cohort: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An evaluation of the ellipsoid, run without torch, polars and pydicom's help."""
    out = tmp_path_factory.mktemp("evaluated") / "out"
    run = run_without("torch", ["evaluate", str(cohort), "-o", str(out), "--method", "ellipsoid"])
    assert run.returncode == 0, run.stderr
    assert not {"torch", "polars"} & set(run.stdout.splitlines()[-1].split())
    return out


def record_of(out: Path) -> dict[str, Any]:
    return json.loads((out / "evaluation.json").read_text(encoding="utf-8"))


def test_all_files_are_there_and_listed(evaluated: Path) -> None:
    record = record_of(evaluated)

    written = {
        path.relative_to(evaluated).as_posix() for path in evaluated.rglob("*") if path.is_file()
    }
    assert written == set(record["files"])
    assert sorted(name for name in written if "/" not in name) == TEXTS
    figures = {"cumulative-errors", "failures-by-group", "ellipsoid-scatter"}
    figures |= {"ellipsoid-bland-altman", "ellipsoid-worst-1"}
    assert {name for name in written if "/" in name} == {f"figures/{n}.png" for n in figures}
    for name in figures:
        picture = matplotlib.image.imread(evaluated / "figures" / f"{name}.png")
        assert picture.shape[0] > 300
        assert picture.std() > 0.02


def test_the_record_tells_what_was_done(evaluated: Path, cohort: Path) -> None:
    record = record_of(evaluated)
    overall = record["methods"]["ellipsoid"]["groups"]["all"]

    assert record["schema"] == "shortaxis/evaluation/1"
    assert record["command"] == f"shortaxis evaluate {cohort} -o {evaluated} --method ellipsoid"
    assert record["cohort"]["name"] == "drawn"
    assert record["cohort"]["checksum"]["state"] == "no benchmark"
    assert re.fullmatch("[0-9a-f]{64}", record["cohort"]["checksum"]["sha256"])
    assert (overall["exams"], overall["not_found"]) == (3, 1)
    assert overall["failures"]["hits"] == 1
    assert overall["unflagged_failures"]["hits"] == 0
    assert record["methods"]["ellipsoid"]["not_found"] == [102]
    assert overall["errors"]["roll_deg"] is None


class Links(HTMLParser):
    """What a page loads or points to."""

    def __init__(self) -> None:
        super().__init__()
        self.targets: list[str] = []
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.targets += [str(value) for name, value in attrs if name in ("src", "href")]


def test_the_page_is_one_file_that_loads_nothing(evaluated: Path) -> None:
    text = (evaluated / "evaluation.html").read_text(encoding="utf-8")
    page = Links()
    page.feed(text)

    assert "://" not in text
    assert "url(" not in text
    assert "script" not in page.tags
    assert len(page.targets) == 5
    assert all(target.startswith("data:image/png;base64,") for target in page.targets)


def test_markdown_shows_every_figure_and_a_dash_for_the_roll(evaluated: Path) -> None:
    text = (evaluated / "evaluation.md").read_text(encoding="utf-8")

    shown = re.findall(r"^!\[.*\]\((.*)\)$", text, re.M)
    assert sorted(shown) == sorted(
        name for name in record_of(evaluated)["files"] if name.startswith("figures/")
    )
    (row,) = [line for line in text.splitlines() if line.startswith("| beta (°) |")]
    assert row == "| beta (°) | – | – | – | – |"
    for line in text.splitlines():
        assert not line.startswith("|") or line.endswith("|")


def test_with_force_two_workers_replace_earlier_results_by_the_same_and_more(
    shortaxis: Any, evaluated: Path, cohort: Path, tmp_path: Path
) -> None:
    out = Path(shutil.copytree(evaluated, tmp_path / "out"))
    (out / "notes.txt").write_text("mine")
    (out / "figures" / "mine.png").write_text("mine")
    poses = tmp_path / "theirs"
    poses.mkdir()
    exams = read_truth(find_cohort(cohort)).exams
    write_pose(poses / "100.json", exams[0].pose)

    refused: Run = shortaxis("evaluate", cohort, "-o", out)
    forced: Run = shortaxis(
        "evaluate", cohort, "-o", out, "--force", "--json", "--workers", 2,
        "--method", "ellipsoid", "--poses", poses, "--poses-name", "theirs",
    )  # fmt: skip

    assert refused.code == 1
    assert "exists already" in refused.err
    assert forced.code == 0, forced.err
    record = forced.json
    assert record == record_of(out)
    assert list(record["methods"]) == ["ellipsoid", "theirs"]
    assert record["methods"]["theirs"]["no_pose"] == [101, 102]
    assert record["methods"]["theirs"]["groups"]["all"]["failures"]["hits"] == 2
    assert (out / "figures" / "theirs-worst-1.png").exists()
    for name in ("ellipsoid-scatter", "ellipsoid-bland-altman", "ellipsoid-worst-1"):
        path = f"figures/{name}.png"
        assert (out / path).read_bytes() == (evaluated / path).read_bytes()
    rows = (evaluated / "errors.csv").read_text().splitlines()
    assert (out / "errors.csv").read_text().splitlines()[: len(rows)] == rows
    assert (out / "notes.txt").read_text() == (out / "figures" / "mine.png").read_text() == "mine"
    assert not [name for name in os.listdir(out) if name.startswith(".")]


def test_the_terminal_tells_zeros_exams_without_a_pose_and_files_of_no_exam(
    shortaxis: Any, cohort: Path, tmp_path: Path
) -> None:
    poses, out = tmp_path / "theirs", tmp_path / "out"
    exams = read_truth(find_cohort(cohort)).exams
    for name in ("100.json", "9400000.json"):
        write_pose(poses / name, exams[0].pose)

    run: Run = shortaxis(
        "evaluate", cohort, "-o", out, "--method", "ellipsoid", "--poses", poses
    )  # fmt: skip

    told = "1 file of no exam in this cohort: 9400000.json"
    assert run.code == 0, run.err
    assert "poses: 3 exams, 2 without a pose: 101, 102" in run.out
    assert "accepted failures: 0 of 3 (at most 56.1 %)" in run.out
    assert run.out.count(told) == 1
    record = record_of(out)["methods"]
    assert record["poses"]["files_of_no_exam"] == ["9400000.json"]
    assert record["ellipsoid"]["files_of_no_exam"] == []
    for name in ("evaluation.md", "evaluation.html"):
        text = (out / name).read_text(encoding="utf-8")
        assert text.count(told) == 1
        assert "0 of 3 (at most 56.1 %)" in text
        assert "accepted failures" in text
        assert "unflagged" not in text.lower()


@pytest.mark.parametrize("where", ["cohort", "cohort/exams/new", "theirs", "theirs/../theirs/new"])
def test_results_are_never_written_into_the_inputs(
    shortaxis: Any, cohort: Path, where: str, tmp_path: Path
) -> None:
    shutil.copytree(cohort, tmp_path / "cohort")
    write_pose(tmp_path / "theirs/100.json", read_truth(find_cohort(cohort)).exams[0].pose)
    before = sorted(tmp_path.rglob("*"))

    run: Run = shortaxis(
        "evaluate", tmp_path / "cohort", "-o", tmp_path / where, "--force",
        "--method", "ellipsoid", "--poses", tmp_path / "theirs",
    )  # fmt: skip

    assert run.code == 1
    assert run.err.count("error:") == 1
    assert "another folder" in run.err
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize(
    ("arguments", "word", "code"),
    [
        (("--method", "nobody"), "method", 2),
        (("--workers", 0), "workers", 2),
        (("--poses", "nowhere", "--poses-name", "a/b"), "called", 2),
        (("--poses", "nowhere"), "nowhere", 1),
    ],
)
def test_bad_arguments_are_one_message(
    shortaxis: Any,
    cohort: Path,
    arguments: tuple[object, ...],
    word: str,
    code: int,
    tmp_path: Path,
) -> None:
    run = shortaxis("evaluate", cohort, "-o", tmp_path / "out", *arguments)

    assert run.code == code
    assert word in run.err
    assert run.err.lower().count("error") == 1
    assert not (tmp_path / "out").exists()


def test_a_mistyped_cohort_is_one_message(shortaxis: Any, tmp_path: Path) -> None:
    run = shortaxis("evaluate", "clinical-100", "-o", tmp_path / "out", "--json")

    assert run.code == 1
    assert run.json["errors"][0]["summary"] == "is no cohort"


@pytest.fixture
def small_benchmark(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    pytest.importorskip("torch")
    pytest.importorskip("polars")
    file = tmp_path / "checksums.json"
    file.write_text("{}")
    monkeypatch.setattr(benchmarks, "CHECKSUMS_FILE", file)
    table = {"small": Benchmark("small", "paper", 100, 2)}
    monkeypatch.setattr(benchmarks, "BENCHMARKS", table)
    monkeypatch.chdir(tmp_path)
    return file


def test_a_benchmark_is_made_where_it_is_missing_and_checked(
    shortaxis: Any, small_benchmark: Path
) -> None:
    wrong = {"exams_sha256": "0" * 64, "software_version": "0", "volumes": {}}
    small_benchmark.write_text(json.dumps({"small": wrong}))

    run: Run = shortaxis("evaluate", "small", "-o", "out")

    assert run.code == 1
    assert "are not those of small" in run.out
    record = record_of(Path("out"))
    assert record["cohort"]["checksum"]["state"] == "differs"
    assert record["command"] == "shortaxis evaluate small -o out"
    cohort = find_cohort(Path("cohorts/small"))
    right = benchmarks.sign_cohort(cohort, read_truth(cohort))
    small_benchmark.write_text(json.dumps({"small": right}))
    cohort.path_of(101).unlink()

    again = find_or_make_cohort("small", Path("cohorts"), 1, quiet=True)

    assert not again.missing
    assert benchmarks.check_cohort(again, read_truth(again)).state is CheckState.SAME


def test_the_folder_of_a_benchmark_with_another_cohort_is_refused(
    shortaxis: Any, small_benchmark: Path
) -> None:
    write_cohort(Path("cohorts/small"), 1)
    note = json.loads(Path("cohorts/small/cohort.json").read_text())
    Path("cohorts/small/cohort.json").write_text(json.dumps(note | {"first_seed": 4}))

    run: Run = shortaxis("evaluate", "small", "-o", "out")

    assert run.code == 1
    assert "another cohort" in run.err
