"""Whether the node loses anything: ``python -m evidence run killed_node``.

Several senders send studies, each again until it is acknowledged, some of them twice and some with
other content. Meanwhile the node is killed at random moments. Before some of its starts its journal
is put back to an older one, removed, emptied, cut short or spoilt. The archive is down at first. At
the end, every acknowledged study is delivered, or the node shows that it holds it, or it is lost.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pydicom

from evidence.measuring.speed.node_peers import (
    Archive,
    Node,
    new_study,
    running_node,
    send,
    until,
)
from evidence.recording.record import store_result
from shortaxis.service.bookkeeping.journal import Journal
from shortaxis.service.bookkeeping.records import StudyState
from shortaxis.service.spool import hashed_name

SEED = 20261126

WORK = "[work]\nreview_sheet = false\n"

PARTS = ("", "-wal", "-shm")
"""Ends of the names of the journal's files."""

VIEWS = 3

TRIES_S = 1800.0

TWICE, CHANGED = 0.2, 0.2
"""Parts of the studies that are sent again, and that come again with other content."""


@dataclass
class Trial:
    """What happens to the node; `draws` decides when and how."""

    node: Node
    archive: Archive
    draws: np.random.Generator
    studies: list[pydicom.Dataset]
    backups: Path
    acknowledged: set[str] = field(default_factory=set)
    harms: Counter[str] = field(default_factory=Counter)
    twice: Counter[int] = field(default_factory=Counter)
    changed: Counter[int] = field(default_factory=Counter)

    def send(self, studies: list[pydicom.Dataset], draws: np.random.Generator) -> None:
        """As a camera does: what was not acknowledged is sent again."""
        for study in studies:
            while send(self.node.port, [study]) != [0]:
                time.sleep(0.2)
            self.acknowledged.add(study.StudyInstanceUID)
            if draws.random() < TWICE:
                self.twice.update(send(self.node.port, [study]))
            if draws.random() < CHANGED:
                study.PatientName = "Changed^Afterwards"
                self.changed.update(send(self.node.port, [study]))

    def progress(self) -> int:
        """Studies acknowledged and studies delivered."""
        return len(self.acknowledged) + len(self.delivered())

    def wait_for(self, part: float) -> None:
        """Wait until this part of all that is to happen has happened."""
        until(lambda: self.progress() >= part * 2 * len(self.studies), TRIES_S)

    def delivered(self) -> set[str]:
        """Studies of which every view is in the archive."""
        arrived = Counter(each.StudyInstanceUID for each in list(self.archive.objects.values()))
        return {uid for uid, count in arrived.items() if count == VIEWS}

    def kill(self, number: int) -> None:
        """Kill the node, keep a copy of its journal, and perhaps spoil that; then start it."""
        self.node.kill()
        for end in PARTS:
            path = self.journal(end)
            if path.exists():
                shutil.copy(path, self.backup(number, end))
        if number % 2:
            harm = HARMS[(number // 2) % len(HARMS)]
            self.harms[harm.__name__] += 1
            harm(self, number)
        self.node.start()

    def journal(self, end: str = "") -> Path:
        """The journal, or what SQLite keeps beside it."""
        return self.node.folder / f"journal.sqlite{end}"

    def backup(self, number: int, end: str = "") -> Path:
        """Its copy of a kill."""
        return self.backups / f"{number}{end}"

    def states(self) -> dict[str, StudyState]:
        """Studies that the journal knows."""
        journal = Journal(self.journal())
        found = {each.study: each.state for each in journal.studies()}
        journal.close()
        return found


def older(trial: Trial, number: int) -> None:
    """A backup is restored, of some kills ago."""
    earlier = _earlier(trial, number)
    for end in PARTS:
        trial.journal(end).unlink(missing_ok=True)
        if trial.backup(earlier, end).exists():
            shutil.copy(trial.backup(earlier, end), trial.journal(end))


def older_beside_newer_log(trial: Trial, number: int) -> None:
    """Only the file itself is restored: the write-ahead log beside it is that of the newer one."""
    shutil.copy(trial.backup(_earlier(trial, number)), trial.journal())


def _earlier(trial: Trial, number: int) -> int:
    return int(trial.draws.integers(max(number - 4, 0), number))


def removed(trial: Trial, number: int) -> None:
    for end in PARTS:
        trial.journal(end).unlink(missing_ok=True)


def truncated(trial: Trial, number: int) -> None:
    content = trial.journal().read_bytes()
    trial.journal().write_bytes(content[: trial.draws.integers(len(content))])


def spoilt(trial: Trial, number: int) -> None:
    """Bytes at random places are others, in the file and in its log."""
    for end in PARTS[:2]:
        if not trial.journal(end).exists():
            continue
        content = bytearray(trial.journal(end).read_bytes())
        for _ in range(20 if content else 0):
            content[trial.draws.integers(len(content))] = trial.draws.integers(256)
        trial.journal(end).write_bytes(content)


HARMS: tuple[Callable[[Trial, int], None], ...] = (
    older,
    removed,
    spoilt,
    older_beside_newer_log,
    truncated,
)


def killed(folder: Path, studies: int, kills: int, senders: int) -> dict[str, Any]:
    """Kill a node again and again; returns what became of what it had acknowledged."""
    archive, draws = Archive(), np.random.default_rng(SEED)
    with running_node(folder, archive.route + WORK) as node:
        sent = [new_study() for _ in range(studies)]
        trial = Trial(node, archive, draws, sent, folder / "backups")
        trial.backups.mkdir()
        threads = [
            threading.Thread(
                target=trial.send, args=(sent[start::senders], np.random.default_rng(start))
            )
            for start in range(senders)
        ]
        for thread in threads:
            thread.start()
        for number in range(kills):
            trial.wait_for((number + 1) / (kills + 1))
            time.sleep(draws.uniform(0, 0.3))
            if number == kills // 3:
                archive.start()
            trial.kill(number)
        for thread in threads:
            thread.join()
        try:
            _wait_for_the_end(trial)
            return _outcome(trial, kills, senders)
        finally:
            archive.stop()


def _wait_for_the_end(trial: Trial) -> None:
    """Until everything is delivered, or nothing moves any more."""
    seen, since = -1, time.monotonic()
    while time.monotonic() - since < 60:
        found = len(trial.delivered())
        if found == len(trial.studies) and set(trial.states().values()) == {StudyState.SENT}:
            return
        if found != seen:
            seen, since = found, time.monotonic()
        time.sleep(0.5)


def _outcome(trial: Trial, kills: int, senders: int) -> dict[str, Any]:
    delivered, states = trial.delivered(), trial.states()
    names = {hashed_name(uid) for uid in trial.acknowledged - delivered}
    held = {name for name in names if states.get(name, StudyState.SENT) is not StudyState.SENT}
    return {
        "studies": len(trial.studies),
        "kills": kills,
        "senders": senders,
        "journals": dict(sorted(trial.harms.items())),
        "acknowledged": len(trial.acknowledged),
        "delivered": len(trial.acknowledged & delivered),
        "held": len(held),
        "lost": len(names) - len(held),
        "sent_twice": _answers(trial.twice),
        "other_content": _answers(trial.changed),
        "objects_at_the_archive": len(trial.archive.objects),
        "arrived_more_than_once": sum(count > 1 for count in trial.archive.arrivals.values()),
        "arrived_with_other_content": len(trial.archive.changed),
        "journals_set_aside": len(list(trial.node.folder.glob("journal-damaged-*.sqlite"))),
    }


def _answers(statuses: Counter[int]) -> dict[str, int]:
    """How many were taken, refused, and not answered since the node was killed."""
    return {
        "taken": statuses[0],
        "not_answered": statuses[-1],
        "refused": statuses.total() - statuses[0] - statuses[-1],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--studies", type=int, default=200)
    parser.add_argument("--kills", type=int, default=40)
    parser.add_argument("--senders", type=int, default=5)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        begun = time.monotonic()
        measured = killed(Path(folder), arguments.studies, arguments.kills, arguments.senders)
        measured["minutes"] = round((time.monotonic() - begun) / 60, 1)
    print(measured)
    store_result("killed_node", measured, SEED)


if __name__ == "__main__":
    main()
