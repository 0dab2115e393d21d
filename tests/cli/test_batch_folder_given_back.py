"""A batch that could not begin leaves no folder that says what it is for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from shortaxis.errors import ExistingOutputError, InputNotFoundError, OutputError
from shortaxis.workflow.batch.batch_folder import claimed, made_folder
from verb_run import Run

Verb = Callable[..., Run]


def test_a_mistyped_input_leaves_nothing(tmp_path: Path, shortaxis: Verb) -> None:
    run = shortaxis("batch", tmp_path / "mistyped", "-o", tmp_path / "out")

    assert run.code == 1
    assert not (tmp_path / "out").exists()


def test_a_wrong_option_leaves_a_folder_as_it_was(tmp_path: Path, shortaxis: Verb) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "note.txt").write_text("nothing")
    (tmp_path / "out").mkdir()

    run = shortaxis("batch", tmp_path / "in", "-o", tmp_path / "out", "--workers", "0")

    assert run.code == 2
    assert list((tmp_path / "out").iterdir()) == []


def test_what_was_made_before_an_error_stays(tmp_path: Path) -> None:
    out = tmp_path / "out"

    with (
        pytest.raises(InputNotFoundError),
        made_folder(out),
        claimed(out, "options", force=False),
    ):
        (out / "studies" / "one").mkdir(parents=True)
        raise InputNotFoundError("does not exist")

    assert (tmp_path / "out" / "batch.json").is_file()
    assert (tmp_path / "out" / "studies" / "one").is_dir()


def test_an_earlier_batch_keeps_its_claim(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with claimed(out, "options", force=False):
        pass

    with pytest.raises(InputNotFoundError), claimed(out, "options", force=False):
        raise InputNotFoundError("does not exist")

    with pytest.raises(ExistingOutputError), claimed(out, "others", force=False):
        pass


def test_a_full_disk_at_the_beginning_is_told_and_leaves_nothing(tmp_path: Path) -> None:
    out = tmp_path / "out"

    with (
        pytest.raises(OutputError) as caught,
        made_folder(out),
        claimed(out, "options", force=False),
    ):
        raise OSError(28, "No space left on device")

    assert caught.value.path == str(out)
    assert caught.value.found == "No space left on device"
    assert not out.exists()
