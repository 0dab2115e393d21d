"""The sender of the node: results go to their destinations, tried again until they arrive.

A delivery counts as sent when the destination has acknowledged every object of it. What was
acknowledged and not noted, because the node was killed in between, is sent again: objects have the
same UIDs then, and a destination keeps one of them.
"""

from __future__ import annotations

import io
import logging
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from email.message import Message
from pathlib import Path
from uuid import uuid4

from pynetdicom import AE
from pynetdicom.sop_class import (  # type: ignore[attr-defined] # made from a table there
    NuclearMedicineImageStorage,
)

from shortaxis.service.journal import Journal
from shortaxis.service.listener import tls_context
from shortaxis.service.records import Delivery
from shortaxis.service.settings import Destination, RetryDelays
from shortaxis.service.spool import Spool

__all__ = ["Sender", "delay_s"]

LOG = logging.getLogger("shortaxis.service")

DELIVERIES_PER_ASSOCIATION = 20

STORED = (0x0000, 0x0111, 0xB000, 0xB006, 0xB007)
"""Success, a duplicate (PS3.7 C.5.11), and warnings: the object was stored (PS3.4, table B.2-1)."""

Send = Callable[[Sequence[Path]], str]
"""Sends files; returns the reason if they did not all arrive, else nothing."""


def random_boundary() -> str:
    """A boundary of a multipart message that occurs in none of its parts."""
    return f"shortaxis-{uuid4().hex}"


@dataclass
class Sender:
    """A storage SCU, or a STOW-RS client, that sends what is due to one destination.

    `clock` gives the time, seconds since the epoch; `new_boundary` that of a multipart message.
    """

    destination: Destination
    calling_ae_title: str
    delays: RetryDelays
    spool: Spool
    journal: Journal
    clock: Callable[[], float] = field(default=time.time, kw_only=True)
    new_boundary: Callable[[], str] = field(default=random_boundary, kw_only=True)

    def send_due(self) -> int:
        """Send what is due; returns how many deliveries were tried."""
        due = self.journal.due_deliveries(self.destination.name, DELIVERIES_PER_ASSOCIATION)
        if not due:
            return 0
        if self.destination.url:
            self._settle_each(due, self._send_to_web)
            return len(due)
        entity = self._entity()
        connection = self.destination
        tls = None if connection.tls is None else (tls_context(connection.tls, is_server=False), "")
        association = entity.associate(
            connection.host,
            connection.port,
            ae_title=connection.ae_title,
            tls_args=tls and (tls[0], connection.host),
        )
        if not association.is_established:
            for each in due:
                self._failed(each, "no association")
            return len(due)

        def send(paths: Sequence[Path]) -> str:
            for path in paths:
                if not association.is_established:
                    return "the association ended"
                status = association.send_c_store(path)
                code = status.Status if "Status" in status else None
                if code not in STORED:
                    return "no answer" if code is None else f"status {code:04X}"
            return ""

        try:
            self._settle_each(due, send)
        finally:
            if association.is_established:
                association.release()
        return len(due)

    def _entity(self) -> AE:
        entity = AE(self.destination.calling_ae_title or self.calling_ae_title)
        timeout = self.destination.timeout_s
        entity.network_timeout = entity.acse_timeout = timeout
        entity.dimse_timeout = entity.connection_timeout = timeout
        entity.add_requested_context(NuclearMedicineImageStorage)
        return entity

    def _settle_each(self, due: Sequence[Delivery], send: Send) -> None:
        for each in due:
            paths = sorted((self.spool.folder / each.folder).glob("*.dcm"))
            if not paths:
                self.journal.note_results_gone(each)
            try:
                reason = send(paths) if paths else "results are gone"
            except (OSError, ValueError, RuntimeError) as error:
                reason = type(error).__name__
            if reason:
                self._failed(each, reason)
            else:
                self.journal.note_delivered(each)
                LOG.info("study %s: sent to %s", each.study, self.destination.name)

    def _failed(self, delivery: Delivery, reason: str) -> None:
        wait_s = delay_s(self.delays, delivery.attempts)
        self.journal.note_not_delivered(delivery, reason, self.clock() + wait_s)
        LOG.warning(
            "study %s: not sent to %s (%s); again in %.0f s",
            delivery.study,
            self.destination.name,
            reason,
            wait_s,
        )

    def _send_to_web(self, paths: Sequence[Path]) -> str:
        """STOW-RS (PS3.18 10.5): one multipart request for all objects."""
        boundary = self.new_boundary()
        body = io.BytesIO()
        for path in paths:
            body.write(f"--{boundary}\r\nContent-Type: application/dicom\r\n\r\n".encode())
            body.write(path.read_bytes())
            body.write(b"\r\n")
        body.write(f"--{boundary}--\r\n".encode())
        kind = f'multipart/related; type="application/dicom"; boundary={boundary}'
        headers = {"Content-Type": kind, "Accept": "application/dicom+json"}
        token = self.destination.token_file
        if token is not None:
            headers["Authorization"] = f"Bearer {token.read_text(encoding='utf-8').strip()}"
        request = urllib.request.Request(  # noqa: S310 - http and https alone, see the settings
            f"{self.destination.url.rstrip('/')}/studies", body.getvalue(), headers
        )
        try:
            with _opener(self.destination).open(
                request, timeout=self.destination.timeout_s
            ) as answer:
                return "" if answer.status == HTTP_OK else f"status {answer.status}"
        except urllib.error.HTTPError as error:
            return f"status {error.code}"
        except (urllib.error.URLError, OSError) as error:
            return type(getattr(error, "reason", error)).__name__


HTTP_OK = 200
"""Every object was stored; 202 says that some were not (PS3.18 10.5.3.1)."""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Studies go where the configuration says, and nowhere else."""

    def redirect_request(
        self, req: object, fp: object, code: int, msg: str, headers: Message, newurl: str
    ) -> None:
        """Follow nothing."""


def _opener(destination: Destination) -> urllib.request.OpenerDirector:
    handlers: list[urllib.request.BaseHandler] = [urllib.request.ProxyHandler({}), _NoRedirect()]
    if destination.tls is not None:
        context = tls_context(destination.tls, is_server=False)
        handlers.append(urllib.request.HTTPSHandler(context=context))
    return urllib.request.build_opener(*handlers)


def delay_s(delays: RetryDelays, attempts: int) -> float:
    """How long to wait after this many failures before: twice as long each time.

    Examples
    --------
    >>> [delay_s(RetryDelays(10, 60), attempts) for attempts in range(4)]
    [10.0, 20.0, 40.0, 60]
    """
    wait_s: float = delays.first_delay_s * 2.0 ** min(attempts, 30)
    return min(wait_s, delays.longest_delay_s)
