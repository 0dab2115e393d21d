"""What is written can be read by its owner alone."""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from shortaxis.files.folder_lock import locked_folder
from shortaxis.files.plain_json import write_json
from shortaxis.files.privacy import GROUP_READS, private_folder
from shortaxis.files.sqlite_file import SqliteFile
from shortaxis.files.staged_folder import staged_folder
from shortaxis.files.whole_files import publish, write_whole, written_whole


@pytest.fixture(autouse=True)
def open_hand() -> Iterator[None]:
    """A user whose new files everybody may read and write."""
    before = os.umask(0)
    yield
    os.umask(before)


def modes(folder: Path) -> dict[str, int]:
    return {
        path.relative_to(folder).as_posix(): stat.S_IMODE(path.lstat().st_mode)
        for path in folder.rglob("*")
    }


def write_everything(folder: Path) -> None:
    """Something by every way that there is."""
    write_whole(folder / "whole", "text")
    write_json(folder / "values.json", {})
    with written_whole(folder / "one-folder") as partial:
        (partial / "inside").mkdir(parents=True)
        (partial / "inside" / "deep").write_text("text")
    with staged_folder(folder / "staged") as staging:
        (staging / "a").write_text("text")
    with staged_folder(folder / "staged", {"a"}) as staging:
        (staging / "below").mkdir()
        (staging / "below" / "b").write_text("text")
    private_folder(folder / "made" / "here")
    (folder / "unfinished").mkdir()
    (folder / "unfinished" / "c").write_text("text")
    publish(folder / "unfinished", folder / "published")
    with SqliteFile(folder / "rows.sqlite", 1, "CREATE TABLE a (b)", "file", True).change() as rows:
        rows.execute("INSERT INTO a VALUES (1)")


@pytest.mark.parametrize(
    ("group", "file", "inner"), [("", 0o600, 0o700), ("1", 0o640, 0o750), ("yes", 0o600, 0o700)]
)
def test_whatever_is_written_other_users_cannot_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, group: str, file: int, inner: int
) -> None:
    monkeypatch.setenv(GROUP_READS, group)

    write_everything(tmp_path)

    found = modes(tmp_path)
    folders = {name for name in found if (tmp_path / name).is_dir()}
    assert {"staged/below", "one-folder/inside", "made", "published"} <= folders
    assert {name: mode for name, mode in found.items() if name in folders and mode != inner} == {}
    rest = {name: mode for name, mode in found.items() if name not in folders}
    assert {"rows.sqlite", "rows.sqlite-wal", "staged/below/b", "published/c"} <= set(rest)
    assert {name: mode for name, mode in rest.items() if mode != file} == {}


def test_nobody_reads_what_is_still_being_written(tmp_path: Path) -> None:
    with staged_folder(tmp_path / "out") as staging:
        assert stat.S_IMODE(staging.stat().st_mode) == 0o700
    with locked_folder(tmp_path, "lock", "another run"):
        assert modes(tmp_path)["lock"] == 0o600


def test_a_secret_is_kept_from_the_group_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(GROUP_READS, "1")

    write_whole(tmp_path / "secret", "text", owner_alone=True)

    assert modes(tmp_path) == {"secret": 0o600}


def test_a_database_of_an_earlier_version_is_closed_to_others(tmp_path: Path) -> None:
    path = tmp_path / "rows.sqlite"
    sqlite3.connect(path).close()
    path.chmod(0o644)

    SqliteFile(path, 1, "CREATE TABLE a (b)", "file").close()

    assert modes(tmp_path) == {"rows.sqlite": 0o600}


def test_a_folder_that_is_there_keeps_its_mode_and_links_keep_their_targets(
    tmp_path: Path,
) -> None:
    (tmp_path / "mine").mkdir(mode=0o755)
    (tmp_path / "target").write_text("text")
    (tmp_path / "target").chmod(0o644)

    with staged_folder(tmp_path / "mine") as staging:
        (staging / "link").symlink_to(tmp_path / "target")

    assert modes(tmp_path)["mine"] == 0o755
    assert modes(tmp_path)["target"] == 0o644
