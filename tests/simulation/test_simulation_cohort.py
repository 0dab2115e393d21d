"""Cohorts on disk: resumed, shared out and refused without repeating or losing an exam."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch", reason="the simulation needs torch")
pytest.importorskip("polars", reason="the simulation needs polars")

import polars

from shortaxis.errors import (
    ExistingOutputError,
    OptionError,
    OutputError,
    UnreadableFileError,
)
from shortaxis.geometry.euler import PoseParameters, pose_from_parameters
from shortaxis.simulation.cohort import CohortRequest, CohortSummary, simulate_cohort
from shortaxis.simulation.exam_files import read_compact_exam
from shortaxis.simulation.presets import sample_scenario
from shortaxis.simulation.simulating import simulate

REQUEST = CohortRequest("paper", count=4, first_seed=10, format="dicom")
MANY = 60
"""Exams that take longer than any test waits."""

Files = dict[str, bytes]


def files_in(folder: Path) -> Files:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def cohort(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made by one uninterrupted run."""
    folder = tmp_path_factory.mktemp("cohort") / "out"
    simulate_cohort(REQUEST, folder)
    return folder


@pytest.fixture
def copied(cohort: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(cohort, tmp_path / "copied"))


def command(folder: Path, *options: object, form: str = "dicom", count: int = 4) -> list[str]:
    words = ["simulate", "--preset", "paper", "--seed", 10, "--count", count, "-o", folder]
    return [sys.executable, "-m", "shortaxis", *map(str, (*words, "--format", form, *options))]


def user_environment() -> dict[str, str]:
    """As users have it: torch takes as many threads as it likes."""
    return {name: value for name, value in os.environ.items() if "NUM_THREADS" not in name}


@contextmanager
def running(arguments: list[str]) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env=user_environment(),
        # Where these tests run in the background, Ctrl+C is ignored, and children would inherit it.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.communicate(timeout=240)


def wait_until(reached: Callable[[], Any], seconds: float = 240) -> Any:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = reached()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError("did not happen in time")


def finished(folder: Path) -> list[str]:
    exams = folder / "exams"
    names = os.listdir(exams) if exams.is_dir() else []
    return sorted(name for name in names if not name.startswith("."))


def workers_of(process: subprocess.Popen[str]) -> list[int]:
    """Processes that simulate, without the tracker of multiprocessing."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    spawned = [pid for pid in children if "spawn_main" in _command_line(pid)]
    return [int(pid) for pid in spawned]


def _command_line(pid: str) -> str:
    return Path(f"/proc/{pid}/cmdline").read_text() if Path(f"/proc/{pid}").exists() else ""


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")")[-1].split()[0] != "Z"
    except OSError:
        return False


def test_a_cohort_is_its_exams_an_index_and_a_note_of_what_it_is(cohort: Path) -> None:
    names = {f"exams/{seed:010d}" for seed in range(10, 14)}

    found = set(files_in(cohort))

    exam_files = ("study.dcm", "pose.json", "scenario.json", "truth.npz")
    assert found == {f"{name}/{file}" for name in names for file in exam_files} | {
        "cohort.json",
        "index.parquet",
    }
    note = json.loads((cohort / "cohort.json").read_text())
    assert note["schema"] == "shortaxis/cohort/1"
    assert (note["preset"], note["count"], note["first_seed"]) == ("paper", 4, 10)


def test_a_run_killed_in_the_middle_goes_on_where_it_was(cohort: Path, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    with running(command(folder, "--workers", 2, count=MANY)) as process:
        wait_until(lambda: finished(folder))
        workers = workers_of(process)
        process.send_signal(signal.SIGKILL)
        process.wait(60)
        assert len(workers) == 2
        wait_until_ended(workers)
    made_at = {name: (folder / "exams" / name).stat().st_mtime_ns for name in finished(folder)}
    there = [name for name in made_at if int(name) < 14]
    # What a run leaves that was killed while it wrote.
    (folder / "exams" / ".partial-0").mkdir(exist_ok=True)
    (folder / "exams" / ".partial-0" / "study.dcm").write_bytes(b"half")
    (folder / "exams" / ".partial-1.npz").write_bytes(b"half")
    assert there

    summary = simulate_cohort(REQUEST, folder)

    assert (summary.made, summary.found) == (4 - len(there), len(there))
    assert_same_exams(folder, cohort)
    for name, when in made_at.items():
        assert (folder / "exams" / name).stat().st_mtime_ns == when


def wait_until_ended(workers: list[int]) -> None:
    """Workers whose run was killed end too, and do not wait for work for ever."""
    try:
        wait_until(lambda: not any(map(is_alive, workers)), seconds=10)
    finally:
        for pid in filter(is_alive, workers):
            os.kill(pid, signal.SIGKILL)


def assert_same_exams(folder: Path, cohort: Path) -> None:
    """Every file of the cohort is there to the byte, and nothing half-written beside it."""
    found, wanted = files_in(folder), files_in(cohort)
    assert {name: found[name] for name in wanted} == wanted
    assert not [name for name in found if "partial" in name]


def test_two_workers_give_the_same_bytes_as_one_though_one_is_killed(
    cohort: Path, tmp_path: Path
) -> None:
    with running(command(tmp_path, "--workers", 2)) as process:
        wait_until(lambda: workers_of(process))
        os.kill(workers_of(process)[0], signal.SIGKILL)
        _, errors = process.communicate(timeout=120)

    assert (process.returncode, errors) == (0, "")
    assert files_in(tmp_path) == files_in(cohort)


@pytest.mark.parametrize(
    ("number", "code", "workers"),
    [(signal.SIGTERM, 143, 1), (signal.SIGINT, 130, 2)],
    ids=["TERM", "INT"],
)
def test_a_run_that_is_asked_to_end_leaves_whole_exams_only(
    number: signal.Signals, code: int, workers: int, tmp_path: Path
) -> None:
    with running(command(tmp_path, "--workers", workers, count=MANY)) as process:
        wait_until(lambda: finished(tmp_path))
        helpers = workers_of(process)
        # As a terminal does: everybody gets it.
        for pid in (process.pid, *helpers):
            os.kill(pid, number)
        _, errors = process.communicate(timeout=240)

    assert process.returncode == code
    assert "Traceback" not in errors
    assert len(helpers) == (workers if workers > 1 else 0)
    assert not any(map(is_alive, helpers))
    assert not [name for name in os.listdir(tmp_path / "exams") if name.startswith(".")]
    for name in finished(tmp_path):
        assert len(os.listdir(tmp_path / "exams" / name)) == 4


@pytest.mark.parametrize(
    ("other", "word"),
    [
        (CohortRequest("clinical", 4, 10), "preset"),
        (CohortRequest("paper", 4, 11), "first_seed"),
        (CohortRequest("paper", 4, 10, format="compact"), "format"),
        (CohortRequest("paper", 4, 10, time_slots=8), "time_slots"),
    ],
)
def test_another_cohort_in_the_same_folder_is_refused(
    other: CohortRequest, word: str, copied: Path, cohort: Path
) -> None:
    with pytest.raises(ExistingOutputError, match="another cohort") as caught:
        simulate_cohort(other, copied)

    assert word in str(caught.value)
    assert files_in(copied) == files_in(cohort)


@pytest.mark.parametrize("note", ["", "[]", "null", "{}", '{"preset": "paper"}'])
def test_a_damaged_note_of_the_cohort_is_another_cohort(note: str, copied: Path) -> None:
    (copied / "cohort.json").write_text(note)

    with pytest.raises(ExistingOutputError, match="another cohort"):
        simulate_cohort(REQUEST, copied)


def test_the_count_may_grow_and_only_new_exams_are_made(copied: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in (copied / "exams").iterdir()}
    steps: list[tuple[int, int]] = []

    summary = simulate_cohort(
        CohortRequest("paper", 5, 10), copied, progress=lambda *step: steps.append(step)
    )

    assert (summary.made, summary.found) == (1, 4)
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert steps == [(4, 5), (5, 5)]
    assert polars.read_parquet(summary.index)["exam_seed"].to_list() == [10, 11, 12, 13, 14]
    assert json.loads((copied / "cohort.json").read_text())["count"] == 5


def test_a_smaller_count_makes_an_index_of_what_is_there_already(copied: Path) -> None:
    summary = simulate_cohort(CohortRequest("paper", 2, 10), copied)

    assert (summary.made, summary.found) == (0, 2)
    assert polars.read_parquet(summary.index)["exam_seed"].to_list() == [10, 11]
    assert len(finished(copied)) == 4


def test_a_folder_of_other_things_is_refused_and_left_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")

    with pytest.raises(ExistingOutputError, match="not empty"):
        simulate_cohort(REQUEST, tmp_path)

    assert os.listdir(tmp_path) == ["thesis.txt"]


def test_a_file_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")

    with pytest.raises(OutputError, match="cannot be written"):
        simulate_cohort(REQUEST, tmp_path / "out")


def test_a_folder_in_use_by_another_run_is_refused(copied: Path, cohort: Path) -> None:
    with (copied / ".cohort.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(OutputError, match="in use"):
            simulate_cohort(REQUEST, copied)

    # The lock of a process that died holds nobody up.
    assert simulate_cohort(REQUEST, copied).found == 4
    assert files_in(copied) == files_in(cohort)


def test_a_lock_that_was_removed_meanwhile_is_no_lock(
    copied: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flock = fcntl.flock

    def removed_first(handle: int, operation: int) -> None:
        # The run that had the lock ends between our opening of the file and our lock.
        (copied / ".cohort.lock").unlink()
        flock(handle, operation)

    monkeypatch.setattr(fcntl, "flock", removed_first)

    with pytest.raises(OutputError, match="in use"):
        simulate_cohort(REQUEST, copied)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission_is_one_error(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)

    with pytest.raises(OutputError, match="cannot be written"):
        simulate_cohort(REQUEST, tmp_path)


def run_on_a_full_disk(limit: int, arguments: list[str]) -> subprocess.CompletedProcess[str]:
    """A limit on the size of files fails in the same place as a full disk, without root."""
    code = (
        "import resource, sys; from shortaxis.cli.main import main;"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit})); main()"
    )
    return subprocess.run(
        [sys.executable, "-c", code, *arguments[3:]],
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip


@pytest.mark.parametrize(("form", "workers"), [("dicom", 2), ("compact", 1)])
def test_a_full_disk_leaves_no_half_written_exam(form: str, workers: int, tmp_path: Path) -> None:
    folder = tmp_path / "out"

    run = run_on_a_full_disk(20_000, command(folder, "--workers", workers, form=form))

    assert run.returncode == 1
    assert run.stderr.count("error:") == 1
    assert "full disk" in run.stderr
    assert "Traceback" not in run.stderr
    assert set(files_in(folder)) == {"cohort.json"}
    assert os.listdir(folder / "exams") == []


def test_a_full_disk_at_the_index_leaves_the_exams_and_no_half_index(
    copied: Path, cohort: Path
) -> None:
    (copied / "index.parquet").unlink()

    run = run_on_a_full_disk(2_000, command(copied))

    assert run.returncode == 1
    assert run.stderr.count("error:") == 1
    assert "full disk" in run.stderr
    assert "Traceback" not in run.stderr
    wanted = files_in(cohort)
    del wanted["index.parquet"]
    assert files_in(copied) == wanted
    assert simulate_cohort(REQUEST, copied).found == 4
    assert files_in(copied) == files_in(cohort)


def test_an_exam_that_was_damaged_meanwhile_is_named(copied: Path) -> None:
    path = copied / "exams" / "0000000012" / "scenario.json"
    path.write_text("{")

    with pytest.raises(UnreadableFileError) as caught:
        simulate_cohort(REQUEST, copied)

    assert "0000000012" in str(caught.value)


def test_the_index_has_one_row_an_exam_with_its_truth(cohort: Path) -> None:
    table = polars.read_parquet(cohort / "index.parquet")

    assert table.height == 4
    for row, seed in zip(table.iter_rows(named=True), range(10, 14), strict=True):
        folder = cohort / row["path"]
        scenario = sample_scenario("paper", seed)
        exam = simulate(scenario)
        record = json.loads((folder / "pose.json").read_text())
        assert row["exam_seed"] == seed
        assert (row["patient"], row["condition"]) == (seed // 2, ("stress", "rest")[seed % 2])
        assert (row["preset"], row["time_slots"]) == ("paper", 0)
        center = [row[f"center_{name}_mm"] for name in "xyz"]
        np.testing.assert_array_equal(center, record["center_mm"])
        np.testing.assert_array_equal(center, exam.pose.center_mm)
        names = ("x_m", "y_m", "z_m", "alpha", "beta", "theta")
        parameters = PoseParameters(**{name: row[name] for name in names})
        again = pose_from_parameters(parameters, scenario.field_of_view.center_mm)
        np.testing.assert_allclose(again.matrix, exam.pose.matrix, atol=1e-9)
        assert (row["slices"], row["rows"], row["columns"]) == exam.volume.shape
        assert (row["slice_mm"], row["pixel_mm"]) == pytest.approx((6.4, 6.4))
        assert row["length_mm"] == scenario.phantom.heart.left_ventricle.length_mm
        assert {name: row[name] for name in exam.strata} == dict(exam.strata)


def test_a_compact_cohort_holds_the_exams_of_its_seeds(tmp_path: Path) -> None:
    request = CohortRequest("clinical", 2, 6, format="compact", time_slots=4)

    summary = simulate_cohort(request, tmp_path)

    table = polars.read_parquet(summary.index)
    assert table["path"].to_list() == ["exams/0000000006.npz", "exams/0000000007.npz"]
    assert table["time_slots"].to_list() == [4, 4]
    for seed, path in zip((6, 7), table["path"], strict=True):
        stored = read_compact_exam(tmp_path / path)
        assert stored.scenario == sample_scenario("clinical", seed, time_slots=4)
        assert stored.gates is not None
        assert stored.gates.shape == (4, *stored.volume.shape)


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ({"preset": "nobody"}, "preset"),
        ({"format": "jpeg"}, "format"),
        ({"count": 0}, "exams"),
        ({"first_seed": -1}, "seed"),
        ({"time_slots": 3}, "time slots"),
        ({"time_slots": 33}, "time slots"),
    ],
)
def test_a_request_that_makes_no_sense_is_refused(arguments: dict[str, Any], word: str) -> None:
    usual = {"preset": "paper", "count": 1, "first_seed": 0}

    with pytest.raises(OptionError, match=word):
        CohortRequest(**{**usual, **arguments})


def test_no_workers_are_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="workers"):
        simulate_cohort(REQUEST, tmp_path / "out", workers=0)

    assert os.listdir(tmp_path) == []


def test_a_finished_cohort_is_left_as_it_is(copied: Path, cohort: Path) -> None:
    summary: CohortSummary = simulate_cohort(REQUEST, copied, workers=2)

    assert (summary.made, summary.found) == (0, 4)
    assert files_in(copied) == files_in(cohort)
