"""A change of code that gives the same answers leaves results fresh, and nothing else does."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from evidence.measuring.pose import same_answers
from evidence.pages.marks import proven_mark, stale_mark
from evidence.recording.record import store_result
from evidence.registry import certificates
from evidence.registry.certificates import CARRIED, LEAST, NAME
from evidence.registry.places import REPOSITORY, ROOMS
from evidence.registry.rooms import rooms_now
from evidence.registry.state import State, standing_of
from evidence.registry.table import RESULTS
from evidence.registry.weights import weights_now

ROW = RESULTS["flag_reasons"]

OLD, OLDER = "old", "older"


def rooms_with(held: str, *rooms: str) -> dict[str, str | None]:
    """All rooms as they are, but some as they once were."""
    named = {room for result in RESULTS.values() for room in result.rooms}
    return rooms_now(sorted(named)) | dict.fromkeys(rooms, held)


def certificate(before: Any, after: Any) -> dict[str, Any]:
    """One that holds."""
    kinds = {kind: {"compared": least, "same": least} for kind, least in LEAST.items()}
    return {"before": before, "after": after, "kinds": kinds, "weights": weights_now()}


def standing(results: Path, measured: Any, *stored: dict[str, Any], row: Any = ROW) -> Any:
    """Of a result that was measured with these rooms, with these certificates stored."""
    path = store_result(row.name, {"rooms": {room: measured[room] for room in row.rooms}})
    assert path.parent == results
    store_result(NAME, {"certificates": list(stored)})
    return standing_of(row)


def test_a_result_stays_fresh_where_answers_were_proven_the_same(results: Path) -> None:
    before = rooms_with(OLD, "spect", "reorientation")

    assert standing(results, before).state is State.STALE
    found = standing(results, before, certificate(before, rooms_with(OLD)))

    assert found.state is State.FRESH
    assert found.proven == sum(LEAST.values())
    assert "spect, " in found.reason
    assert "reorientation" in found.reason
    assert f"answers proven the same on {found.proven} exams" in found.reason
    assert stale_mark([ROW.name]) == ""
    assert f"`{ROW.name}`" in proven_mark([ROW.name])
    assert f"the same on {found.proven} exams" in proven_mark([ROW.name])


def test_a_result_whose_code_has_not_changed_has_no_mark(results: Path) -> None:
    found = standing(results, rooms_with(OLD), certificate(rooms_with(OLD), rooms_with(OLD)))

    assert (found.state, found.reason, found.proven) == (State.FRESH, "", 0)
    assert proven_mark([ROW.name]) == ""


def test_certificates_follow_each_other(results: Path) -> None:
    first, second = rooms_with(OLDER, "spect", "inference"), rooms_with(OLD, "spect")
    one, two = certificate(first, second), certificate(second, rooms_with(OLD))
    one["kinds"]["clinical"] = {"compared": 100, "same": 100}

    assert standing(results, first, two, one).proven == sum(LEAST.values())
    assert standing(results, first, one).state is State.STALE
    assert standing(results, first, two).state is State.STALE
    assert standing(results, second, one).state is State.STALE


def one_differs(made: dict[str, Any]) -> None:
    made["kinds"]["wide"]["same"] -= 1


def one_too_few(made: dict[str, Any]) -> None:
    made["kinds"]["real"] = dict.fromkeys(("compared", "same"), LEAST["real"] - 1)


def one_kind_missing(made: dict[str, Any]) -> None:
    del made["kinds"]["moving"]


def one_more_kind_differs(made: dict[str, Any]) -> None:
    made["kinds"]["other"] = {"compared": 2, "same": 1}


def other_weights(made: dict[str, Any]) -> None:
    made["weights"] = "other"


def another_start(made: dict[str, Any]) -> None:
    made["before"]["spect"] = OLDER


def another_end(made: dict[str, Any]) -> None:
    made["after"]["spect"] = OLDER


def a_room_of_the_result_was_not_compared(made: dict[str, Any]) -> None:
    del made["before"]["geometry"]


def another_room_beside_it(made: dict[str, Any]) -> None:
    made["before"]["geometry"] = OLDER


@pytest.mark.parametrize(
    "spoil",
    [
        one_differs,
        one_too_few,
        one_kind_missing,
        one_more_kind_differs,
        other_weights,
        another_start,
        another_end,
        a_room_of_the_result_was_not_compared,
        another_room_beside_it,
    ],
)
def test_nothing_is_proven_where(results: Path, spoil: Callable[[dict[str, Any]], None]) -> None:
    before = rooms_with(OLD, "spect")
    made = certificate(dict(before), rooms_with(OLD))
    assert standing(results, before, made).state is State.FRESH

    spoil(made)

    assert standing(results, before, made).state is State.STALE


@pytest.mark.parametrize("room", ["geometry", "phantom", "evaluation/scores"])
def test_rooms_that_answers_do_not_go_through_make_a_result_stale(results: Path, room: str) -> None:
    assert room not in CARRIED
    before = rooms_with(OLD, "spect", room)

    found = standing(results, before, certificate(before, rooms_with(OLD)))

    assert found.state is State.STALE


def test_costs_and_what_a_person_gives_are_not_proven_by_answers(results: Path) -> None:
    before = rooms_with(OLD, "spect")
    stored = certificate(before, rooms_with(OLD))

    for name in ("benchmark_study_ratio", "training"):
        assert standing(results, before, stored, row=RESULTS[name]).state is State.STALE
    assert not RESULTS[NAME].follows_from_answers
    assert not replace(ROW, costs=True).follows_from_answers
    assert not replace(ROW, by_hand="a person").follows_from_answers


COSTS = ("speed", "survival", "killed_node", "strangers")


@pytest.mark.parametrize("result", RESULTS.values(), ids=list(RESULTS))
def test_whatever_measures_costs_says_so(result: Any) -> None:
    if any(word in result.script for word in COSTS):
        assert result.costs


def test_other_weights_stay_a_reason_of_their_own(
    results: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = rooms_with(OLD, "spect")
    stored = certificate(before, rooms_with(OLD))
    path = results / ROW.file
    standing(results, before, stored)
    record = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(record | {"weights": "other"}), encoding="utf-8")

    assert standing_of(ROW).state is State.STALE
    assert "other weights" in standing_of(ROW).reason


# Measuring.


@pytest.fixture
def earlier(tmp_path: Path) -> Path:
    """A copy of the sources that a test may change."""
    folder = tmp_path / "src"
    shutil.copytree(ROOMS.parent, folder, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


BUNDLED = {"case": [f"file:{REPOSITORY / 'demo' / 'study.dcm'}"]}


def test_sources_that_answer_alike_are_the_same(earlier: Path) -> None:
    counted, differing = same_answers.compared((earlier, ROOMS.parent), BUNDLED)

    assert counted == {"case": {"compared": 1, "same": 1}}
    assert differing == []


def change(earlier: Path, file: str, old: str, new: str) -> None:
    path = earlier / "shortaxis" / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_another_answer_is_told(earlier: Path) -> None:
    change(earlier, "reorientation/averaged_voxels.py", "SMALL_MM = 2.0", "SMALL_MM = 9.0")
    change(earlier, "reorientation/averaged_voxels.py", "LARGEST_MM = 4.0", "LARGEST_MM = 14.0")

    counted, differing = same_answers.compared((earlier, ROOMS.parent), BUNDLED)

    assert counted == {"case": {"compared": 1, "same": 0}}
    assert len(differing) == 1
    assert differing[0].startswith("study.dcm: /studies/studies/01-stress/")


def test_sources_that_give_no_answer_are_an_error(earlier: Path) -> None:
    change(earlier, "geometry/grids.py", "__all__", "raise RuntimeError\n\n__all__")

    with pytest.raises(RuntimeError, match="before it had answered"):
        same_answers.compared((earlier, ROOMS.parent), BUNDLED)


def test_the_last_digit_counts() -> None:
    first = {"pose": [1.0, {"axis": 0.1 + 0.2}], "flag": "accept"}

    assert same_answers.differences(first, json.loads(json.dumps(first))) == []
    assert same_answers.differences(first, {**first, "pose": [1.0, {"axis": 0.3}]}) == ["/pose"]
    assert same_answers.differences(first, {**first, "flag": "review"}) == ["/flag"]
    assert same_answers.differences(first, {"pose": first["pose"]}) == ["/flag"]
    assert same_answers.differences({"x": 0.0}, {"x": -0.0}) == ["/x"]


def test_a_run_in_which_anything_differs_stores_nothing(
    results: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["same_answers", "--since", "HEAD"])
    monkeypatch.setattr(same_answers, "cases_of", lambda *_: BUNDLED)
    found = {"case": {"compared": 1, "same": 0}}
    monkeypatch.setattr(same_answers, "compared", lambda *_: (found, ["study.dcm: pose"]))

    assert same_answers.main() == 1

    assert list(results.iterdir()) == []
    assert "study.dcm: pose" in capsys.readouterr().err


def test_a_run_in_which_all_is_the_same_is_added_to_those_before(
    results: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", ["same_answers", "--since", "HEAD"])
    monkeypatch.setattr(same_answers, "cases_of", lambda *_: BUNDLED)
    found = {kind: {"compared": least, "same": least} for kind, least in LEAST.items()}
    monkeypatch.setattr(same_answers, "compared", lambda *_: (found, []))
    kept = certificate(rooms_with(OLDER, "spect"), rooms_with(OLD, "spect"))
    store_result(NAME, {"certificates": [kept]})

    assert same_answers.main() == 0

    record = json.loads((results / f"{NAME}.json").read_text(encoding="utf-8"))
    assert record["certificates"][0] == kept
    added = record["certificates"][1]
    assert added["kinds"] == found
    assert added["after"] == rooms_with(OLD)
    assert certificates.holds(added["kinds"])
