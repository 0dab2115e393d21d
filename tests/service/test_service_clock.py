"""The DICOM node by a clock of its own: nothing waits in real time."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from shortaxis.reorientation.estimate import QualityFlag
from shortaxis.service import administration
from shortaxis.service.administration import DAY_S, purge_studies
from shortaxis.service.bookkeeping.journal import Journal
from shortaxis.service.bookkeeping.records import ExamOutcome, StudyRow, StudyState
from shortaxis.service.destinations import Destination
from shortaxis.service.receiving import Arrival, Received, receive
from shortaxis.service.settings import RetryDelays
from shortaxis.service.spool import Spool, hashed_name

STARTED_S = 1_000_000.0


@dataclass
class Clock:
    """A clock that stands still until it is put forward."""

    now_s: float = STARTED_S

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    made = Spool(tmp_path / "spool")
    made.prepare()
    return made


@pytest.fixture
def journal(spool: Spool, clock: Clock) -> Journal:
    made = Journal(spool.journal, clock)
    made.add_object("object", "study", "incoming/study/object.dcm")
    return made


def taken(journal: Journal, name: str = "") -> StudyRow:
    others = {each.study for each in journal.studies() if name and each.study != name}
    found = journal.take_complete(0.0, others)
    assert found is not None
    return found


def arrive(spool: Spool, journal: Journal, study: str, name: str, content: bytes) -> Received:
    arrived = spool.arriving / uuid4().hex
    arrived.write_bytes(content)
    return receive(spool, journal, Arrival(study, name, arrived))


def test_a_study_is_complete_when_its_quiet_time_is_over(journal: Journal, clock: Clock) -> None:
    assert journal.take_complete(30.0, ()) is None

    clock.now_s += 29.9
    assert journal.take_complete(30.0, ()) is None

    clock.now_s += 0.1
    found = journal.take_complete(30.0, ())
    assert found is not None
    assert (found.first_at, found.last_at, found.state) == (
        STARTED_S,
        STARTED_S,
        StudyState.RECEIVED,
    )


def test_a_study_that_is_old_enough_is_purged_with_its_files(
    journal: Journal, spool: Spool, clock: Clock
) -> None:
    path = spool.object_path("study", "object")
    path.parent.mkdir()
    path.write_bytes(b"of a study")
    journal.finish(taken(journal), [], {})
    purged = []
    for days in (0.0, 6.9, 0.2):
        clock.now_s += DAY_S * days
        purged.append(purge_studies(journal, spool, [StudyState.DONE], 7.0, clock()))

    assert purged == [0, 0, 1]
    assert not (spool.incoming / "study").exists()
    assert journal.objects() == 0


def test_a_delivery_that_failed_waits_twice_as_long_each_time(
    journal: Journal, spool: Spool, clock: Clock
) -> None:
    pytest.importorskip("pynetdicom", reason="the DICOM node needs pynetdicom")
    from service_peers import free_port
    from shortaxis.service.sending.sender import Sender

    outcome = ExamOutcome("exam", "results/study/exam", QualityFlag.ACCEPT, (), ("object",))
    journal.finish(taken(journal), [outcome], {"exam": ["archive"]})
    nowhere = Destination("archive", "ARCHIVE", "127.0.0.1", free_port(), timeout_s=2)
    sender = Sender(nowhere, "SHORTAXIS", RetryDelays(10, 60), spool, journal, clock=clock)

    tried_at = []
    for second in range(75):
        clock.now_s = STARTED_S + second
        if sender.send_due():
            tried_at.append(second)

    assert tried_at == [0, 10, 30, 70]


def test_what_the_journal_holds_is_plain_words(journal: Journal, spool: Spool) -> None:
    outcome = ExamOutcome("exam", "folder", QualityFlag.REVIEW, ("why",), ("object",))

    state = journal.finish(taken(journal), [outcome], {"exam": ["archive"]})

    assert state is StudyState.REVIEW
    with sqlite3.connect(spool.journal) as connection:
        assert connection.execute("SELECT state FROM studies").fetchall() == [("review",)]
        assert connection.execute("SELECT state FROM deliveries").fetchall() == [("waiting",)]
        ((flag, reasons),) = connection.execute("SELECT flag, reasons FROM exams")
    assert (flag, json.loads(reasons)) == ("review", ["why"])


# A clock that is set back


def test_what_came_while_a_study_ran_is_done_though_the_clock_was_set_back(
    journal: Journal, clock: Clock
) -> None:
    study = taken(journal)
    clock.now_s -= 3600.0
    journal.add_object("late", "study", "incoming/study/late.dcm")

    state = journal.finish(study, [], {})

    assert state is StudyState.RECEIVED
    clock.now_s += 3600.0
    assert taken(journal).study == "study"


def test_what_came_while_a_study_failed_is_done_though_the_clock_was_set_back(
    journal: Journal, clock: Clock
) -> None:
    study = taken(journal)
    clock.now_s -= 3600.0
    journal.add_object("late", "study", "incoming/study/late.dcm")

    journal.fail(study, "why", again=False)

    assert [each.state for each in journal.studies()] == [StudyState.RECEIVED]


def test_a_clock_that_is_set_back_does_not_make_a_study_wait_for_it(
    journal: Journal, clock: Clock
) -> None:
    clock.now_s -= 365 * DAY_S

    assert journal.take_complete(30.0, ()) is not None


def test_studies_are_taken_in_the_order_in_which_they_came(journal: Journal, clock: Clock) -> None:
    clock.now_s -= 5.0
    journal.add_object("another", "second", "incoming/second/another.dcm")
    clock.now_s += 60.0

    assert [taken(journal).study for _ in range(2)] == ["study", "second"]


def test_a_clock_that_is_set_back_does_not_put_a_delivery_off(
    journal: Journal, clock: Clock
) -> None:
    outcome = ExamOutcome("exam", "results/study/exam", QualityFlag.ACCEPT, (), ("object",))
    journal.finish(taken(journal), [outcome], {"exam": ["archive"]})
    (delivery,) = journal.deliveries.due("archive", 1, 3600.0)
    journal.deliveries.note_failed(delivery, "no association", clock() + 3600.0)
    assert not journal.deliveries.due("archive", 1, 3600.0)

    clock.now_s -= 365 * DAY_S

    assert journal.deliveries.due("archive", 1, 3600.0)


# Purges and arrivals


def purged(journal: Journal, spool: Spool, clock: Clock) -> int:
    return purge_studies(journal, spool, tuple(StudyState), 7.0, clock())


def test_an_object_that_comes_while_its_study_is_removed_stays(
    journal: Journal, spool: Spool, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = hashed_name("study")
    arrive(spool, journal, study, hashed_name("old"), b"old")
    journal.finish(taken(journal, study), [], {})
    clock.now_s += 8 * DAY_S
    removing = administration.remove_partial

    def remove_late(away: Path) -> None:
        arrive(spool, journal, study, hashed_name("new"), b"new")
        removing(away)

    monkeypatch.setattr(administration, "remove_partial", remove_late)
    assert purged(journal, spool, clock) == 1

    assert [path.read_bytes() for path in spool.received_files()] == [b"new"]
    assert journal.known_objects().keys() >= {hashed_name("new")}


@pytest.mark.parametrize("content", [b"old", b"new"])
def test_a_study_that_is_removed_while_an_object_comes_takes_none_with_it(
    journal: Journal, spool: Spool, clock: Clock, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    """Whether it is known already, or new to the study."""
    study = hashed_name("study")
    arrive(spool, journal, study, hashed_name("old"), b"old")
    journal.finish(taken(journal, study), [], {})
    clock.now_s += 8 * DAY_S
    removed = []

    def after_a_purge(change: Any) -> Any:
        def late(*values: Any, **more: Any) -> Any:
            if not removed:
                removed.append(purged(journal, spool, clock))
            return change(*values, **more)

        return late

    for name in ("add_object", "touch"):
        monkeypatch.setattr(journal, name, after_a_purge(getattr(journal, name)))

    received = arrive(spool, journal, study, hashed_name(content.decode()), content)

    assert removed == [1]
    assert received is Received.STORED
    assert [path.read_bytes() for path in spool.received_files()] == [content]


def test_a_purge_that_fails_removes_nothing(
    journal: Journal,
    spool: Spool,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    study = hashed_name("study")
    arrive(spool, journal, study, hashed_name("old"), b"old")
    spool.results(study).mkdir()
    (spool.results(study) / "short_axis.dcm").write_bytes(b"slices")
    journal.finish(taken(journal, study), [], {})
    clock.now_s += 8 * DAY_S
    take_away = Spool.take_away

    def fails(self: Spool, name: str, away: Path) -> None:
        take_away(self, name, away)
        if name == study:
            raise OSError("no space")

    monkeypatch.setattr(Spool, "take_away", fails)
    journal.finish(taken(journal, "study"), [], {})
    clock.now_s += 8 * DAY_S

    # The other study is not held back.
    assert purged(journal, spool, clock) == 1
    assert f"{study}: not removed" in caplog.text
    assert [path.read_bytes() for path in spool.received_files()] == [b"old"]
    assert (spool.results(study) / "short_axis.dcm").read_bytes() == b"slices"
    assert study in {each.study for each in journal.studies()}


def test_a_study_that_came_again_is_kept_as_long_as_a_new_one(
    journal: Journal, spool: Spool, clock: Clock
) -> None:
    study = hashed_name("study")
    arrive(spool, journal, study, hashed_name("old"), b"old")
    journal.finish(taken(journal, study), [], {})
    clock.now_s += 8 * DAY_S

    assert arrive(spool, journal, study, hashed_name("old"), b"old") is Received.DUPLICATE

    assert purged(journal, spool, clock) == 0
    clock.now_s += 8 * DAY_S
    assert purged(journal, spool, clock) == 1


def test_only_named_studies_are_purged(journal: Journal, spool: Spool, clock: Clock) -> None:
    journal.finish(taken(journal), [], {})

    assert purge_studies(journal, spool, [StudyState.DONE], 0, clock(), ["another"]) == 0
    assert purge_studies(journal, spool, [StudyState.DONE], 0, clock(), ["study"]) == 1


def test_what_waits_is_purged_once_there_is_nothing_left_to_send(
    journal: Journal, spool: Spool, clock: Clock
) -> None:
    results = spool.results("study") / "exam"
    results.mkdir(parents=True)
    (results / "short_axis.dcm").write_bytes(b"slices")
    outcome = ExamOutcome("exam", "results/study/exam", QualityFlag.ACCEPT, (), ("object",))
    journal.finish(taken(journal), [outcome], {"exam": ["archive"]})
    clock.now_s += 8 * DAY_S

    with_results = purged(journal, spool, clock)
    (results / "short_axis.dcm").unlink()

    assert (with_results, purged(journal, spool, clock)) == (0, 1)
