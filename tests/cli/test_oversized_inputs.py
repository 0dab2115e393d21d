"""What is too large for memory, or no file at all, is refused before it is read."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from evidence.measuring.robustness.oversized_files import OVERSIZED_FILES
from repository import DEMO
from shortaxis.errors import OptionError
from shortaxis.files.inputs.input_size import VARIABLE, allow_inputs, largest_input_bytes

MOST_MB = 1000
"""That a refusal may take."""


@pytest.fixture(autouse=True)
def unlimited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)


MEASURED = """
import atexit, pathlib, sys
noted = pathlib.Path(sys.argv.pop(1))
status = pathlib.Path("/proc/self/status")
atexit.register(lambda: noted.write_text(status.read_text()))
from shortaxis.cli.main import main
main()
"""
"""The command, which notes what it took. The system counts memory of the process that forked, too,
until the command begins, so it cannot be asked from outside."""


def refused(path: Path, *options: str) -> tuple[int, str, float]:
    """Exit code, error and largest memory, MB, of the command in a process of its own."""
    noted = path.parent / "status"
    run = subprocess.run(
        [
            sys.executable,
            "-c",
            MEASURED,
            noted,
            *options,
            "reorient",
            path,
            "--out",
            path.parent / "o",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    (peak,) = (line for line in noted.read_text().splitlines() if line.startswith("VmHWM"))
    return run.returncode, run.stderr, int(peak.split()[1]) / 1000


@pytest.mark.parametrize("name", ["counts_that_are_there", "deflated_elements"])
def test_a_refusal_takes_little_memory(tmp_path: Path, name: str) -> None:
    code, error, peak_mb = refused(OVERSIZED_FILES[name](tmp_path, 400))

    assert code != 0
    assert "--largest-input-mb" in error
    assert peak_mb < MOST_MB


@pytest.mark.parametrize("name", list(OVERSIZED_FILES))
def test_what_is_too_large_is_refused_with_the_option(
    tmp_path: Path, shortaxis: Any, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(VARIABLE, "5")
    path = OVERSIZED_FILES[name](tmp_path, 12)

    run = shortaxis("reorient", path, "--out", tmp_path / "out")

    assert run.code != 0
    assert path.name in run.err
    assert "--largest-input-mb" in run.err
    assert "Traceback" not in run.err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("name", list(OVERSIZED_FILES))
def test_in_a_folder_what_is_too_large_does_not_stop_the_others(
    tmp_path: Path, shortaxis: Any, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(VARIABLE, "5")
    OVERSIZED_FILES[name](tmp_path, 12)
    (tmp_path / "good.dcm").write_bytes((DEMO / "study.dcm").read_bytes())

    run = shortaxis("info", tmp_path, "--json")

    named = {Path(path).name for study in run.json["studies"] for path in study["files"]}
    assert "good.dcm" in named


@pytest.mark.parametrize("name", list(OVERSIZED_FILES))
def test_with_the_option_it_is_not_the_size_that_stops_it(
    tmp_path: Path, shortaxis: Any, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(VARIABLE, "1")
    path = OVERSIZED_FILES[name](tmp_path, 3)

    run = shortaxis("--largest-input-mb", "1000", "reorient", path, "--out", tmp_path / "out")

    assert "--largest-input-mb" not in run.err


def test_the_option_holds_for_this_process_and_what_it_starts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(VARIABLE, "1")

    allow_inputs(2.5)

    assert largest_input_bytes() == 2_500_000
    assert os.environ[VARIABLE] == "2.5"


@pytest.mark.parametrize("value", ["0", "-1", "nan", "many"])
def test_a_size_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv(VARIABLE, value)

    with pytest.raises(OptionError, match="size"):
        largest_input_bytes()


NAMES = ("entry", "entry.dcm", "entry.nii", "entry.nii.gz", "entry.hdr", "entry.img", "entry.json")

VERBS: tuple[tuple[str, ...], ...] = (
    ("info",), ("reorient", "--out", "OUT"), ("quantify", "--out", "OUT"),
    ("report", "--out", "OUT"), ("consistency", "--out", "OUT"),
)  # fmt: skip


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb[0])
@pytest.mark.parametrize("name", NAMES)
def test_a_pipe_is_not_opened(
    tmp_path: Path, shortaxis: Any, name: str, verb: tuple[str, ...]
) -> None:
    os.mkfifo(tmp_path / name)
    options = [str(tmp_path / "out") if each == "OUT" else each for each in verb[1:]]

    run = shortaxis(verb[0], tmp_path / name, *options)

    assert run.code != 0
    assert "is a pipe" in run.err


@pytest.mark.parametrize("name", NAMES)
def test_a_pipe_in_a_folder_is_listed_and_the_study_beside_it_is_found(
    tmp_path: Path, shortaxis: Any, name: str
) -> None:
    os.mkfifo(tmp_path / name)
    (tmp_path / "entry2.img").write_bytes(b"counts")
    os.mkfifo(tmp_path / "entry2.hdr")
    (tmp_path / "good.dcm").write_bytes((DEMO / "study.dcm").read_bytes())

    run = shortaxis("info", tmp_path, "--json")

    assert len(run.json["studies"]) == 1
    reasons = {Path(each["path"]).name: each["reason"] for each in run.json["skipped"]}
    assert "is a pipe" in reasons[name]


def test_a_socket_and_a_device_are_not_opened(tmp_path: Path, shortaxis: Any) -> None:
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "s.dcm"))
        assert "is a socket" in shortaxis("info", tmp_path / "s.dcm").err
    assert "is a device" in shortaxis("info", Path("/dev/zero")).err


def test_a_pose_is_not_read_from_a_pipe(tmp_path: Path, shortaxis: Any) -> None:
    os.mkfifo(tmp_path / "pose.json")

    run = shortaxis(
        "reorient", DEMO / "study.dcm", "--pose", tmp_path / "pose.json", "--out", tmp_path / "out"
    )

    assert run.code != 0
    assert "is a pipe" in run.err
