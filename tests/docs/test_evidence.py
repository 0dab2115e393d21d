"""Every stored number has a row, says what it was measured on, and is marked where it is old."""

from __future__ import annotations

import ast
import doctest
import importlib
import json
import re
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from evidence.__main__ import main
from evidence.pages import checking
from evidence.pages.blocks import BLOCKS, blocks_of, pages_with_blocks, with_results
from evidence.pages.marks import stale_mark
from evidence.recording.record import command_of, store_result
from evidence.registry import rooms, state
from evidence.registry.places import REPOSITORY, ROOMS
from evidence.registry.result import Result
from evidence.registry.rooms import hash_of, rooms_at, rooms_now
from evidence.registry.running import run_stale, stale_results
from evidence.registry.state import State, standing_of
from evidence.registry.stored import stored
from evidence.registry.table import RESULTS
from evidence.registry.weights import weights_now

MEND = "mend it with: python -m evidence pages"

PASSED_THROUGH = {"errors.py", "files", "cli"}
"""Rooms that measuring scripts use and that change no number."""


def imports_of(script: Path, seen: set[Path]) -> set[str]:
    """Modules of the package that a script and the evidence it is made of import."""
    if script in seen:
        return set()
    seen.add(script)
    found = set()
    for node in ast.walk(ast.parse(script.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = [node.module, *(f"{node.module}.{each.name}" for each in node.names)]
        elif isinstance(node, ast.Import):
            names = [each.name for each in node.names]
        else:
            continue
        for name in names:
            path = REPOSITORY / f"{name.replace('.', '/')}.py"
            if name.startswith("evidence.measuring.") and path.exists():
                found |= imports_of(path, seen)
            inside = ROOMS.parent / f"{name.replace('.', '/')}.py"
            if name.startswith("shortaxis.") and inside.exists():
                found.add(inside.relative_to(ROOMS).as_posix())
    return found


@pytest.mark.parametrize("result", RESULTS.values(), ids=list(RESULTS))
def test_a_row_names_all_rooms_that_its_script_imports(result: Result) -> None:
    imported = imports_of(result.path, set())

    covered = {*result.rooms, *PASSED_THROUGH}
    left = {each for each in imported if not any(is_inside(each, room) for room in covered)}

    assert left == set(), f"add their rooms to the row of {result.name}"


def is_inside(module: str, room: str) -> bool:
    return module == room or module.startswith(f"{room}/")


@pytest.mark.parametrize("result", RESULTS.values(), ids=list(RESULTS))
def test_a_row_names_what_exists(result: Result) -> None:
    assert result.path.exists()
    assert [room for room in result.rooms if not (ROOMS / room).exists()] == []
    assert result.question.endswith("?")
    assert result.minutes > 0
    assert result.pages


SIMULATED = [name for name, row in RESULTS.items() if row.cohorts and not row.by_hand]


@pytest.mark.parametrize("name", SIMULATED)
def test_a_record_was_measured_on_the_exams_of_its_row(name: str) -> None:
    record = stored(name)

    # A measurement of many cohorts, or of pictures alone, may leave the seed out.
    seed = None if record is None else record["seed"]
    assert seed in (None, RESULTS[name].cohorts[0].first_seed)


def test_results_registry_and_pages_agree(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check"]) == 0, capsys.readouterr().err


@pytest.mark.parametrize("page", pages_with_blocks(), ids=lambda page: page.name)
def test_a_block_is_marked_if_and_only_if_a_result_of_it_is_stale(page: Path) -> None:
    text = page.read_text(encoding="utf-8")

    for name in blocks_of(text):
        block = text.split(f"<!-- {name}: start -->")[1].split(f"<!-- {name}: end -->")[0]
        stale = [
            each for each in BLOCKS[name].results if standing_of(RESULTS[each]).state is State.STALE
        ]
        marks = [line for line in block.splitlines() if line.startswith("*Stale: ")]
        assert len(marks) == bool(stale), f"{page.name}, {name}: {MEND}"
        assert all(f"`{each}`" in marks[0] for each in stale), f"{page.name}, {name}: {MEND}"


# Rooms and their hashes.


def room(folder: Path, **files: str) -> Path:
    made = folder / "room"
    made.mkdir(parents=True)
    for name, content in files.items():
        (made / f"{name}.py").write_bytes(content.encode())
    return made


def test_a_room_has_another_hash_when_a_file_changes_appears_or_is_renamed(tmp_path: Path) -> None:
    whole = {"first": "x = 1\n", "second": "y = 2\n"}

    hashes = [
        hash_of(room(tmp_path / str(number), **files))
        for number, files in enumerate(
            [
                whole,
                dict(reversed(whole.items())),
                {name: content.replace("\n", "\r\n") for name, content in whole.items()},
                {**whole, "second": "y = 3\n"},
                {**whole, "third": ""},
                {"first": "x = 1\n", "other": "y = 2\n"},
                {"first": "x = 1\ny = 2\n", "second": ""},
            ]
        )
    ]

    assert hashes[0] == hashes[1] == hashes[2]
    assert len(set(hashes)) == 5


def test_compiled_files_do_not_count_and_a_room_that_is_gone_has_no_hash(tmp_path: Path) -> None:
    clean, used = (room(tmp_path / name, module="x = 1\n") for name in ("clean", "used"))
    (used / "__pycache__").mkdir()
    (used / "__pycache__" / "module.pyc").write_bytes(b"compiled")

    assert hash_of(clean) == hash_of(used)
    assert hash_of(tmp_path / "nothing") is None


CODE = '''x = {"ä": "#1"}  # a reason


def f() -> str:
    """What it gives.

    More.
    """
    return "a" + "0"
'''


@pytest.mark.parametrize(
    "same",
    [
        CODE.replace("a reason", "another ä"),
        CODE.replace("  # a reason", ""),
        CODE.replace("More.", "Less ä."),
        CODE.replace('    """What it gives.\n\n    More.\n    """\n', "    # nothing\n"),
        CODE.replace("\n\n\n", "\n# between\n\n"),
    ],
)
def test_comments_and_docstrings_do_not_count(tmp_path: Path, same: str) -> None:
    assert same != CODE
    assert hash_of(room(tmp_path / "a", module=same)) == hash_of(room(tmp_path / "b", module=CODE))


@pytest.mark.parametrize("pair", [("#1", "#2"), ('"0"', '"1"'), ("x =", "y ="), ("-> str", "")])
def test_what_runs_counts(tmp_path: Path, pair: tuple[str, str]) -> None:
    other = CODE.replace(*pair)
    assert hash_of(room(tmp_path / "a", module=other)) != hash_of(room(tmp_path / "b", module=CODE))


def test_weights_count_where_they_are_named_and_their_digests_nowhere(tmp_path: Path) -> None:
    hashes = []
    for digit in "12":
        reads = room(tmp_path / digit, module=f'KNOWN = {{"wall": "{64 * digit}"}}\n')
        weights = reads / "installed_weights" / "wall"
        weights.mkdir(parents=True)
        (weights / "wall.onnx").write_bytes(digit.encode())
        hashes.append((hash_of(reads), hash_of(weights)))

    assert hashes[0][0] == hashes[1][0]
    assert hashes[0][1] != hashes[1][1]


def test_a_file_that_stands_apart_counts_where_it_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rooms, "APART", {"room/beat.py"})
    first = room(tmp_path / "1", module="x = 1\n", beat="x = 1\n")
    other_beat = room(tmp_path / "2", module="x = 1\n", beat="x = 2\n")
    other_module = room(tmp_path / "3", module="x = 2\n", beat="x = 1\n")

    assert hash_of(first) == hash_of(other_beat) != hash_of(other_module)
    assert hash_of(first / "beat.py") == hash_of(other_module / "beat.py")
    assert hash_of(first / "beat.py") != hash_of(other_beat / "beat.py")


def test_what_stands_apart_is_there_and_named_by_a_result() -> None:
    for path in rooms.APART:
        assert (rooms.ROOMS / path).is_file()
        assert any(path in result.rooms for result in RESULTS.values())


def test_rooms_of_a_revision_are_those_that_were_committed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    below = tmp_path / "src" / "shortaxis"
    before = hash_of(room(below, module="x = 1\n"))
    git = ["git", "-C", str(tmp_path), "-c", "user.name=A", "-c", "user.email=a@example.org"]
    for words in (["init", "-q"], ["add", "."], ["commit", "-qm", "first"]):
        subprocess.run([*git, *words], check=True)
    (below / "room" / "module.py").write_text("x = 2\n")
    monkeypatch.setattr(rooms, "REPOSITORY", tmp_path)
    monkeypatch.setattr(rooms, "ROOMS", below)
    hash_of.cache_clear()

    assert rooms_at("HEAD", ["room", "later"]) == {"room": before}
    assert rooms_now(["room"]) != {"room": before}
    with pytest.raises(LookupError, match="git does not know 1234567"):
        rooms_at("1234567", ["room"])


# What is stored, and whether it still stands.


ROW = RESULTS["parallel_holes"]


def test_a_stored_result_tells_what_it_depends_on(
    results: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", ["altered_exams", "--count", "3"])

    path = store_result("altered_exams", {"count": 3}, seed=5)

    record = json.loads(path.read_text(encoding="utf-8"))
    assert path == results / "altered_exams.json"
    assert record["command"] == "python -m evidence run altered_exams -- --count 3"
    assert record["seed"] == 5
    assert record["rooms"] == rooms_now(RESULTS["altered_exams"].rooms)
    assert len(record["weights"]) == 64
    assert {"git_revision", "git_changed_files", "python", "processor"} < set(record)


def test_a_result_is_missing_then_fresh_then_stale(
    results: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert standing_of(ROW).state is State.MISSING

    path = store_result(ROW.name, {})
    assert standing_of(ROW).state is State.FRESH
    assert stale_mark([ROW.name]) == ""

    record = json.loads(path.read_text(encoding="utf-8"))
    record["rooms"]["camera"], record["git_revision"] = "another", "0123456789"
    path.write_text(json.dumps(record), encoding="utf-8")
    assert standing_of(ROW).state is State.STALE
    assert standing_of(ROW).reason == "changed since 0123456: camera"
    mark = "*Stale: the code has changed since `parallel_holes` (0123456) was measured.*"
    assert stale_mark([ROW.name]) == mark


def test_other_weights_make_a_result_stale_that_uses_them(
    results: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("network_limits", "parallel_holes"):
        store_result(name, {})

    monkeypatch.setattr(state, "weights_now", lambda: "other")

    assert "other weights since" in standing_of(RESULTS["network_limits"]).reason
    assert standing_of(ROW).state is State.FRESH


def test_a_result_without_rooms_is_compared_with_its_revision(
    results: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = {"git_revision": "a" * 40}
    (results / ROW.file).write_text(json.dumps(record), encoding="utf-8")

    monkeypatch.setattr(state, "read_earlier_rooms", dict)
    assert standing_of(ROW).reason == "what the rooms held at aaaaaaa is unknown"

    monkeypatch.setattr(state, "read_earlier_rooms", lambda: {"a" * 40: rooms_now(ROW.rooms)})
    assert standing_of(ROW).state is State.FRESH


def test_of_methods_beside_each_other_each_keeps_its_own_revision(results: Path) -> None:
    now = {"rooms": rooms_now(RESULTS["real_consistency"].rooms), "weights": weights_now()}
    methods = {
        "ellipsoid": {**now, "git_revision": "1" * 40, "rooms": {}},
        "network": {**now, "git_revision": "2" * 40},
    }
    content = json.dumps({**methods["network"], "methods": methods})
    (results / "real_consistency.json").write_text(content, encoding="utf-8")

    reason = standing_of(RESULTS["real_consistency"]).reason

    assert "since 1111111" in reason
    assert "2222222" not in reason


# What the check finds.


def told(*words: str) -> list[str]:
    return [fault for fault in checking.faults() if all(word in fault for word in words)]


def test_a_file_that_no_row_names_is_an_orphan(results: Path) -> None:
    (results / "old_benchmark.json").write_text("{}", encoding="utf-8")

    assert told("old_benchmark.json", "no row of the registry names it")


def test_broken_records_and_other_options_are_faults(
    results: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checking, "old_pages", lambda: iter(()))
    (results / "realism.json").write_text('{"command": ', encoding="utf-8")
    (results / "detection.json").write_text('{"command": "python x.py"}', encoding="utf-8")
    monkeypatch.setattr("sys.argv", ["parallel_holes", "--count", "2"])
    store_result("parallel_holes", {})

    assert told("realism", "is no JSON file")
    assert told("detection", "does not say seed, git_revision")
    assert told("parallel_holes", "with other options than its row has")


def test_a_page_that_was_edited_by_hand_is_a_fault_that_says_how_to_mend_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "page.md"
    text = "Limits.\n\n<!-- network limits: start -->\nby hand\n<!-- network limits: end -->\n"
    page.write_text(text, encoding="utf-8")
    monkeypatch.setattr(checking, "pages_with_blocks", lambda: [page])
    monkeypatch.setattr(checking, "REPOSITORY", tmp_path)

    assert list(checking.old_pages()) == ["page.md"]
    page.write_text(with_results(text), encoding="utf-8")
    assert list(checking.old_pages()) == []
    assert "by hand" not in page.read_text(encoding="utf-8")


def test_a_page_that_does_not_show_its_result_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    row = replace(ROW, pages=("docs/index.md", "docs/no-page.md"))
    monkeypatch.setitem(RESULTS, ROW.name, row)

    assert told("docs/index.md", "<!-- parallel holes: start -->")
    assert told("there is no docs/no-page.md")


# Running.


def test_what_is_stale_is_measured_from_the_cheapest_on_and_within_the_minutes(
    results: Path,
) -> None:
    chosen = [(result, why) for result, why in stale_results(minutes=5) if not result.real]

    minutes = [result.minutes for result, _ in chosen]
    assert minutes == sorted(minutes)
    assert sum(result.minutes for result, why in chosen if not why) <= 5
    reasons = {result.name: why for result, why in chosen}
    assert reasons["demo_study"] == ""
    assert reasons["heads"].startswith("needs the folder of")
    assert reasons["quantification"].startswith("takes 60 minutes")


def test_results_that_fail_are_counted_and_the_rest_is_measured(
    results: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured = []

    def measure(name: str) -> int:
        measured.append(name)
        return int(name == "demo_study")

    monkeypatch.setattr("evidence.registry.running.run", measure)

    assert run_stale(minutes=1.5) == 1
    assert measured[0] == "demo_study"
    assert len(measured) > 1


def test_a_measurement_is_stored_where_it_is_told_and_says_its_options(tmp_path: Path) -> None:
    kept = (REPOSITORY / "evidence" / "results" / "parallel_holes.json").read_bytes()

    code = main(["run", "parallel_holes", "--into", str(tmp_path), "--", "--count", "1"])

    record = json.loads((tmp_path / "parallel_holes.json").read_text(encoding="utf-8"))
    assert code == 0
    assert record["command"] == "python -m evidence run parallel_holes -- --count 1"
    assert record["count"] == 1
    assert (REPOSITORY / "evidence" / "results" / "parallel_holes.json").read_bytes() == kept


def test_options_of_the_row_need_not_be_written() -> None:
    row = RESULTS["realism"]

    assert command_of("realism", row.options) == "python -m evidence run realism"
    assert command_of("realism", ["--count", "3"]) == "python -m evidence run realism -- --count 3"


def test_a_command_does_not_say_where_files_lay() -> None:
    options = ["--count", "3", "--cohorts", "/somewhere/else", "--data=/there"]

    assert command_of("realism", options) == "python -m evidence run realism -- --count 3"
    for path in (REPOSITORY / "evidence" / "results").glob("*.json"):
        stored = json.loads(path.read_text(encoding="utf-8")).get("command", "")
        assert not re.search(r"\s/", stored), path.name


def test_a_name_or_stale_must_be_given(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run"]) == main(["run", "realism", "--stale"]) == 2
    assert "name one result, or ask for --stale" in capsys.readouterr().err


def test_the_list_names_every_result_its_state_and_what_has_changed(
    results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store_result("parallel_holes", {})

    assert main(["list"]) == 0

    lines = capsys.readouterr().out.splitlines()
    states = {line.split()[0]: line.split()[1] for line in lines if line[:1].strip()}
    assert states["parallel_holes"] == "fresh"
    assert states["realism"] == "missing"
    assert set(RESULTS) < set(states)
    assert any("(realism.json is not stored)" in line for line in lines)


@pytest.mark.parametrize(
    "module",
    [
        "evidence.measuring.polar_maps.change_floor",
        "evidence.measuring.robustness.paired_loss",
        "evidence.pages.origins",
        "evidence.pages.rendering",
        "evidence.recording.aims",
    ],
)
def test_the_examples_of_docstrings_hold(module: str) -> None:
    found = doctest.testmod(importlib.import_module(module))

    assert found.attempted > 0
    assert found.failed == 0
