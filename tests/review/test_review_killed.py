"""A review server that is killed while it saves: decisions and results are whole, or absent."""

from __future__ import annotations

import http.client
import json
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest

pytest.importorskip("fastapi", reason="the review page needs FastAPI")

from repository import DEMO
from shortaxis.errors import OutputError
from shortaxis.files import staged_folder
from shortaxis.files.folder_lock import locked_folder
from shortaxis.review import session as sessions
from shortaxis.review.decisions import SIGNED_OFF, STATE_AFTER, Decision, ReviewAction
from shortaxis.review.serving import LOCK_FILE
from shortaxis.review.session import ReviewSession
from shortaxis.review.store import STORE_FILE, ReviewConflictError, ReviewStore
from shortaxis.review.worklist import entries_of
from shortaxis.workflow.studies.finding import find_studies

ROUNDS, SEED = 2, 20261126
WAIT_S = 240
DRAWN = ("accept", "correct", "reject", "reopen", "correct", "accept")


@pytest.fixture
def studies(tmp_path: Path) -> Path:
    folder = tmp_path / "studies"
    folder.mkdir()
    for name in ("study.dcm", "rest.dcm"):
        shutil.copy(DEMO / name, folder)
    return folder


@contextmanager
def served(studies: Path, out: Path) -> Iterator[tuple[subprocess.Popen[str], str, str]]:
    command = [sys.executable, "-u", "-m", "shortaxis", "review", str(studies), "--no-browser"]
    with subprocess.Popen(
        [*command, "-o", str(out)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as server:
        try:
            assert server.stdout is not None
            found = re.fullmatch(r"http://([^/]+)(/[\w-]+/)", server.stdout.readline().strip())
            assert found, server.stderr and server.stderr.read()
            yield server, found[1], found[2]
        finally:
            server.kill()


def ask(host: str, method: str, path: str, body: object = None) -> tuple[int, Any]:
    connection = http.client.HTTPConnection(host, timeout=WAIT_S)
    with closing(connection):
        content = None if body is None else json.dumps(body)
        connection.request(method, path, content, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())


@dataclass
class Reviewer:
    """Decides on one study again and again, and remembers what was answered."""

    host: str
    base: str
    study: str
    draws: random.Random
    answered: list[str] = field(default_factory=list)

    def work(self) -> None:
        """Until the server is gone."""
        url = f"{self.base}api/studies/{self.study}"
        with suppress(OSError, http.client.HTTPException, ValueError):
            _, record = ask(self.host, "GET", url)
            while True:
                action = self.draws.choice(DRAWN)
                comment = f"{self.draws.getrandbits(60):x}"
                body = {
                    "action": action,
                    "version": record["version"],
                    "reviewer": "A",
                    "comment": comment,
                }
                if action == "correct":
                    center = np.add(record["automatic"]["center_mm"], self.draws.uniform(-9, 9))
                    axes = record["automatic"]["patient_from_cardiac"]
                    body["pose"] = {"center_mm": center.tolist(), "patient_from_cardiac": axes}
                code, told = ask(self.host, "POST", f"{url}/decision", body)
                assert code == 200, told
                self.answered.append(comment)
                record = told


def check_database(out: Path) -> None:
    with closing(sqlite3.connect(out / STORE_FILE)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def check_whole(out: Path, studies: Path) -> ReviewSession:
    """Store, trail and files agree, and nothing half-written lies about."""
    session = ReviewSession(entries_of(find_studies(studies)), ReviewStore(out / STORE_FILE), out)
    check_database(out)
    assert not session.store.announced()
    assert not list(out.rglob(".shortaxis-*"))
    assert not list(out.rglob(".partial-*"))
    for entry in session.entries.values():
        review, trail = session.store.review(entry.study), session.store.trail(entry.study)
        assert [each["version"] for each in trail] == list(range(1, review.version + 1))
        assert not trail or STATE_AFTER[trail[-1]["action"]] == review.state
        folder = out / entry.folder
        assert folder.exists() == (review.state in SIGNED_OFF), review.state
        if review.state not in SIGNED_OFF:
            continue
        signed = json.loads((folder / "review.json").read_text("utf-8"))
        pose = json.loads((folder / "pose.json").read_text("utf-8"))
        files = json.loads((folder / "report.json").read_text("utf-8"))["files"]
        assert review.pose is not None
        for name in ("center_mm", "patient_from_cardiac", "method"):
            assert pose[name] == review.pose[name] == trail[-1]["pose"][name]
        for name in ("action", "reviewer", "at", "comment"):
            assert signed[name] == trail[-1][name]
        assert {path.name for path in folder.iterdir()} == {*files, "review.json"}
        assert pydicom.dcmread(folder / "short_axis.dcm").pixel_array.any()
    return session


def test_what_was_answered_is_kept_and_nothing_is_half_written(
    studies: Path, tmp_path: Path
) -> None:
    out, draws = tmp_path / "out", random.Random(SEED)
    answered: dict[str, list[str]] = {}
    for _ in range(ROUNDS):
        with served(studies, out) as (server, host, base):
            _, rows = ask(host, "GET", f"{base}api/worklist")
            reviewers = [
                Reviewer(host, base, row["study"], random.Random(draws.random())) for row in rows
            ]
            threads = [threading.Thread(target=each.work) for each in reviewers]
            for thread in threads:
                thread.start()
            # Not by the clock alone: a busy machine may take long for the first decisions.
            wait_for_answers(reviewers)
            time.sleep(draws.uniform(0, 1))
            server.send_signal(signal.SIGKILL)
            for thread in threads:
                thread.join(WAIT_S)
        check_database(out)
        for each in reviewers:
            answered.setdefault(each.study, []).extend(each.answered)
    with served(studies, out) as (server, host, base):
        check_whole(out, studies)
        _, rows = ask(host, "GET", f"{base}api/worklist")
        for row in rows:
            code, told = ask(host, "POST", f"{base}api/studies/{row['study']}/decision", last(row))
            assert (code, told["version"]) == (200, row["version"] + 1), told
            answered[row["study"]].append(told["trail"][-1]["comment"])
        server.send_signal(signal.SIGTERM)
        server.communicate(timeout=WAIT_S)
    session = check_whole(out, studies)
    for row in rows:
        comments = [each["comment"] for each in session.store.trail(row["study"])]
        # One decision a kill may have been made and not answered.
        lost = [each for each in comments if each not in answered[row["study"]]]
        assert len(lost) <= ROUNDS
        assert [each for each in comments if each not in lost] == answered[row["study"]]


def wait_for_answers(reviewers: list[Reviewer]) -> None:
    end = time.monotonic() + WAIT_S
    while not all(each.answered for each in reviewers):
        assert time.monotonic() < end
        time.sleep(0.02)


def last(row: dict[str, Any]) -> dict[str, Any]:
    return {"action": "accept", "version": row["version"], "reviewer": "A", "comment": "the last"}


def decide_and_die(studies: Path, out: Path, moment: str, action: str) -> int:
    """Decide on the first study in another process, which dies at a moment; its exit code.

    A copy of this process has loaded already what a new one would load first.
    """
    with warnings.catch_warnings():
        # It starts no thread and waits for none.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        try:
            _decide(studies, out, moment, action)
            os._exit(0)
        finally:
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _decide(studies: Path, out: Path, moment: str, action: str) -> None:
    def die(*arguments: object, **more: object) -> None:
        os._exit(9)

    session = ReviewSession(entries_of(find_studies(studies)), ReviewStore(out / STORE_FILE), out)
    study = next(iter(session.entries))
    version = session.store.review(study).version
    moves = []
    kept = staged_folder._move

    def move(*arguments: Any) -> None:
        moves.append(1)
        if len(moves) == 6:
            die()
        kept(*arguments)

    if moment == "announced":
        session._settle = die
    elif moment == "amid the files":
        staged_folder._move = move
        sessions.remove_signed = die
    elif moment == "all but decided":
        session.store.change = die
    session.decide(study, Decision(ReviewAction(action), version, "A", "the last one"))


@pytest.mark.parametrize(
    ("moment", "action"),
    [
        ("announced", "accept"),
        ("amid the files", "accept"),
        ("amid the files", "reject"),
        ("all but decided", "accept"),
    ],
)
def test_what_was_begun_is_finished_at_the_next_start(
    studies: Path, tmp_path: Path, moment: str, action: str
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    assert decide_and_die(studies, out, "not at all", "accept") == 0
    assert decide_and_die(studies, out, moment, action) == 9
    session = ReviewSession(entries_of(find_studies(studies)), ReviewStore(out / STORE_FILE), out)
    assert len(session.store.announced()) == 1
    session.finish_interrupted()
    check_whole(out, studies)
    study = next(iter(session.entries))
    assert session.store.review(study).version == 2
    assert session.store.trail(study)[-1]["comment"] == "the last one"


def test_a_first_decision_that_was_killed_is_not_taken_for_foreign_results(
    studies: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    assert decide_and_die(studies, out, "all but decided", "accept") == 9
    session = ReviewSession(entries_of(find_studies(studies)), ReviewStore(out / STORE_FILE), out)
    study = next(iter(session.entries))
    assert session.store.review(study).version == 0
    session.finish_interrupted()
    check_whole(out, studies)
    assert session.store.review(study).version == 1


def test_what_was_begun_on_a_study_that_comes_later_is_finished_before_it_is_decided_on(
    studies: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    assert decide_and_die(studies, out, "all but decided", "accept") == 9
    entries = entries_of(find_studies(studies))
    session = ReviewSession([], ReviewStore(out / STORE_FILE), out)
    session.finish_interrupted()
    session.take_entries(entries)
    study = entries[0].study
    with pytest.raises(ReviewConflictError, match="meanwhile"):
        session.decide(study, Decision(ReviewAction.COMMENT, 0, "B"))
    check_whole(out, studies)
    assert [each["comment"] for each in session.store.trail(study)] == ["the last one"]
    assert session.decide(study, Decision(ReviewAction.ACCEPT, 1, "B")).version == 2
    check_whole(out, studies)


def test_a_store_that_fails_once_loses_no_decision(
    studies: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    session = ReviewSession(entries_of(find_studies(studies)), ReviewStore(out / STORE_FILE), out)
    study = next(iter(session.entries))

    def full(*arguments: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(session.store, "change", full)
        with pytest.raises(sqlite3.OperationalError):
            session.decide(study, Decision(ReviewAction.ACCEPT, 0, "A"))
    with pytest.raises(ReviewConflictError, match="meanwhile"):
        session.decide(study, Decision(ReviewAction.ACCEPT, 0, "A"))
    check_whole(out, studies)
    assert session.decide(study, Decision(ReviewAction.REJECT, 1, "A")).version == 2
    check_whole(out, studies)


def test_one_server_a_folder(studies: Path, tmp_path: Path, shortaxis: Any) -> None:
    out = tmp_path / "out"
    out.mkdir()
    with locked_folder(out, LOCK_FILE, "this test"):
        run = shortaxis("review", studies, "--no-browser", "-o", out)
        with pytest.raises(OutputError, match="in use"), locked_folder(out, LOCK_FILE, "another"):
            pass
    assert run.code != 0
    assert "another shortaxis review" in run.err
