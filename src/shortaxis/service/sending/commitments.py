"""Storage Commitment: results count as sent when the archive says that it keeps them.

An archive acknowledges an object before it is where it stays. One that commits itself says later,
in a report of its own, that it will not lose it; until then nothing of the study is purged.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from shortaxis.dicom.received.commitments import CommitmentReport, object_uids
from shortaxis.service.bookkeeping.journal import Journal
from shortaxis.service.sending.results import UnsendableError, whole_results
from shortaxis.service.settings import RetryDelays
from shortaxis.service.spool import Spool

__all__ = ["Commitments"]

LOG = logging.getLogger("shortaxis.service")

UNKNOWN_EVENT = "commitments of nothing that waits"


@dataclass
class Commitments:
    """What becomes of deliveries for which a report comes; `clock` gives the time."""

    spool: Spool
    journal: Journal
    delays: RetryDelays
    clock: Callable[[], float] = field(default=time.time, kw_only=True)

    def reported(self, report: CommitmentReport) -> None:
        """Note a report; results that are not kept, all of them, are sent again.

        A report of a request that nobody waits for any more, as after a second request, is counted
        and changes nothing.
        """
        delivery = self.journal.deliveries.of_transaction(report.transaction_uid)
        if delivery is None:
            self.journal.count_event(UNKNOWN_EVENT)
            return
        try:
            paths = whole_results(self.spool.folder / delivery.folder)
        except UnsendableError as error:
            self.journal.deliveries.note_failed(delivery, str(error), self.clock())
            return
        wanted = {uid for _, uid in object_uids(paths)}
        if wanted <= report.kept and not wanted & report.failed:
            self.journal.deliveries.note_sent(delivery)
            LOG.info("study %s: %s keeps it", delivery.study, delivery.destination)
            return
        missing = len(wanted - (report.kept - report.failed))
        self.journal.deliveries.note_failed(
            delivery,
            f"{missing} of {len(wanted)} objects are not kept there",
            self.clock() + self.delays.first_delay_s,
        )
        LOG.warning("study %s: %s does not keep all of it", delivery.study, delivery.destination)
