"""What is on disk is whole: files, folders, JSON, and one run at a time in a folder."""

from __future__ import annotations

import json
import math
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shortaxis.errors import OutputError
from shortaxis.files.folder_lock import locked_folder
from shortaxis.files.plain_json import to_json_line, to_json_text, write_json
from shortaxis.files.staged_folder import remove_unfinished
from shortaxis.files.whole_files import publish, write_whole, written_whole

# Files and folders


@pytest.mark.parametrize("durable", [False, True])
@pytest.mark.parametrize(
    ("content", "stored"), [(b"\x00\xff\r\n", b"\x00\xff\r\n"), ("5 °\n", b"5 \xc2\xb0\n")]
)
def test_a_file_holds_what_was_given_and_is_alone(
    tmp_path: Path, content: bytes | str, stored: bytes, durable: bool
) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"earlier")

    assert write_whole(path, content, durable=durable) == path

    assert path.read_bytes() == stored
    assert os.listdir(tmp_path) == ["a.txt"]


@pytest.mark.parametrize("error", [OSError("full"), KeyboardInterrupt(), ValueError("x")])
@pytest.mark.parametrize("kind", ["file", "folder"])
def test_a_failure_leaves_what_was_there_and_nothing_else(
    tmp_path: Path, error: BaseException, kind: str
) -> None:
    path = tmp_path / "out"
    path.write_bytes(b"earlier")

    with pytest.raises(type(error)), written_whole(path) as partial:
        if kind == "folder":
            partial.mkdir()
            partial = partial / "half"
        partial.write_bytes(b"half")
        raise error

    assert os.listdir(tmp_path) == ["out"]
    assert path.read_bytes() == b"earlier"


def test_a_name_may_be_as_long_as_the_system_allows(tmp_path: Path) -> None:
    path = tmp_path / ("n" * 255)

    write_whole(path, b"content")

    assert path.read_bytes() == b"content"


def test_nothing_that_ends_like_a_result_is_seen_before_it_is_complete(tmp_path: Path) -> None:
    with written_whole(tmp_path / "1.dcm") as partial:
        partial.write_bytes(b"half")
        assert list(tmp_path.glob("*.dcm")) == []

    assert list(tmp_path.glob("*.dcm")) == [tmp_path / "1.dcm"]


def test_a_folder_takes_the_place_of_an_earlier_one(tmp_path: Path) -> None:
    path = tmp_path / "study"
    path.mkdir()
    (path / "old").write_bytes(b"")

    with written_whole(path) as partial:
        partial.mkdir()
        (partial / "new").write_bytes(b"")

    assert os.listdir(path) == ["new"]
    assert os.listdir(tmp_path) == ["study"]


def test_a_folder_that_cannot_be_replaced_stays(tmp_path: Path) -> None:
    path = tmp_path / "study"
    path.mkdir()
    (path / "old").write_bytes(b"")

    with pytest.raises(FileNotFoundError):
        publish(tmp_path / "absent", path)

    assert os.listdir(path) == ["old"]
    assert os.listdir(tmp_path) == ["study"]


def test_a_durable_file_is_synchronised_before_its_name_and_the_folder_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[int, list[str]]] = []
    synchronise = os.fsync

    def watched(handle: int) -> None:
        names = [name for name in os.listdir(tmp_path) if not name.startswith(".")]
        seen.append((os.fstat(handle).st_ino, names))
        synchronise(handle)

    monkeypatch.setattr(os, "fsync", watched)

    path = write_whole(tmp_path / "a", b"content", durable=True)

    assert seen == [(path.stat().st_ino, []), (tmp_path.stat().st_ino, ["a"])]


WRITE_AND_WAIT = """
import sys, time
from pathlib import Path
from shortaxis.files.whole_files import written_whole
with written_whole(Path(sys.argv[1])) as partial:
    partial.write_bytes(b"half")
    print("half", flush=True)
    time.sleep(60)
"""


def test_a_process_that_is_killed_leaves_no_result_and_what_it_leaves_can_be_swept(
    tmp_path: Path,
) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(b"earlier")
    with subprocess.Popen(
        [sys.executable, "-c", WRITE_AND_WAIT, str(path)], stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "half\n"
        writer.send_signal(signal.SIGKILL)

    assert path.read_bytes() == b"earlier"
    assert len(os.listdir(tmp_path)) == 2

    remove_unfinished(tmp_path)

    assert os.listdir(tmp_path) == ["a.json"]


def test_a_sweep_takes_files_and_folders_that_were_begun_and_nothing_else(tmp_path: Path) -> None:
    for name in (".partial-1", ".shortaxis-partial-2", ".shortaxis-earlier-3"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "half").write_bytes(b"")
        (tmp_path / f"{name}-file").write_bytes(b"")
    (tmp_path / ".lock").write_bytes(b"")
    (tmp_path / "partial-result").write_bytes(b"")

    remove_unfinished(tmp_path)

    assert sorted(os.listdir(tmp_path)) == [".lock", "partial-result"]


# JSON

PLAIN: Any = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


def refuse_constant(name: str) -> None:
    raise AssertionError(f"{name} is no JSON")


@given(PLAIN)
def test_plain_values_are_read_back_equal_by_a_strict_reader(values: Any) -> None:
    for text in (to_json_text(values), to_json_line(values), to_json_line(values, compact=True)):
        assert text.isascii()
        assert json.loads(text, parse_constant=refuse_constant) == values


def test_a_file_is_indented_by_two_and_ends_with_a_newline(tmp_path: Path) -> None:
    path = write_json(tmp_path / "a.json", {"camera": "5 °", "center_mm": (1.5, 2)})

    assert path.read_bytes() == (
        b'{\n  "camera": "5 \\u00b0",\n  "center_mm": [\n    1.5,\n    2\n  ]\n}\n'
    )


def test_a_line_of_a_digest_does_not_depend_on_the_order_of_the_keys() -> None:
    one, other = {"b": 1, "a": [1.5, {"d": 1, "c": 2}]}, {"a": [1.5, {"c": 2, "d": 1}], "b": 1}

    lines = {to_json_line(each, sorted_keys=True, compact=True) for each in (one, other)}

    assert lines == {'{"a":[1.5,{"c":2,"d":1}],"b":1}'}


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ({"blocks": [{"bound": math.nan}]}, "nan at blocks[0].bound"),
        ([1.0, -math.inf], "-inf at [1]"),
        (math.inf, "inf"),
        ({"error_mm": np.float64("nan")}, "nan at error_mm"),
        ({"count": np.int64(3)}, "int64 at count"),
        ({"counts": np.float32(1.5)}, "float32 at counts"),
        ({"is_flagged": np.bool_(True)}, f"{np.bool_.__name__} at is_flagged"),
        ({"center_mm": np.zeros(3)}, "ndarray at center_mm"),
        ({"path": Path("a")}, f"{type(Path()).__name__} at path"),
        ({"segments": {(1, 2): 3.0}}, "a key of type tuple at segments"),
    ],
)
def test_what_json_does_not_have_is_refused_with_its_place(
    tmp_path: Path, values: object, found: str
) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(b"earlier")

    for attempt in (to_json_text, to_json_line, lambda each: write_json(path, each)):
        with pytest.raises(OutputError, match="not plain enough") as caught:
            attempt(values)
        assert caught.value.found == found
        assert caught.value.cause

    assert path.read_bytes() == b"earlier"
    assert os.listdir(tmp_path) == ["a.json"]


# One run at a time


def test_a_second_run_is_kept_out_while_the_first_one_works(tmp_path: Path) -> None:
    with (
        locked_folder(tmp_path, ".lock", "another run"),
        pytest.raises(OutputError, match="in use") as caught,
        locked_folder(tmp_path, ".lock", "another run"),
    ):
        pass

    assert caught.value.cause == "another run"
    assert os.listdir(tmp_path) == []
    with locked_folder(tmp_path, ".lock", "another run"):
        assert os.listdir(tmp_path) == [".lock"]


LOCK_AND_WAIT = """
import sys, time
from pathlib import Path
from shortaxis.files.folder_lock import locked_folder
with locked_folder(Path(sys.argv[1]), ".lock", "x"):
    print("locked", flush=True)
    time.sleep(60)
"""


def test_a_run_that_is_killed_keeps_nobody_out(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", LOCK_AND_WAIT, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "locked\n"
        with pytest.raises(OutputError), locked_folder(tmp_path, ".lock", "x"):
            pass
        holder.send_signal(signal.SIGKILL)

    with locked_folder(tmp_path, ".lock", "x"):
        assert (tmp_path / ".lock").exists()
