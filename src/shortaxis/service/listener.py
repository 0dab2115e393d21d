"""The listener of the node: C-ECHO, and C-STORE with success once the object is on disk.

PS3.4 B.2.3 gives the statuses of C-STORE. Handlers are thin: they check, store, note in the
journal and return a status.
"""

from __future__ import annotations

import ipaddress
import logging
import ssl
import threading
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from pynetdicom import AE, evt
from pynetdicom.sop_class import (  # type: ignore[attr-defined] # made from a table there
    NuclearMedicineImageStorage,
    PositronEmissionTomographyImageStorage,
    Verification,
)

from shortaxis.dicom.elements.transfer_syntaxes import readable_syntaxes
from shortaxis.errors import OutputError
from shortaxis.service.journal import Journal
from shortaxis.service.reading_rules import Sender
from shortaxis.service.settings import Node, Tls
from shortaxis.service.spool import Spool, hashed_name

__all__ = ["Listener", "tls_context"]

LOG = logging.getLogger("shortaxis.service")

SUCCESS = 0x0000
OUT_OF_RESOURCES = 0xA700
DOES_NOT_MATCH_CLASS = 0xA900
CANNOT_UNDERSTAND = 0xC000
"""PS3.4, table B.2-1."""

STORED_CLASSES = (NuclearMedicineImageStorage, PositronEmissionTomographyImageStorage)


@dataclass
class Listener:
    """A storage SCP.

    `least_free_mb` of the disk stay free; `event_counts` are since the start, for metrics.
    """

    node: Node
    spool: Spool
    journal: Journal
    least_free_mb: float = 0.0
    event_counts: Counter[str] = field(default_factory=Counter)
    _open: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Serve until the block ends.

        Raises
        ------
        OutputError
            If the port is taken.
        """
        entity = self._entity()
        context = None if self.node.tls is None else tls_context(self.node.tls, is_server=True)
        try:
            server = entity.start_server(
                (self.node.host, self.node.port),
                block=False,
                ssl_context=context,
                evt_handlers=self._handlers(),
            )
        except OSError as error:
            raise OutputError(
                "the port cannot be used",
                expected="a free port of this machine",
                found=f"{self.node.host}:{self.node.port}: {error.strerror}",
                cause="another node uses it, or a port below 1024 without the right to it",
            ) from error
        try:
            yield
        finally:
            if server is not None:
                server.shutdown()
            entity.shutdown()

    @property
    def open_studies(self) -> set[str]:
        """Studies that an association sent objects of that is still open."""
        with self._lock:
            return {each for studies in self._open.values() for each in studies}

    @property
    def associations(self) -> int:
        """How many are open."""
        return self.event_counts["associations opened"] - self.event_counts["associations closed"]

    def _entity(self) -> AE:
        entity = AE(self.node.ae_title)
        entity.require_called_aet = self.node.require_called_ae_title
        entity.require_calling_aet = list(self.node.calling_ae_titles)
        entity.maximum_associations = self.node.max_associations
        entity.network_timeout = entity.acse_timeout = entity.dimse_timeout = (
            self.node.network_timeout_s
        )
        entity.add_supported_context(Verification)
        for storage_class in STORED_CLASSES:
            entity.add_supported_context(storage_class, list(readable_syntaxes()))
        return entity

    def _handlers(self) -> list[Any]:
        return [
            (evt.EVT_CONN_OPEN, self._opened),
            (evt.EVT_CONN_CLOSE, self._closed),
            (evt.EVT_C_ECHO, self._echoed),
            (evt.EVT_C_STORE, self._stored),
        ]

    def _opened(self, event: evt.Event) -> None:
        self.event_counts["associations opened"] += 1
        host = event.assoc.requestor.address
        allowed = [ipaddress.ip_network(each) for each in self.node.addresses]
        if allowed and not any(ipaddress.ip_address(host) in each for each in allowed):
            LOG.warning("refused an address that is not on the list")
            self.event_counts["addresses refused"] += 1
            event.assoc.abort()

    def _closed(self, event: evt.Event) -> None:
        self.event_counts["associations closed"] += 1
        with self._lock:
            self._open.pop(id(event.assoc), None)

    def _echoed(self, event: evt.Event) -> int:
        self.event_counts["echoes"] += 1
        return SUCCESS

    def _stored(self, event: evt.Event) -> int:
        try:
            status = self._store(event)
        except Exception as error:
            # What a peer sends must not end an association with a traceback that quotes it.
            LOG.error("an object could not be stored: %s", type(error).__name__)
            status = OUT_OF_RESOURCES if isinstance(error, OSError) else CANNOT_UNDERSTAND
        self.event_counts["objects stored" if status == SUCCESS else "objects refused"] += 1
        return status

    def _store(self, event: evt.Event) -> int:
        content = event.encoded_dataset(include_meta=True)
        if len(content) > 1e6 * self.node.largest_object_mb:
            LOG.warning("refused an object of %d MB", len(content) // 1_000_000)
            return OUT_OF_RESOURCES
        if self.spool.free_mb() - len(content) / 1e6 < self.least_free_mb:
            LOG.error("refused an object: the disk is nearly full")
            return OUT_OF_RESOURCES
        uids = [str(event.dataset.get(name, "")) for name in ("StudyInstanceUID", "SOPInstanceUID")]
        if not all(uids):
            return CANNOT_UNDERSTAND
        if uids[1] != getattr(event.request, "AffectedSOPInstanceUID", None):
            return DOES_NOT_MATCH_CLASS
        study, name = map(hashed_name, uids)
        with self._lock:
            # From now on the study is not complete before this association ends.
            self._open[id(event.assoc)].add(study)
        if self.journal.has_object(name):
            self.event_counts["duplicates"] += 1
            return SUCCESS
        path = self.spool.store(study, name, content)
        asked = event.assoc.requestor.primitive
        titles = (asked.calling_ae_title, asked.called_ae_title) if asked else ("", "")
        sender = Sender(*(title.strip() for title in titles))
        where = path.relative_to(self.spool.folder).as_posix()
        self.journal.add_object(name, study, where, sender)
        return SUCCESS


def tls_context(tls: Tls, *, is_server: bool) -> ssl.SSLContext:
    """TLS 1.2 or later (PS3.15 B.9); with an authority both sides show certificates."""
    purpose = ssl.Purpose.CLIENT_AUTH if is_server else ssl.Purpose.SERVER_AUTH
    context = ssl.create_default_context(purpose, cafile=tls.authority)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(tls.certificate, tls.key)
    if is_server and tls.authority is not None:
        context.verify_mode = ssl.CERT_REQUIRED
    return context
