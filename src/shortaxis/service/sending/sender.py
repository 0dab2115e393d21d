"""The sender of the node: results go to their destinations, tried again until they arrive.

A delivery counts as sent when the destination has acknowledged every object of it, or, where it is
asked for storage commitment, when it says that it keeps every one. What was
acknowledged and not noted, because the node was killed in between, is sent again: objects have the
same UIDs then, and a destination keeps one of them. What goes wrong with one delivery is noted with
it, and the others go on.
"""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

from shortaxis.dicom.elements.uids import UidGenerator, random_uid
from shortaxis.service.bookkeeping.journal import Journal
from shortaxis.service.bookkeeping.records import Delivery
from shortaxis.service.destinations import Destination
from shortaxis.service.sending.commitments import Commitments
from shortaxis.service.sending.dicom_store import DicomStore, NoAssociationError
from shortaxis.service.sending.results import UnsendableError, forget_outcome, whole_results
from shortaxis.service.sending.web_store import send_to_web
from shortaxis.service.settings import RetryDelays
from shortaxis.service.spool import Spool

__all__ = ["Sender", "delay_s"]

LOG = logging.getLogger("shortaxis.service")

DELIVERIES_AT_ONCE = 20

NO_ASSOCIATION = "no association"

Send = Callable[[Sequence[Path]], str]
"""Sends files; returns the reason if they did not all arrive, else nothing."""


def random_boundary() -> str:
    """A boundary of a multipart message that occurs in none of its parts."""
    return f"shortaxis-{uuid4().hex}"


@dataclass
class Sender:
    """A storage SCU, or a STOW-RS client, that sends what is due to one destination.

    `clock` gives the time, seconds since the epoch; `new_boundary` that of a multipart message, and
    `new_uid` that of a request for storage commitment.
    """

    destination: Destination
    calling_ae_title: str
    delays: RetryDelays
    spool: Spool
    journal: Journal
    clock: Callable[[], float] = field(default=time.time, kw_only=True)
    new_boundary: Callable[[], str] = field(default=random_boundary, kw_only=True)
    new_uid: UidGenerator = field(default=random_uid, kw_only=True)
    commitments: Commitments = field(init=False)

    def __post_init__(self) -> None:
        self.commitments = Commitments(self.spool, self.journal, self.delays, clock=self.clock)

    def send_due(self) -> int:
        """Send what is due; returns how many deliveries were tried."""
        name, deliveries = self.destination.name, self.journal.deliveries
        due = deliveries.due(name, DELIVERIES_AT_ONCE, self.delays.longest_delay_s)
        stored = deliveries.uncommitted(name, DELIVERIES_AT_ONCE, self._longest_wait_s)
        if not due and not stored:
            return 0
        store = DicomStore(self.destination, self.calling_ae_title, self.commitments.reported)
        send = self._send_to_web if self.destination.url else store.send
        with nullcontext() if self.destination.url else store.connected():
            is_there = self._deliver_all(due, send)
            if is_there:
                stored = deliveries.uncommitted(name, DELIVERIES_AT_ONCE, self._longest_wait_s)
            for number, each in enumerate(stored):
                is_there = is_there and self._ask(each, store)
                if not is_there:
                    self._put_off(stored[number:], NO_ASSOCIATION)
                    break
        return len(due) + len(stored)

    def _deliver_all(self, due: Sequence[Delivery], send: Send) -> bool:
        """Send one after the other; False if the destination does not associate."""
        for number, each in enumerate(due):
            try:
                self._deliver(each, send)
            except NoAssociationError as error:
                for other in due[number:]:
                    self._failed(other, str(error))
                return False
        return True

    @property
    def _longest_wait_s(self) -> float:
        return max(self.delays.longest_delay_s, self.destination.commitment_wait_s)

    def _ask(self, delivery: Delivery, store: DicomStore) -> bool:
        """Ask whether what was acknowledged is kept; False if the destination does not associate.

        Where that is not wanted any more, it is sent.
        """
        deliveries = self.journal.deliveries
        if not self.destination.storage_commitment:
            deliveries.note_sent(delivery)
            return True
        transaction_uid = self.new_uid()
        # Before it is asked: the answer may come at once, to the listener.
        again_at = self.clock() + self.destination.commitment_wait_s
        deliveries.note_asked(delivery, transaction_uid, again_at)
        try:
            paths = whole_results(self.spool.folder / delivery.folder)
            reason = store.ask_for_commitment(paths, transaction_uid)
        except NoAssociationError:
            return False
        except UnsendableError as error:
            reason = str(error)
        except sqlite3.Error:
            raise
        except Exception as error:  # as of a delivery
            reason = type(error).__name__
        if reason:
            self._put_off([delivery], reason)
        return True

    def _put_off(self, deliveries: Sequence[Delivery], reason: str) -> None:
        for each in deliveries:
            again_at = self.clock() + delay_s(self.delays, each.attempts)
            self.journal.deliveries.note_not_asked(each, reason, again_at)
            LOG.warning(
                "study %s: %s does not say whether it keeps it (%s)",
                each.study,
                self.destination.name,
                reason,
            )

    def _deliver(self, delivery: Delivery, send: Send) -> None:
        folder = self.spool.folder / delivery.folder
        try:
            reason = send(whole_results(folder))
        except UnsendableError as error:
            reason = str(error)
            self.journal.deliveries.note_unsendable(delivery, reason)
            with suppress(OSError):
                forget_outcome(folder)
        except (NoAssociationError, sqlite3.Error):
            raise
        except Exception as error:
            # Anything, from missing certificates to what libraries raise; not what it says, which
            # may quote a header.
            reason = type(error).__name__
        if reason:
            self._failed(delivery, reason)
        elif self.destination.storage_commitment:
            self.journal.deliveries.note_stored(delivery)
            LOG.info("study %s: %s has taken it", delivery.study, self.destination.name)
        else:
            self.journal.deliveries.note_sent(delivery)
            LOG.info("study %s: sent to %s", delivery.study, self.destination.name)

    def _send_to_web(self, paths: Sequence[Path]) -> str:
        return send_to_web(self.destination, paths, self.new_boundary())

    def _failed(self, delivery: Delivery, reason: str) -> None:
        wait_s = delay_s(self.delays, delivery.attempts)
        self.journal.deliveries.note_failed(delivery, reason, self.clock() + wait_s)
        LOG.warning(
            "study %s: not sent to %s (%s); again in %.0f s",
            delivery.study,
            self.destination.name,
            reason,
            wait_s,
        )


def delay_s(delays: RetryDelays, attempts: int) -> float:
    """How long to wait after this many failures before: twice as long each time.

    Examples
    --------
    >>> [delay_s(RetryDelays(10, 60), attempts) for attempts in range(4)]
    [10.0, 20.0, 40.0, 60]
    """
    wait_s: float = delays.first_delay_s * 2.0 ** min(attempts, 30)
    return min(wait_s, delays.longest_delay_s)
