"""Nothing that the node acknowledged is lost: killed again and again, no peer, no space."""

from __future__ import annotations

import os
import random
import subprocess
import threading
import time
from pathlib import Path

import pydicom
import pytest

pytest.importorskip("pynetdicom", reason="the DICOM node needs pynetdicom")

from service_peers import Archive, Node, new_study, running_archive, running_node, send, until
from shortaxis.service.journal import Journal
from shortaxis.service.records import StudyState
from shortaxis.service.spool import hashed_name

# Kills wait for progress, so that each falls into the middle of the work however few studies there
# are; more of them are a longer trial of the same.
STUDIES = int(os.environ.get("SHORTAXIS_KILLED_STUDIES", "48"))
SENDERS, KILLS, SEED = 4, 6, 20261126

WORK = "[work]\nreview_sheet = false\n"


def send_until_acknowledged(node: Node, studies: list[pydicom.Dataset], known: set[str]) -> None:
    """As a camera does: what was not acknowledged is sent again."""
    for study in studies:
        while send(node.port, [study]) != [0]:
            time.sleep(0.3)
        known.add(study.StudyInstanceUID)


def states(node: Node) -> dict[str, StudyState]:
    journal = Journal(node.folder / "journal.sqlite")
    found = {each.study: each.state for each in journal.studies()}
    journal.close()
    return found


def wait_for_the_middle(node: Node, number: int, acknowledged: set[str]) -> None:
    """The first kills fall while studies come in, the others while they are worked on and sent."""
    if number < KILLS // 2:
        part = (number + 1) / (KILLS // 2 + 1)
        until(lambda: len(acknowledged) >= part * STUDIES, 300)
        return
    part = (number - KILLS // 2 + 1) / (KILLS - KILLS // 2 + 1)
    waiting = {StudyState.RECEIVED, StudyState.RUNNING}
    until(lambda: sum(s not in waiting for s in states(node).values()) >= part * STUDIES, 300)


def test_every_acknowledged_study_arrives_exactly_once(tmp_path: Path) -> None:
    draws, archive = random.Random(SEED), Archive()
    acknowledged: set[str] = set()
    studies = [new_study() for _ in range(STUDIES)]
    with running_node(tmp_path, archive.route + WORK) as node:
        senders = [
            threading.Thread(
                target=send_until_acknowledged, args=(node, studies[start::SENDERS], acknowledged)
            )
            for start in range(SENDERS)
        ]
        for sender in senders:
            sender.start()
        for number in range(KILLS):
            wait_for_the_middle(node, number, acknowledged)
            time.sleep(draws.uniform(0, 0.3))
            node.kill()
            if number == KILLS // 2:
                archive.start()
            node.start()
        for sender in senders:
            sender.join()
        try:
            until(lambda: set(states(node).values()) == {StudyState.SENT}, 300)
        finally:
            archive.stop()
        assert acknowledged == {each.StudyInstanceUID for each in studies}
        assert set(states(node)) == {hashed_name(each) for each in acknowledged}
        for study in studies:
            found = archive.of_study(study.StudyInstanceUID)
            assert len(found) == 3, study.StudyInstanceUID
            assert {each.PatientID for each in found} == {study.PatientID}
        assert len(archive.objects) == 3 * STUDIES


@pytest.fixture
def small_disk(tmp_path: Path) -> Path:
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(command, check=False, capture_output=True).returncode:
        pytest.skip("a small disk can only be mounted by root, where mounting is allowed")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=False)


def test_a_full_disk_loses_nothing_and_tells_the_sender(small_disk: Path) -> None:
    studies = [new_study() for _ in range(30)]
    with (
        running_archive() as archive,
        running_node(small_disk, archive.route + WORK, least_free_mb=1) as node,
    ):
        statuses = [send(node.port, [study])[0] for study in studies]
        assert 0 in statuses
        assert 0xA700 in statuses
        kept = [
            hashed_name(each.StudyInstanceUID)
            for each, status in zip(studies, statuses, strict=True)
            if not status
        ]
        # The journal may not be writable either: the node bears that, and waits.
        time.sleep(4)
        assert node.process is not None
        assert node.process.poll() is None
        assert set(states(node)) >= set(kept)
        # Room again: what could not be written is made now.
        subprocess.run(["mount", "-o", "remount,size=60m", str(small_disk)], check=True)

        def all_sent() -> bool:
            journal = Journal(node.folder / "journal.sqlite")
            journal.retry()
            journal.close()
            time.sleep(1)
            return all(states(node)[name] is StudyState.SENT for name in kept)

        until(all_sent, 120)
        for study in studies:
            if hashed_name(study.StudyInstanceUID) in kept:
                assert len(archive.of_study(study.StudyInstanceUID)) == 3
