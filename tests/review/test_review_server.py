"""The review server: who may ask, what it tells, and that no decision is lost."""

from __future__ import annotations

import http.client
import json
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest

pytest.importorskip("fastapi", reason="the review page needs FastAPI")
pytest.importorskip("httpx2", reason="the tests of the review page need httpx2")

from fastapi.testclient import TestClient

from repository import DEMO
from shortaxis.errors import OptionError, UnreadableFileError
from shortaxis.geometry.euler import rotation_from_angles
from shortaxis.review.app import PAGE_FOLDER, DecisionBody, create_app
from shortaxis.review.decisions import STATE_AFTER, Decision, ReviewAction, ReviewState
from shortaxis.review.sent_counts import as_steps
from shortaxis.review.serving import bound_socket
from shortaxis.review.session import ReviewSession
from shortaxis.review.store import Change, ReviewConflictError, ReviewStore
from shortaxis.review.worklist import Entry, entries_of, worklist
from shortaxis.workflow.studies.finding import find_studies

WAIT_S = 120.0
"""For what is soon over on a machine that has nothing else to do."""

TOKEN, HOST = "secret-of-the-test", "127.0.0.1:8042"
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.fixture
def studies(tmp_path: Path) -> Path:
    folder = tmp_path / "studies"
    folder.mkdir()
    for name in ("study.dcm", "rest.dcm"):
        shutil.copy(DEMO / name, folder)
    return folder


@pytest.fixture
def session(studies: Path, tmp_path: Path) -> ReviewSession:
    out = tmp_path / "out"
    out.mkdir()
    store = ReviewStore(out / "reviews.sqlite")
    return ReviewSession(entries_of(find_studies(studies)), store, out, clock=lambda: NOON)


@pytest.fixture
def client(session: ReviewSession, studies: Path) -> TestClient:
    app = create_app(session, studies, TOKEN, frozenset({HOST}))
    return TestClient(app, base_url=f"http://{HOST}/{TOKEN}/")


def first(client: TestClient) -> dict[str, Any]:
    row = client.get("api/worklist").json()[0]
    found: dict[str, Any] = client.get(f"api/studies/{row['study']}").json()
    return found


def decision(record: dict[str, Any], action: str, **more: Any) -> dict[str, Any]:
    return {"action": action, "version": record["version"], "reviewer": "A. Reader", **more}


def pose_of(record: dict[str, Any]) -> dict[str, Any]:
    automatic = record["automatic"]
    return {name: automatic[name] for name in ("center_mm", "patient_from_cardiac")}


def test_the_worklist_pairs_stress_and_rest_and_names_no_patient(
    client: TestClient, studies: Path
) -> None:
    rows = client.get("api/worklist").json()
    assert {row["condition"] for row in rows} == {"stress", "rest"}
    assert rows[0]["partner"] == rows[1]["study"]
    assert rows[1]["partner"] == rows[0]["study"]
    header = pydicom.dcmread(studies / "study.dcm", stop_before_pixels=True)
    told = json.dumps([rows, first(client)])
    for identifier in (str(header.PatientName), str(header.PatientID)):
        assert identifier
        assert identifier not in told


def test_counts_are_those_of_the_volume(client: TestClient, session: ReviewSession) -> None:
    record = first(client)
    content = client.get(f"api/studies/{record['study']}/counts").content
    volume = session.load(record["study"]).study.volume
    found = np.frombuffer(content, "<f4").reshape(record["shape"])
    np.testing.assert_array_equal(found, volume.counts)
    np.testing.assert_allclose(record["patient_from_index"], volume.patient_from_index)
    assert record["level"] > 0
    assert client.get(f"api/studies/{record['study']}/counts?gate=0").status_code == 404


def test_the_page_gets_counts_as_packed_steps(client: TestClient, session: ReviewSession) -> None:
    record = first(client)
    sent = as_steps(session.load(record["study"]).study.volume.counts)

    answer = client.get(f"api/studies/{record['study']}/counts?form=steps")

    # What they mean is looked at in test_sent_counts.
    assert answer.content == zlib.decompress(sent.body)
    assert int(answer.headers["Content-Length"]) == len(sent.body)
    assert sent.headers.items() <= {name: answer.headers[name] for name in sent.headers}.items()


def test_accepting_writes_what_reorient_writes(client: TestClient, session: ReviewSession) -> None:
    record = first(client)
    url = f"api/studies/{record['study']}/decision"
    answer = client.post(url, json=decision(record, "accept", comment="fine"))
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert (told["state"], told["version"]) == ("accepted", 1)
    folder = session.out / record["folder"]
    pose = json.loads((folder / "pose.json").read_text("utf-8"))
    assert pose["method"] == "network"
    assert pose["weights"]["sha256"]
    slices = pydicom.dcmread(folder / "short_axis.dcm")
    assert slices.Modality == "NM"
    signed = json.loads((folder / "review.json").read_text("utf-8"))
    assert (signed["action"], signed["reviewer"]) == ("accept", "A. Reader")
    assert signed["at"] == "2026-01-01T12:00:00+00:00"
    (entry,) = told["trail"]
    assert (entry["action"], entry["comment"]) == ("accept", "fine")


def test_a_correction_is_manual_and_keeps_the_automatic_pose(
    client: TestClient, session: ReviewSession
) -> None:
    record = first(client)
    url = f"api/studies/{record['study']}/decision"
    moved = pose_of(record)
    moved["center_mm"] = np.add(moved["center_mm"], [5, 0, 0]).tolist()
    told = client.post(url, json=decision(record, "correct", pose=moved)).json()
    assert told["state"] == "corrected"
    folder = session.out / record["folder"]
    pose = json.loads((folder / "pose.json").read_text("utf-8"))
    assert pose["method"] == "manual"
    np.testing.assert_allclose(pose["center_mm"], moved["center_mm"])
    signed = json.loads((folder / "review.json").read_text("utf-8"))
    assert signed["automatic_pose"]["center_mm"] == record["automatic"]["center_mm"]

    # Thought better of: the same folder is written again, and both decisions are kept.
    again = client.post(url, json=decision(told, "accept")).json()
    assert (again["state"], again["version"]) == ("accepted", 2)
    assert [each["action"] for each in again["trail"]] == ["correct", "accept"]
    pose = json.loads((folder / "pose.json").read_text("utf-8"))
    np.testing.assert_allclose(pose["center_mm"], record["automatic"]["center_mm"])


def test_the_second_of_two_windows_is_told_and_nothing_is_lost(
    client: TestClient, session: ReviewSession
) -> None:
    record = first(client)
    url = f"api/studies/{record['study']}/decision"
    codes: list[int] = []

    def decide(name: str) -> None:
        body = {**decision(record, "reject"), "reviewer": name}
        codes.append(client.post(url, json=body).status_code)

    threads = [threading.Thread(target=decide, args=(f"reader {n}",)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(codes) == [200] + [409] * 5
    told = client.post(url, json=decision(record, "accept"))
    assert told.status_code == 409
    assert "meanwhile" in told.json()["summary"]
    assert not (session.out / record["folder"]).exists()
    assert len(session.store.trail(record["study"])) == 1


def test_decisions_survive_the_server(
    client: TestClient, session: ReviewSession, studies: Path
) -> None:
    record = first(client)
    url = f"api/studies/{record['study']}/decision"
    client.post(url, json=decision(record, "comment", comment="look at the apex"))
    client.post(url, json=decision({"version": 1}, "reject"))
    again = ReviewSession(
        entries_of(find_studies(studies)), ReviewStore(session.store.path), session.out
    )
    review = again.store.review(record["study"])
    assert (review.state, review.version) == (ReviewState.REJECTED, 2)
    assert again.store.trail(record["study"])[0]["comment"] == "look at the apex"
    assert review.automatic == record["automatic"]


@pytest.mark.parametrize("action", ["reject", "reopen"])
def test_results_go_when_the_sign_off_is_taken_back(
    client: TestClient, session: ReviewSession, action: str
) -> None:
    record = first(client)
    url = f"api/studies/{record['study']}/decision"
    told = client.post(url, json=decision(record, "accept")).json()
    folder = session.out / record["folder"]
    (folder / "notes.txt").write_text("mine")
    again = client.post(url, json=decision(told, action))
    assert again.status_code == 200, again.text
    assert [path.name for path in folder.iterdir()] == ["notes.txt"]
    assert len(session.store.trail(record["study"])) == 2
    last = client.post(url, json=decision(again.json(), "accept"))
    assert last.status_code == 200, last.text
    assert (folder / "short_axis.dcm").exists()


def test_results_that_no_review_wrote_are_not_overwritten(
    client: TestClient, session: ReviewSession
) -> None:
    record = first(client)
    folder = session.out / record["folder"]
    folder.mkdir()
    (folder / "pose.json").write_text("mine")
    told = client.post(f"api/studies/{record['study']}/decision", json=decision(record, "accept"))
    assert told.status_code == 400
    assert "exists already" in told.json()["summary"]
    assert (folder / "pose.json").read_text() == "mine"
    assert session.store.review(record["study"]).version == 0


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"action": "delete"}, 422),
        ({"action": "correct"}, 400),
        ({"action": "accept", "pose": "the automatic one"}, 422),
        ({"reviewer": ""}, 422),
        ({"reviewer": "   "}, 400),
        ({"version": -1}, 422),
        ({"version": "first"}, 422),
        ({"unknown": 1}, 422),
        ({"comment": "x" * 5000}, 422),
        ({"action": "correct", "pose": {"center_mm": [0, 0], "patient_from_cardiac": []}}, 422),
    ],
)
def test_a_malformed_decision_changes_nothing(
    client: TestClient, session: ReviewSession, changes: dict[str, Any], code: int
) -> None:
    record = first(client)
    body = {**decision(record, "reject"), **changes}
    answer = client.post(f"api/studies/{record['study']}/decision", json=body)
    assert answer.status_code == code
    assert session.store.review(record["study"]).version == 0
    assert not (session.out / record["folder"]).exists()


POSE = b'{"center_mm": [%s, 0, 0], "patient_from_cardiac": [[1, 0, 0], [0, 1, 0], [0, 0, 1]]}'


@pytest.mark.parametrize(
    "more",
    [
        b'"action": "reject", "version": 0, "reviewer": "\\ud800"',
        b'"action": "reject", "version": 0, "reviewer": "A", "comment": "\\ud800"',
        b'"action": "reject", "version": 0, "reviewer": "A", "\\ud800": 1',
        b'"action": "reject", "version": NaN, "reviewer": "A"',
        b'"action": "reject", "version": ' + b"9" * 5000 + b', "reviewer": "A"',
        b'"action": "correct", "version": 0, "reviewer": "A", "pose": ' + POSE % b"NaN",
        b'"action": "correct", "version": 0, "reviewer": "A", "pose": ' + POSE % b"1e999",
        b'"action": "correct", "version": 0, "reviewer": "A", "pose": ' + POSE % b'"\\ud800"',
        b'"a": ' + b"[" * 30_000,
        b"\xff\xfe",
    ],
    ids=lambda more: more.decode("latin-1")[:60],
)
def test_what_json_or_utf8_cannot_hold_is_refused_and_not_a_failure_of_the_server(
    client: TestClient, session: ReviewSession, more: bytes
) -> None:
    record = first(client)
    answer = client.post(
        f"api/studies/{record['study']}/decision",
        content=b"{" + more + b"}",
        headers={"Content-Type": "application/json"},
    )
    assert answer.status_code in (400, 422), answer.text
    assert answer.json()["detail"]
    assert session.store.review(record["study"]).version == 0


def test_a_full_disk_is_told_and_nothing_is_decided(
    client: TestClient, session: ReviewSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = first(client)

    def full(*arguments: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(session.store, "change", full)
    url = f"api/studies/{record['study']}/decision"
    answer = client.post(url, json=decision(record, "reject"))
    assert answer.status_code == 503
    assert "full" in answer.json()["found"]
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    monkeypatch.undo()
    assert client.post(url, json=decision(record, "reject")).status_code == 200


def test_the_schema_knows_every_action() -> None:
    assert DecisionBody.model_json_schema()["$defs"]["ReviewAction"]["enum"] == list(STATE_AFTER)


@pytest.mark.parametrize("kind", ["mirrored", "outside"])
def test_a_pose_that_cannot_be_is_refused(
    client: TestClient, session: ReviewSession, kind: str
) -> None:
    record = first(client)
    pose = pose_of(record)
    if kind == "mirrored":
        pose["patient_from_cardiac"] = (
            np.array(pose["patient_from_cardiac"]) * [-1, 1, 1]
        ).tolist()
    else:
        pose["center_mm"] = [9000.0, 0.0, 0.0]
    answer = client.post(
        f"api/studies/{record['study']}/decision", json=decision(record, "correct", pose=pose)
    )
    assert answer.status_code == 400, answer.text
    assert not (session.out / record["folder"]).exists()


def test_only_who_knows_the_token_from_the_own_page_may_ask(
    client: TestClient, session: ReviewSession
) -> None:
    record = first(client)
    assert client.get(f"http://{HOST}/api/worklist").status_code == 404
    assert client.get(f"http://{HOST}/wrong/api/worklist").status_code == 404
    assert client.get("api/worklist", headers={"Host": "evil.example"}).status_code == 421
    url, body = f"api/studies/{record['study']}/decision", decision(record, "reject")
    foreign = client.post(url, json=body, headers={"Origin": "http://evil.example"})
    assert foreign.status_code == 403
    assert session.store.review(record["study"]).version == 0
    own = client.post(url, json=body, headers={"Origin": f"http://{HOST}"})
    assert own.status_code == 200
    policy = client.get("").headers["content-security-policy"]
    assert "default-src 'none'" in policy


@pytest.mark.parametrize(
    "path",
    ["page/../app.py", "page/..%2Fapp.py", "page/%2e%2e/app.py", "page/nothing.js", "../../etc"],
)
def test_nothing_but_the_page_is_served(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_too_large_a_body_is_refused(client: TestClient) -> None:
    record = first(client)
    url = f"api/studies/{record['study']}/decision"
    assert client.post(url, content=b"x" * 70_000).status_code == 413
    assert client.post(url, content=iter([b"x" * 10])).status_code == 411
    assert (
        client.post("api/studies/unknown/decision", json=decision(record, "reject")).status_code
        == 404
    )


def test_the_page_takes_nothing_from_elsewhere(client: TestClient) -> None:
    for path in PAGE_FOLDER.iterdir():
        content = path.read_text("utf-8")
        assert "http://" not in content, path.name
        assert "https://" not in content, path.name
        assert (
            client.get("" if path.name == "index.html" else f"page/{path.name}").status_code == 200
        )


def test_a_heart_that_is_not_found_is_corrected_by_hand(
    client: TestClient, session: ReviewSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    from shortaxis.errors import HeartNotFoundError
    from shortaxis.review import automatic as module

    def nothing(*arguments: object) -> None:
        raise HeartNotFoundError("no left ventricle was found")

    monkeypatch.setattr(module, "estimate_pose", nothing)
    record = first(client)
    assert "center_mm" not in record["automatic"]
    assert record["automatic"]["quality"]["flag"] == "review"
    url = f"api/studies/{record['study']}/decision"
    assert client.post(url, json=decision(record, "accept")).status_code == 400
    axes = rotation_from_angles(20, 0, 45).tolist()
    pose = {"center_mm": record["center_mm"], "patient_from_cardiac": axes}
    answer = client.post(url, json=decision(record, "correct", pose=pose))
    assert answer.status_code == 200, answer.text


def test_the_polar_map_is_that_of_the_pose(client: TestClient) -> None:
    record = first(client)
    url = f"api/studies/{record['study']}/polar-map"
    found = client.post(url, json=pose_of(record)).json()
    assert len(found["segment_uptakes"]) == 17
    assert max(found["segment_uptakes"].values()) <= 100
    assert np.array(found["uptake_percent"]).shape[1] == len(found["angles_deg"])
    is_told = any("basal segments are not sure" in note for note in found["notes"])
    assert found["base_is_sure"] is not is_told


def test_flagged_studies_come_first_with_their_partners(
    session: ReviewSession, studies: Path
) -> None:
    entries = list(session.entries.values())
    lone = Entry("lone", "03-study", entries[0].found)
    for entry, quality in (
        (entries[1], {"flag": "review", "reasons": ["x"]}),
        (entries[0], {"flag": "accept", "reasons": []}),
    ):
        session.store.take_content(entry.study, "content", "now")
        session.store.keep_automatic(entry.study, {"quality": quality}, "content", "")
    rows = worklist([lone, *entries], session.store.reviews(), studies)
    assert [row["study"] for row in rows][-1] == "lone"
    assert {row["study"] for row in rows[:2]} == {each.study for each in entries}
    done = Change(ReviewAction.ACCEPT, ReviewState.ACCEPTED, "A", "now")
    for each in entries:
        session.store.change(each.study, 0, done)
    rows = worklist([lone, *entries], session.store.reviews(), studies)
    assert rows[0]["study"] == "lone"


def test_a_change_of_an_older_version_is_refused(tmp_path: Path) -> None:
    store = ReviewStore(tmp_path / "reviews.sqlite")
    change = Change(ReviewAction.COMMENT, ReviewState.OPEN, "A", "now", "first")
    assert store.change("one", 0, change).version == 1
    with pytest.raises(ReviewConflictError, match="meanwhile"):
        store.change("one", 0, change)
    assert store.change("one", 1, change).version == 2


def test_another_file_is_no_store(tmp_path: Path) -> None:
    path = tmp_path / "reviews.sqlite"
    path.write_text("no database, but long enough to be read as one" * 40)
    with pytest.raises(UnreadableFileError, match="no store of reviews"):
        ReviewStore(path)


def test_a_port_that_is_taken_is_named() -> None:
    with bound_socket(0) as taken:
        taken.listen()
        port = taken.getsockname()[1]
        assert taken.getsockname()[0] == "127.0.0.1"
        with pytest.raises(OptionError, match=str(port)):
            bound_socket(port)


def test_what_has_no_pose_yet_is_estimated_until_the_end(session: ReviewSession) -> None:
    ended = threading.Event()
    ended.set()
    session.estimate_all(ended)
    assert not session.store.reviews()
    session.estimate_all(threading.Event())
    kept = session.store.reviews()
    assert all(each.automatic and each.automatic["method"] == "network" for each in kept.values())
    assert len(kept) == 2


@pytest.mark.parametrize("signal_number", [signal.SIGINT, signal.SIGTERM])
def test_the_verb_serves_until_interrupted(
    studies: Path, tmp_path: Path, signal_number: int
) -> None:
    command = [sys.executable, "-u", "-m", "shortaxis", "review", str(studies), "--no-browser"]
    with subprocess.Popen(
        [*command, "-o", str(tmp_path / "out")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as server:
        try:
            assert server.stdout is not None
            address = server.stdout.readline().strip()
            found = re.fullmatch(r"http://(127\.0\.0\.1:\d+)(/[\w-]{32}/)", address)
            assert found
            asked = http.client.HTTPConnection(found[1], timeout=WAIT_S)
            asked.request("GET", found[2] + "api/worklist")
            assert len(json.load(asked.getresponse())) == 2
            asked.close()
            server.send_signal(signal_number)
            _, told = server.communicate(timeout=WAIT_S)
        finally:
            server.kill()
    assert "Traceback" not in told
    assert "terminate called" not in told
    assert (tmp_path / "out" / "reviews.sqlite").exists()


def test_a_study_keeps_its_folder_when_others_come(
    studies: Path, tmp_path: Path, session: ReviewSession
) -> None:
    before = {each.study: each.folder for each in session.entries.values()}
    for study in before:
        session.decide(study, Decision(ReviewAction.ACCEPT, 0, "A. Reader"))
    other = pydicom.dcmread(studies / "rest.dcm")
    other.SeriesInstanceUID = pydicom.uid.generate_uid()
    other.SOPInstanceUID = other.file_meta.MediaStorageSOPInstanceUID = pydicom.uid.generate_uid()
    # By its name it comes first, and takes the number of another.
    other.save_as(studies / "a-new-one.dcm")
    again = ReviewSession(
        entries_of(find_studies(studies)), ReviewStore(session.store.path), session.out
    )
    after = {each.study: each.folder for each in again.entries.values()}
    assert {study: after[study] for study in before} == before
    assert len(set(after.values())) == 3
    (new,) = set(after) - set(before)
    again.decide(new, Decision(ReviewAction.ACCEPT, 0, "A. Reader"))
    for study, folder in before.items():
        signed = json.loads((session.out / folder / "pose.json").read_text("utf-8"))
        assert signed["center_mm"] == (again.store.review(study).pose or {})["center_mm"]


def test_with_watch_studies_may_come_later(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    command = [sys.executable, "-u", "-m", "shortaxis", "review", str(tmp_path / "empty")]
    with subprocess.Popen(
        [*command, "--no-browser", "--watch", "-o", str(tmp_path / "out")],
        stdout=subprocess.PIPE,
        text=True,
    ) as server:
        try:
            assert server.stdout is not None
            found = re.fullmatch(r"http://([^/]+)(/.*/)", server.stdout.readline().strip())
            assert found

            def rows() -> list[dict[str, Any]]:
                asked = http.client.HTTPConnection(found[1], timeout=WAIT_S)
                asked.request("GET", found[2] + "api/worklist")
                told: list[dict[str, Any]] = json.load(asked.getresponse())
                return told

            assert rows() == []
            shutil.copy(DEMO / "study.dcm", tmp_path / "empty")
            until(lambda: [row for row in rows() if row["flag"]])
        finally:
            server.kill()


def until(condition: Callable[[], Any], seconds: float = WAIT_S) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.2)


def test_a_folder_without_studies_starts_no_server(shortaxis: Any, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    run = shortaxis("review", tmp_path / "empty", "--no-browser", "-o", tmp_path / "out")
    assert run.code != 0
    assert "empty" in run.err
    assert not (tmp_path / "out").exists()
