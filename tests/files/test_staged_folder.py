from __future__ import annotations

import os
import resource
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from shortaxis.errors import CountsError, ExistingOutputError, OutputError
from shortaxis.files.staged_folder import refuse_existing, staged_folder


def write_two(folder: Path) -> None:
    with staged_folder(folder, {"a.txt", "b.txt", "old.txt"}) as staging:
        (staging / "a.txt").write_text("new a")
        assert not (folder / "a.txt").exists() or (folder / "a.txt").read_text() != "new a"
        (staging / "b.txt").write_text("new b")


def test_files_appear_when_all_of_them_are_complete(tmp_path: Path) -> None:
    write_two(tmp_path / "deep" / "out")

    assert sorted(os.listdir(tmp_path / "deep" / "out")) == ["a.txt", "b.txt"]
    assert os.listdir(tmp_path / "deep") == ["out"]


def test_results_of_an_earlier_run_do_not_stay_beside_new_ones(tmp_path: Path) -> None:
    (tmp_path / "old.txt").write_text("of another pose")
    (tmp_path / "a.txt").write_text("old a")
    (tmp_path / "notes.txt").write_text("the user's own")

    write_two(tmp_path)

    assert sorted(os.listdir(tmp_path)) == ["a.txt", "b.txt", "notes.txt"]
    assert (tmp_path / "a.txt").read_text() == "new a"


@pytest.mark.parametrize("error", [CountsError("no counts"), KeyboardInterrupt(), ValueError("x")])
def test_a_failure_leaves_nothing_behind(tmp_path: Path, error: BaseException) -> None:
    folder = tmp_path / "deep" / "out"

    with pytest.raises(type(error)), staged_folder(folder) as staging:
        (staging / "a.txt").write_text("half")
        raise error

    assert os.listdir(tmp_path) == []


def test_a_failure_leaves_an_earlier_result_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("old a")

    with pytest.raises(CountsError), staged_folder(tmp_path, {"a.txt"}) as staging:
        (staging / "a.txt").write_text("half")
        raise CountsError("no counts")

    assert os.listdir(tmp_path) == ["a.txt"]
    assert (tmp_path / "a.txt").read_text() == "old a"


def test_an_existing_result_is_named_before_any_work(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("old")

    with pytest.raises(ExistingOutputError) as caught:
        refuse_existing(tmp_path, {"a.txt", "b.txt"})

    assert "a.txt" in str(caught.value)
    assert "--force" in str(caught.value)


def test_a_file_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "out"
    path.write_text("a file")

    with pytest.raises(OutputError, match="not a folder"):
        refuse_existing(path, {"a.txt"})


def test_a_folder_below_a_file_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("a file")

    with pytest.raises(OutputError) as caught:
        write_two(tmp_path / "file" / "out")

    assert caught.value.cause is not None


def test_a_folder_in_the_way_leaves_every_earlier_result_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("old a")
    (tmp_path / "old.txt").write_text("old")
    (tmp_path / "b.txt").mkdir()

    with pytest.raises(OutputError, match="in the way"):
        write_two(tmp_path)

    assert sorted(os.listdir(tmp_path)) == ["a.txt", "b.txt", "old.txt"]
    assert (tmp_path / "a.txt").read_text() == "old a"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission_cannot_be_written(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)

    with pytest.raises(OutputError, match="cannot be written"):
        write_two(tmp_path / "out")


def test_a_full_disk_leaves_nothing_behind(tmp_path: Path) -> None:
    # A limit on the size of files fails in the same place as a full disk, without root.
    code = textwrap.dedent("""
        import resource, sys
        from pathlib import Path
        from shortaxis.errors import OutputError
        from shortaxis.files.staged_folder import staged_folder
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
        try:
            with staged_folder(Path(sys.argv[1])) as staging:
                (staging / "small.txt").write_bytes(b"x" * 500)
                (staging / "large.txt").write_bytes(b"x" * 5000)
        except OutputError as error:
            print(error)
    """)
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY

    run = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "out")],
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip

    assert "full disk" in run.stdout
    assert os.listdir(tmp_path) == []


def test_files_in_subfolders_are_replaced_like_others(tmp_path: Path) -> None:
    (tmp_path / "figures").mkdir()
    for name in ("old.png", "mine.png"):
        (tmp_path / "figures" / name).write_text(name)

    with staged_folder(tmp_path, {"figures/old.png"}) as staging:
        (staging / "figures").mkdir()
        (staging / "figures" / "new.png").write_text("new")
        (staging / "a.txt").write_text("a")

    assert sorted(os.listdir(tmp_path)) == ["a.txt", "figures"]
    assert sorted(os.listdir(tmp_path / "figures")) == ["mine.png", "new.png"]


def test_a_failure_while_files_appear_leaves_no_new_subfolder(tmp_path: Path) -> None:
    (tmp_path / "z.txt").mkdir()

    with pytest.raises(OutputError, match="in the way"), staged_folder(tmp_path) as staging:
        (staging / "figures").mkdir()
        (staging / "figures" / "new.png").write_text("new")
        (staging / "z.txt").write_text("z")

    assert os.listdir(tmp_path) == ["z.txt"]
