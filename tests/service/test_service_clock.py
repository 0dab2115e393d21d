"""The DICOM node by a clock of its own: nothing waits in real time."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from pathlib import Path

import pytest

from shortaxis.reorientation.estimate import QualityFlag
from shortaxis.service.administration import DAY_S, purge_studies
from shortaxis.service.journal import Journal
from shortaxis.service.records import ExamOutcome, StudyRow, StudyState
from shortaxis.service.settings import Destination, RetryDelays
from shortaxis.service.spool import Spool

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


def taken(journal: Journal) -> StudyRow:
    found = journal.take_complete(0.0, ())
    assert found is not None
    return found


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
    arrived = spool.arriving / "object"
    arrived.write_bytes(b"of a study")
    spool.keep("study", "object", arrived)
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
    from shortaxis.service.sender import Sender

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
