"""Results that wait to be sent, in a node's folder, made without reorienting anything."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from service_peers import WAIT_S, Archive, new_study
from shortaxis.files.plain_json import write_json
from shortaxis.reorientation.estimate import QualityFlag
from shortaxis.service.administration import status_record
from shortaxis.service.bookkeeping.journal import Journal
from shortaxis.service.bookkeeping.records import ExamOutcome, StudyState
from shortaxis.service.destinations import Destination
from shortaxis.service.sending.sender import Sender
from shortaxis.service.settings import RetryDelays
from shortaxis.service.spool import Spool

__all__ = ["NOW_S", "VIEWS", "Outbox", "to_archive"]

NOW_S = 1_000_000.0
VIEWS = ("short_axis.dcm", "vertical_long_axis.dcm", "horizontal_long_axis.dcm")


class Outbox:
    """A node's folder with results of studies that are due, made without reorienting anything."""

    def __init__(self, folder: Path, names: Sequence[str]) -> None:
        self.spool = Spool(folder / "spool")
        self.spool.prepare()
        self.now_s = NOW_S
        self.journal = Journal(self.spool.journal, lambda: self.now_s)
        for name in names:
            self._add(name)

    def _add(self, study: str) -> None:
        folder = self.spool.results(study) / "exam"
        folder.mkdir(parents=True)
        for view in VIEWS:
            new_study().save_as(folder / view)
        write_json(folder / "report.json", {"files": [*VIEWS, "report.json"]})
        self.journal.add_object(f"object of {study}", study, f"incoming/{study}/object.dcm")
        row = self.journal.take_complete(0.0, ())
        assert row is not None
        place = folder.relative_to(self.spool.folder).as_posix()
        outcome = ExamOutcome(f"exam of {study}", place, QualityFlag.ACCEPT, (), ("object",))
        self.journal.finish(row, [outcome], {outcome.exam: ["there"]})

    def results(self, study: str) -> Path:
        return self.spool.results(study) / "exam"

    def send(self, destination: Destination) -> int:
        sender = Sender(
            destination, "SHORTAXIS", RetryDelays(10, 60), self.spool, self.journal,
            clock=lambda: self.now_s,
        )  # fmt: skip
        return sender.send_due()

    def states(self) -> dict[str, StudyState]:
        return {each.study: each.state for each in self.journal.studies()}

    def failing(self) -> dict[str, dict[str, Any]]:
        return {
            each["study"]: each
            for each in status_record(self.journal, self.spool)["failing_deliveries"]
        }


def to_archive(archive: Archive) -> Destination:
    return Destination("there", archive.title, "127.0.0.1", archive.port, timeout_s=WAIT_S)
