"""What an archive acknowledged is kept here until it says that it keeps it (PS3.4 annex J)."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pydicom
import pytest

pytest.importorskip("pynetdicom", reason="the DICOM node needs pynetdicom")

from pydicom import Dataset
from pynetdicom import AE, build_role, evt
from pynetdicom.sop_class import (
    NuclearMedicineImageStorage,
    StorageCommitmentPushModel,
    StorageCommitmentPushModelInstance,
)

from orthanc_server import find_orthanc, running_orthanc
from outbox import VIEWS, Outbox, to_archive
from service_peers import WAIT_S, free_port, running_archive, until
from shortaxis.errors import OptionError
from shortaxis.service.administration import purge_studies, status_record
from shortaxis.service.bookkeeping.journal import Journal
from shortaxis.service.bookkeeping.records import StudyState
from shortaxis.service.destinations import Destination
from shortaxis.service.listener import Listener
from shortaxis.service.sending.commitments import Commitments
from shortaxis.service.settings import Node, RetryDelays

EVERY_STATE = tuple(set(StudyState) - {StudyState.RECEIVED, StudyState.RUNNING})


@dataclass
class Committing:
    """An archive that is asked for commitment, and reports when it is told to."""

    port: int = field(default_factory=free_port)
    asked: list[Dataset] = field(default_factory=list)
    arrivals: list[str] = field(default_factory=list)

    @contextmanager
    def running(self) -> Iterator[None]:
        entity = AE("ARCHIVE")
        entity.add_supported_context(NuclearMedicineImageStorage)
        entity.add_supported_context(StorageCommitmentPushModel)
        handlers: list[Any] = [(evt.EVT_C_STORE, self._stored), (evt.EVT_N_ACTION, self._ask)]
        server = entity.start_server(("127.0.0.1", self.port), block=False, evt_handlers=handlers)
        try:
            yield
        finally:
            server.shutdown()

    def _stored(self, event: evt.Event) -> int:
        self.arrivals.append(str(event.request.AffectedSOPInstanceUID))
        return 0

    def _ask(self, event: evt.Event) -> tuple[int, None]:
        self.asked.append(event.action_information)
        return 0, None

    @property
    def destination(self) -> Destination:
        return Destination(
            "there", "ARCHIVE", "127.0.0.1", self.port, timeout_s=WAIT_S, storage_commitment=True
        )

    def report(self, node_port: int, asked: Dataset, failed: int = 0) -> int:
        """Report on a request: the last `failed` objects of it are not kept."""
        references = list(asked.ReferencedSOPSequence)
        information = Dataset()
        information.TransactionUID = asked.TransactionUID
        information.ReferencedSOPSequence = references[: len(references) - failed]
        if failed:
            lost = references[-failed:]
            for each in lost:
                each.FailureReason = 0x0112
            information.FailedSOPSequence = lost
        entity = AE("ARCHIVE")
        entity.acse_timeout = entity.dimse_timeout = entity.network_timeout = WAIT_S
        entity.add_requested_context(StorageCommitmentPushModel)
        role = build_role(StorageCommitmentPushModel, scp_role=True)
        association = entity.associate("127.0.0.1", node_port, ae_title="SHORTAXIS", ext_neg=[role])
        assert association.is_established
        status, _ = association.send_n_event_report(
            information,
            2 if failed else 1,
            StorageCommitmentPushModel,
            StorageCommitmentPushModelInstance,
        )
        association.release()
        return int(status.Status)


@pytest.fixture
def outbox(tmp_path: Path) -> Outbox:
    return Outbox(tmp_path, ["one"])


@pytest.fixture
def archive() -> Iterator[Committing]:
    made = Committing()
    with made.running():
        yield made


@pytest.fixture
def node_port(outbox: Outbox) -> Iterator[int]:
    port = free_port()
    told = Commitments(
        outbox.spool, outbox.journal, RetryDelays(10, 60), clock=lambda: outbox.now_s
    )
    listener = Listener(
        Node(port=port, network_timeout_s=WAIT_S),
        outbox.spool,
        outbox.journal,
        reported=told.reported,
    )
    with listener.listening():
        yield port


def purged(outbox: Outbox) -> int:
    later_s = outbox.now_s + 1e9
    return purge_studies(outbox.journal, outbox.spool, EVERY_STATE, 0.0, later_s)


def uids_of(outbox: Outbox) -> set[str]:
    folder = outbox.results("one")
    return {pydicom.dcmread(folder / name).SOPInstanceUID for name in VIEWS}


def test_what_is_acknowledged_is_purged_when_the_archive_says_it_keeps_it(
    outbox: Outbox, archive: Committing, node_port: int
) -> None:
    outbox.send(archive.destination)
    before = outbox.states(), purged(outbox)
    (asked,) = archive.asked
    status = archive.report(node_port, asked)
    after = outbox.states(), purged(outbox)

    assert before == ({"one": StudyState.DONE}, 0)
    wanted = {each.ReferencedSOPInstanceUID for each in asked.ReferencedSOPSequence}
    assert len(wanted) == len(VIEWS)
    assert status == 0
    assert after == ({"one": StudyState.SENT}, 1)


def test_what_is_not_kept_is_sent_again(
    outbox: Outbox, archive: Committing, node_port: int
) -> None:
    outbox.send(archive.destination)
    archive.report(node_port, archive.asked[0], failed=1)

    told = outbox.failing()["one"]["reason"]
    outbox.now_s += 11
    outbox.send(archive.destination)
    archive.report(node_port, archive.asked[1])

    assert told == "1 of 3 objects are not kept there"
    assert sorted(archive.arrivals) == sorted([*uids_of(outbox)] * 2)
    assert outbox.states() == {"one": StudyState.SENT}


def test_an_archive_that_forgets_to_report_is_asked_anew_and_nothing_is_sent_again(
    outbox: Outbox, archive: Committing, node_port: int
) -> None:
    outbox.send(archive.destination)
    outbox.now_s += archive.destination.commitment_wait_s + 1
    outbox.send(archive.destination)
    first, second = archive.asked

    late = archive.report(node_port, first)
    in_between = outbox.states()["one"]
    archive.report(node_port, second)

    assert (late, in_between) == (0, StudyState.DONE)
    assert outbox.states()["one"] is StudyState.SENT
    assert len(archive.arrivals) == len(VIEWS)
    assert outbox.journal.events() == {"commitments of nothing that waits": 1}


def test_a_report_of_less_than_was_asked_is_no_commitment(
    outbox: Outbox, archive: Committing, node_port: int
) -> None:
    outbox.send(archive.destination)
    asked = archive.asked[0]
    asked.ReferencedSOPSequence = asked.ReferencedSOPSequence[:2]

    archive.report(node_port, asked)

    assert outbox.states()["one"] is StudyState.DONE
    assert outbox.failing()["one"]["reason"] == "1 of 3 objects are not kept there"


def test_an_archive_that_cannot_be_asked_is_told_in_the_status(outbox: Outbox) -> None:
    with running_archive() as archive:
        there = to_archive(archive)
        there = Destination(
            "there",
            there.ae_title,
            there.host,
            there.port,
            timeout_s=WAIT_S,
            storage_commitment=True,
        )
        outbox.send(there)
        outbox.now_s += 11
        outbox.send(there)

    (told,) = status_record(outbox.journal, outbox.spool)["uncommitted"]
    assert told == {
        "destination": "there",
        "uncommitted": 1,
        "reason": "it knows no storage commitment",
    }
    assert set(archive.arrivals.values()) == {1}
    assert purged(outbox) == 0


def test_who_asks_no_more_takes_the_acknowledgement(outbox: Outbox, archive: Committing) -> None:
    asking = archive.destination
    outbox.send(asking)
    outbox.now_s += asking.commitment_wait_s + 1

    outbox.send(Destination("there", "ARCHIVE", "127.0.0.1", archive.port, timeout_s=WAIT_S))

    assert outbox.states() == {"one": StudyState.SENT}


def test_an_archive_that_is_gone_is_asked_once_a_turn(outbox: Outbox, archive: Committing) -> None:
    outbox.send(archive.destination)
    outbox.now_s += archive.destination.commitment_wait_s + 1
    away = Destination(
        "there", "ARCHIVE", "127.0.0.1", free_port(), timeout_s=1, storage_commitment=True
    )

    outbox.send(away)

    (told,) = status_record(outbox.journal, outbox.spool)["uncommitted"]
    assert told["reason"] == "no association"
    assert outbox.send(away) == 0


def test_a_web_server_is_not_asked() -> None:
    with pytest.raises(OptionError, match="cannot be asked"):
        Destination("web", url="https://pacs.example/rs", storage_commitment=True)


def test_a_journal_of_the_version_before_is_taken_over(outbox: Outbox) -> None:
    outbox.journal.close()
    path = outbox.spool.journal
    with sqlite3.connect(path) as connection:
        connection.execute("DROP INDEX deliveries_by_transaction")
        connection.execute("ALTER TABLE deliveries DROP COLUMN transaction_uid")
        connection.execute("PRAGMA user_version = 3")
    connection.close()

    upgraded = Journal(path)

    assert len(upgraded.deliveries.due("there", 9, 60)) == 1
    assert upgraded.deliveries.of_transaction("1.2") is None


@pytest.mark.system
@pytest.mark.skipif(
    find_orthanc() is None, reason="Orthanc is not installed (make system-packages)"
)
def test_orthanc_commits_itself(outbox: Outbox, node_port: int, tmp_path: Path) -> None:
    node = {"AET": "SHORTAXIS", "Host": "127.0.0.1", "Port": node_port}
    (tmp_path / "orthanc").mkdir()
    with running_orthanc(tmp_path / "orthanc", DicomModalities={"node": node}) as orthanc:
        there = Destination(
            "there",
            "ORTHANC",
            "127.0.0.1",
            orthanc.dicom_port,
            timeout_s=WAIT_S,
            storage_commitment=True,
        )
        outbox.send(there)
        until(lambda: outbox.states()["one"] is StudyState.SENT)
        stored = orthanc.get_json("/instances")

    assert len(stored) == len(VIEWS)
