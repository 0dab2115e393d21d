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

from evaluation_scenes import write_cohort
from shortaxis.evaluation import benchmarks
from shortaxis.evaluation.benchmarks import Benchmark
from test_evaluation_cohorts import write_pose
from test_reorient_verb import Run, shortaxis
from test_simulate_verb import run_without

__all__ = ["shortaxis"]

TEXTS = ["errors.csv", "evaluation.html", "evaluation.json", "evaluation.md"]


@pytest.fixture(scope="module")
def cohort(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_cohort(tmp_path_factory.mktemp("cohorts") / "drawn", 3, empty=2)


@pytest.fixture(scope="module")
def evaluated(cohort: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An evaluation of the ellipsoid, run without torch, polars and pydicom's help."""
    out = tmp_path_factory.mktemp("evaluated") / "out"
    run = run_without("torch", ["evaluate", str(cohort), "-o", str(out)])
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
    assert record["command"] == f"shortaxis evaluate {cohort} -o {evaluated}"
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


def test_earlier_results_are_kept_without_force_and_replaced_with_it(
    shortaxis: Any, evaluated: Path, cohort: Path, tmp_path: Path
) -> None:
    out = Path(shutil.copytree(evaluated, tmp_path / "out"))
    (out / "notes.txt").write_text("mine")
    (out / "figures" / "mine.png").write_text("mine")
    poses = tmp_path / "theirs"
    poses.mkdir()
    truth = json.loads((evaluated / "evaluation.json").read_text())  # any valid pose will do
    assert truth
    from shortaxis.evaluation.cohorts import find_cohort, read_truth

    exams = read_truth(find_cohort(cohort)).exams
    write_pose(poses / "100.json", exams[0].pose)

    refused: Run = shortaxis("evaluate", cohort, "-o", out)
    forced: Run = shortaxis(
        "evaluate", cohort, "-o", out, "--force", "--json", "--method", "ellipsoid",
        "--poses", poses, "--poses-name", "theirs",
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
    assert (out / "notes.txt").read_text() == (out / "figures" / "mine.png").read_text() == "mine"
    assert not [name for name in os.listdir(out) if name.startswith(".")]


def test_a_repeated_run_gives_the_same_bytes(
    shortaxis: Any, evaluated: Path, cohort: Path, tmp_path: Path
) -> None:
    run = shortaxis("evaluate", cohort, "-o", tmp_path / "out", "--workers", 2)

    assert run.code == 0, run.err
    for name in record_of(evaluated)["files"]:
        if not name.startswith("evaluation."):  # these tell the command
            assert (tmp_path / "out" / name).read_bytes() == (evaluated / name).read_bytes()


@pytest.mark.parametrize(
    ("arguments", "word", "code"),
    [
        (("--method", "nobody"), "method", 2),
        (("--workers", 0), "workers", 2),
        (("--poses-name", "a/b"), "called", 2),
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
    import benchmark_checksums
    from shortaxis.evaluation.cohorts import find_cohort, read_truth

    made: Run = shortaxis("evaluate", "small", "-o", "first")
    assert made.code == 0, made.err
    assert "knows no checksum" in made.out
    cohort = find_cohort(Path("cohorts/small"))
    assert len(read_truth(cohort).exams) == 2
    record = {"small": benchmarks.sign_cohort(cohort, read_truth(cohort))}
    small_benchmark.write_text(json.dumps(record))
    assert benchmark_checksums.CHECKSUMS_FILE.name == "benchmark_checksums.json"
    (cohort.path_of(101)).unlink()

    again: Run = shortaxis("evaluate", "small", "-o", "second")
    record["small"]["exams_sha256"] = "0" * 64
    small_benchmark.write_text(json.dumps(record))
    differing: Run = shortaxis("evaluate", "small", "-o", "third")

    assert again.code == 0, again.err
    assert "the checksum is as published" in again.out
    assert record_of(Path("second"))["cohort"]["checksum"]["state"] == "as published"
    assert differing.code == 1
    assert "are not those of small" in differing.out
    assert record_of(Path("third"))["cohort"]["checksum"]["state"] == "differs"


def test_the_folder_of_a_benchmark_with_another_cohort_is_refused(
    shortaxis: Any, small_benchmark: Path
) -> None:
    write_cohort(Path("cohorts/small"), 1)
    note = json.loads(Path("cohorts/small/cohort.json").read_text())
    Path("cohorts/small/cohort.json").write_text(json.dumps(note | {"first_seed": 4}))

    run: Run = shortaxis("evaluate", "small", "-o", "out")

    assert run.code == 2
    assert "another cohort" in run.err
