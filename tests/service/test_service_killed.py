"""Nothing that the node acknowledged is lost: killed again and again, no peer, no space."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

import pytest

pytest.importorskip("pynetdicom", reason="the DICOM node needs pynetdicom")

from evidence.measuring.robustness.killed_node import killed
from service_peers import Node, new_study, running_archive, running_node, send, until
from shortaxis.service.bookkeeping.journal import Journal
from shortaxis.service.bookkeeping.records import StudyState
from shortaxis.service.spool import hashed_name

# Kills wait for progress, so that each falls into the middle of the work however few studies there
# are; `python -m evidence run killed_node` is a longer trial of the same.
STUDIES = int(os.environ.get("SHORTAXIS_KILLED_STUDIES", "10"))
SENDERS, KILLS = 4, 4

WORK = "[work]\nreview_sheet = false\n"


def states(node: Node) -> dict[str, StudyState]:
    journal = Journal(node.folder / "journal.sqlite")
    found = {each.study: each.state for each in journal.studies()}
    journal.close()
    return found


def test_every_acknowledged_study_arrives_whatever_becomes_of_the_journal(tmp_path: Path) -> None:
    outcome = killed(tmp_path, STUDIES, KILLS, SENDERS)

    assert outcome["acknowledged"] == outcome["delivered"] == STUDIES
    assert outcome["objects_at_the_archive"] == 3 * STUDIES
    # What arrives again, since the journal does not know that it did, is the same.
    assert outcome["arrived_with_other_content"] == 0
    assert outcome["other_content"]["taken"] == 0
    assert outcome["sent_twice"]["refused"] == 0
    assert sum(outcome["journals"].values()) == KILLS // 2


@pytest.fixture
def small_disk(tmp_path: Path) -> Path:
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(command, check=False, capture_output=True).returncode:
        pytest.skip("a small disk can only be mounted by root, where mounting is allowed")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=False)


def test_a_full_disk_loses_nothing_and_tells_the_sender(small_disk: Path) -> None:
    studies = [new_study() for _ in range(16)]
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
        until(lambda: set(states(node)) >= set(kept))
        time.sleep(2)
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

        until(all_sent)
        for study in studies:
            if hashed_name(study.StudyInstanceUID) in kept:
                assert len(archive.of_study(study.StudyInstanceUID)) == 3
