"""The journal may be lost, old or damaged: what was acknowledged is on disk, and stays there."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from shortaxis.errors import UnreadableFileError
from shortaxis.reorientation.estimate import QualityFlag
from shortaxis.service.administration import status_record
from shortaxis.service.adoption import opened_journal
from shortaxis.service.bookkeeping.journal import Journal
from shortaxis.service.bookkeeping.records import ExamOutcome, StudyState
from shortaxis.service.reading_rules import Sender
from shortaxis.service.receiving import Arrival, Received, receive
from shortaxis.service.spool import Spool, hashed_name

STUDIES = tuple(map(hashed_name, ("1.2.3", "1.2.4", "1.2.5")))
CONTENT = b"stands for an object"


def name_in(study: str) -> str:
    return hashed_name(f"an object of {study}")


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    made = Spool(tmp_path / "spool")
    made.prepare()
    return made


def arrive(spool: Spool, journal: Journal, *studies: str) -> list[Received]:
    return [arrive_as(spool, journal, each, name_in(each)) for each in studies]


def arrive_as(spool: Spool, journal: Journal, study: str, name: str) -> Received:
    arrived = spool.arriving / uuid4().hex
    arrived.write_bytes(CONTENT)
    return receive(spool, journal, Arrival(study, name, arrived))


def files(spool: Spool) -> set[str]:
    return {path.relative_to(spool.incoming).as_posix() for path in spool.received_files()}


def expected_files(*studies: str) -> set[str]:
    return {f"{each}/{name_in(each)}.dcm" for each in studies}


def known(journal: Journal) -> dict[str, StudyState]:
    return {each.study: each.state for each in journal.studies()}


def emptied(journal: Path) -> None:
    journal.write_bytes(b"")


def removed(journal: Path) -> None:
    journal.unlink()


def without_rows(journal: Path) -> None:
    with sqlite3.connect(journal) as connection:
        connection.execute("DELETE FROM objects")
        connection.execute("DELETE FROM studies")
    connection.close()


def truncated(journal: Path) -> None:
    content = journal.read_bytes()
    journal.write_bytes(content[: len(content) // 2 + 100])


def without_an_index(journal: Path) -> None:
    """As an older file with the newer write-ahead log of another may be: every page is a page."""
    with sqlite3.connect(journal) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("UPDATE sqlite_master SET rootpage = 2 WHERE name = 'objects_of_study'")
    connection.close()


def overwritten(journal: Path) -> None:
    content = bytearray(journal.read_bytes())
    content[4096:] = bytes(b ^ 0x5A for b in content[4096:])
    journal.write_bytes(content)


def with_a_flipped_bit(journal: Path) -> None:
    """SQLite has no checksums: the name of a study is another one, and everything else is right."""
    content = journal.read_bytes()
    name = STUDIES[0].encode()
    rowwise = content.replace(b"incoming/" + name, b"\0" * 33)
    places = [at for at in range(len(rowwise)) if rowwise.startswith(name + b"received", at)]
    spoilt = bytearray(content)
    for at in places:
        spoilt[at + 24] ^= 1
    assert places
    journal.write_bytes(spoilt)


def another_file(journal: Path) -> None:
    journal.write_bytes(b"no database at all\n" * 100)


@pytest.mark.parametrize(
    ("harm", "is_damage"),
    [
        (emptied, False),
        (removed, False),
        (without_rows, False),
        (truncated, True),
        (without_an_index, True),
        (overwritten, True),
        (with_a_flipped_bit, True),
        (another_file, True),
    ],
)
def test_whatever_becomes_of_the_journal_the_objects_stay_and_are_known_again(
    spool: Spool,
    harm: Callable[[Path], None],
    is_damage: bool,
    caplog: pytest.LogCaptureFixture,
) -> None:
    journal = Journal(spool.journal)
    arrive(spool, journal, *STUDIES)
    journal.close()
    harm(spool.journal)
    spoilt = spool.journal.read_bytes() if spool.journal.exists() else b""

    journal = opened_journal(spool)

    assert files(spool) == expected_files(*STUDIES)
    assert known(journal) == dict.fromkeys(STUDIES, StudyState.RECEIVED)
    assert [path.read_bytes() for path in spool.journals_set_aside()] == [spoilt] * is_damage
    assert ("damaged" in caplog.text) is is_damage
    status = status_record(journal, spool)
    assert status["journals_set_aside"] == int(is_damage)
    assert status["events"]["objects adopted"] == len(STUDIES)
    assert arrive(spool, journal, *STUDIES) == [Received.DUPLICATE] * 3


def test_a_second_damaged_journal_does_not_replace_the_first(spool: Spool) -> None:
    for content in (b"one " * 300, b"two " * 300):
        spool.journal.write_bytes(content)
        opened_journal(spool).close()

    kept = [path.read_bytes()[:3] for path in spool.journals_set_aside()]

    assert kept == [b"one", b"two"]


@pytest.mark.parametrize("flag", QualityFlag)
def test_a_sound_journal_is_kept_as_it_is(spool: Spool, flag: QualityFlag) -> None:
    journal = Journal(spool.journal)
    arrive(spool, journal, *STUDIES)
    for destinations in ({}, {"exam": ["archive"]}):
        row = journal.take_complete(-1.0, ())
        assert row is not None
        outcome = ExamOutcome("exam", "results/x/exam", flag, ("a reason",), ("object",))
        journal.finish(row, [outcome], destinations)
    for delivery in journal.deliveries.due("archive", 1, 60):
        journal.deliveries.note_failed(delivery, "no association", 1.0)
    before = known(journal)
    journal.close()

    journal = opened_journal(spool)

    assert not spool.journals_set_aside()
    assert known(journal) == before


def test_a_journal_of_a_newer_version_is_not_damage(spool: Spool) -> None:
    with sqlite3.connect(spool.journal) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()

    with pytest.raises(UnreadableFileError, match="journal"):
        opened_journal(spool)

    assert spool.journal.exists()


@pytest.mark.parametrize("version", [1, 2])
def test_a_journal_of_an_earlier_version_keeps_what_it_knows(spool: Spool, version: int) -> None:
    with sqlite3.connect(spool.journal) as connection:
        connection.executescript(
            "CREATE TABLE objects (object TEXT PRIMARY KEY, study TEXT NOT NULL,"
            " path TEXT NOT NULL, received_at REAL NOT NULL);"
            "CREATE TABLE studies (study TEXT PRIMARY KEY, state TEXT NOT NULL,"
            " first_at REAL NOT NULL, last_at REAL NOT NULL, changed_at REAL NOT NULL,"
            " attempts INTEGER NOT NULL DEFAULT 0, reason TEXT NOT NULL DEFAULT '');"
            "CREATE TABLE exams (exam TEXT PRIMARY KEY, study TEXT NOT NULL, folder TEXT NOT NULL,"
            " flag TEXT NOT NULL, reasons TEXT NOT NULL, sources TEXT NOT NULL,"
            " reviewed TEXT NOT NULL DEFAULT '');"
            "CREATE TABLE deliveries (number INTEGER PRIMARY KEY AUTOINCREMENT, exam TEXT,"
            " study TEXT, destination TEXT, folder TEXT, state TEXT DEFAULT 'waiting',"
            " attempts INTEGER DEFAULT 0, next_at REAL DEFAULT 0, reason TEXT DEFAULT '');"
            "INSERT INTO studies (study, state, first_at, last_at, changed_at)"
            " VALUES ('old', 'sent', 1, 2, 3); PRAGMA user_version = 1;"
        )
        if version == 2:
            connection.executescript(
                "CREATE TABLE senders (object TEXT PRIMARY KEY, study TEXT NOT NULL,"
                " calling TEXT NOT NULL, called TEXT NOT NULL); PRAGMA user_version = 2;"
            )
    connection.close()

    journal = opened_journal(spool)
    arrive(spool, journal, STUDIES[0])

    assert known(journal) == {"old": StudyState.SENT, STUDIES[0]: StudyState.RECEIVED}
    assert journal.senders() == []


def test_an_older_journal_forgets_nothing_that_came_after_it(spool: Spool, tmp_path: Path) -> None:
    journal = Journal(spool.journal)
    arrive(spool, journal, STUDIES[0])
    journal.close()
    shutil.copy(spool.journal, tmp_path / "backup")
    journal = Journal(spool.journal)
    arrive(spool, journal, *STUDIES[1:])
    journal.close()
    shutil.copy(tmp_path / "backup", spool.journal)

    journal = opened_journal(spool)

    assert set(known(journal)) == set(STUDIES)
    assert files(spool) == expected_files(*STUDIES)


def test_an_object_that_only_the_journal_knows_is_taken_again(
    spool: Spool, caplog: pytest.LogCaptureFixture
) -> None:
    journal = Journal(spool.journal)
    arrive(spool, journal, *STUDIES)
    for path in spool.received_files():
        path.unlink()

    while_it_runs = arrive(spool, journal, STUDIES[0])
    journal.close()
    journal = opened_journal(spool)

    assert while_it_runs == [Received.STORED]
    assert "2 objects of the journal are not in the folder" in caplog.text
    assert arrive(spool, journal, *STUDIES) == [
        Received.DUPLICATE, Received.STORED, Received.STORED,
    ]  # fmt: skip
    assert files(spool) == expected_files(*STUDIES)


def test_a_study_is_the_same_again_after_its_journal_was_lost(spool: Spool) -> None:
    journal = Journal(spool.journal)
    arrive(spool, journal, STUDIES[0])
    arrive_as(spool, journal, STUDIES[0], hashed_name("9.9"))
    (before,) = journal.studies()
    journal.close()
    spool.journal.unlink()

    (after,) = opened_journal(spool).studies()

    # It is written on results, which keep their UIDs.
    assert after.first_at == before.first_at


def test_files_of_others_are_set_aside_and_told(
    spool: Spool, caplog: pytest.LogCaptureFixture
) -> None:
    journal = Journal(spool.journal)
    arrive(spool, journal, STUDIES[0])
    journal.close()
    folder = spool.incoming / STUDIES[0]
    (folder / "Doe^Jane.dcm").write_bytes(b"whose is it?")
    (spool.incoming / "loose.dcm").write_bytes(b"and this?")
    (folder / f"{hashed_name('7')}.dcm").symlink_to(folder / "Doe^Jane.dcm")
    (folder / ".partial-of-a-killed-run").write_bytes(b"never acknowledged")
    (spool.incoming / ".partial-of-another").write_bytes(b"never acknowledged")

    for _ in range(2):
        journal = opened_journal(spool)

    assert files(spool) == expected_files(STUDIES[0])
    assert len(spool.unknown_files()) == 3
    found = {path.read_bytes() for path in spool.unknown_files() if not path.is_symlink()}
    assert found == {b"whose is it?", b"and this?"}
    assert "Doe" not in caplog.text
    assert caplog.text.count("3 files") == 1
    assert status_record(journal, spool)["unknown_files"] == 3


def test_the_same_object_in_two_studies_is_not_mixed_up(spool: Spool) -> None:
    journal = Journal(spool.journal)
    arrive(spool, journal, STUDIES[0])
    journal.close()
    copy = spool.object_path(STUDIES[1], name_in(STUDIES[0]))
    copy.parent.mkdir()
    copy.write_bytes(b"somebody copied it here")

    journal = opened_journal(spool)

    assert set(known(journal)) == {STUDIES[0]}
    assert [path.read_bytes() for path in spool.unknown_files()] == [b"somebody copied it here"]


@pytest.mark.parametrize("is_known", [True, False])
def test_a_purge_that_was_killed_is_ended_or_undone(spool: Spool, is_known: bool) -> None:
    journal = Journal(spool.journal)
    arrive(spool, journal, *STUDIES)
    spool.take_away(STUDIES[0], spool.place_for_removal(STUDIES[0]))
    if not is_known:
        row = journal.take_complete(-1.0, STUDIES[1:])
        assert row is not None
        journal.finish(row, [], {})
        assert journal.forget(STUDIES[0], row.last_at + 9e9, lambda _: False, lambda: None)
    journal.close()

    journal = opened_journal(spool)

    kept = STUDIES if is_known else STUDIES[1:]
    assert files(spool) == expected_files(*kept)
    assert set(known(journal)) == set(kept)
    assert not list(spool.folder.glob(".removed-*"))


def test_what_went_out_goes_out_again_if_the_journal_does_not_know_it(spool: Spool) -> None:
    journal = Journal(spool.journal)
    arrive(spool, journal, STUDIES[0])
    row = journal.take_complete(-1.0, ())
    assert row is not None
    outcome = ExamOutcome("exam", "results/x/exam", QualityFlag.ACCEPT, (), ("object",))
    journal.finish(row, [outcome], {"exam": ["archive"]})
    (delivery,) = journal.deliveries.due("archive", 1, 60)
    journal.deliveries.note_sent(delivery)
    assert known(journal) == {STUDIES[0]: StudyState.SENT}
    journal.close()
    spool.journal.unlink()

    assert known(opened_journal(spool)) == {STUDIES[0]: StudyState.RECEIVED}


def test_a_node_with_an_older_journal_starts_and_tells(tmp_path: Path, shortaxis: Any) -> None:
    pytest.importorskip("pynetdicom", reason="the DICOM node needs pynetdicom")
    from service_peers import new_study, running_node, send

    with running_node(tmp_path, quiet_s=600) as node:
        study = new_study()
        assert send(node.port, [study]) == [0]
        node.kill()
        for path in node.folder.glob("journal.sqlite*"):
            path.write_bytes(b"not what it was" * 100)

        node.start()

        assert send(node.port, [study]) == [0]
        # Rules of one sender hold on: its file says who sent it.
        assert Journal(node.folder / "journal.sqlite").senders() == [Sender("CAMERA", "SHORTAXIS")]
        words = shortaxis("serve", "status", node.config).out
        assert "1 objects adopted" in words
        assert "1 damaged journals were set aside" in words
        (kept,) = (node.folder / "incoming").glob("*/*.dcm")
        assert kept.stem == hashed_name(study.SOPInstanceUID)
        record = json.loads(shortaxis("serve", "status", node.config, "--json").out)
        assert record["objects"] == 1
        assert str(study.PatientID) not in node.log.read_text()


def test_a_journal_that_is_damaged_while_the_node_runs_ends_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("pynetdicom", reason="the DICOM node needs pynetdicom")
    from service_peers import free_port
    from shortaxis.service.node import ServiceNode
    from shortaxis.service.settings import Node, ServiceSettings

    (tmp_path / "no.sqlite").write_bytes(b"no database at all" * 100)

    def takes_nothing(*_: object) -> None:
        # As a page that cannot be one is found when it is wanted.
        sqlite3.connect(tmp_path / "no.sqlite").execute("SELECT * FROM studies")

    monkeypatch.setattr(Journal, "take_complete", takes_nothing)
    node = ServiceNode(ServiceSettings(tmp_path / "spool", Node(port=free_port())))

    with pytest.raises(UnreadableFileError, match="damaged while the node ran") as caught:
        node.run(lambda address: None)

    assert "start the node again" in str(caught.value)
