"""The listener of the node: C-ECHO, and C-STORE with success once the object is on disk.

PS3.4 B.2.3 gives the statuses of C-STORE. Handlers are thin: they check, store, note in the
journal and return a status.
"""

from __future__ import annotations

import logging
import sqlite3
import ssl
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pynetdicom import AE, evt
from pynetdicom.dimse_primitives import C_STORE, N_EVENT_REPORT
from pynetdicom.sop_class import (  # type: ignore[attr-defined] # made from a table there
    NuclearMedicineImageStorage,
    PositronEmissionTomographyImageStorage,
    StorageCommitmentPushModel,
    Verification,
)

from shortaxis.dicom.elements.part10 import read_dataset
from shortaxis.dicom.elements.transfer_syntaxes import readable_syntaxes
from shortaxis.dicom.received.commitments import CommitmentReport, report_of
from shortaxis.dicom.received.statuses import commented_status
from shortaxis.errors import OutputError
from shortaxis.service.bookkeeping.journal import Journal
from shortaxis.service.destinations import Tls
from shortaxis.service.held_studies import HeldStudies
from shortaxis.service.reading_rules import Sender
from shortaxis.service.receiving import Arrival, Received, receive
from shortaxis.service.reception.arriving import ArrivalRules, ArrivingObject
from shortaxis.service.reception.connections import Connections
from shortaxis.service.reception.limits import Limits
from shortaxis.service.reception.object_readers import ObjectReaders
from shortaxis.service.reception.reading_turns import SenderGoneError
from shortaxis.service.reception.upper_layer import Reception, connection_of, serving
from shortaxis.service.settings import Node
from shortaxis.service.spool import Spool, hashed_name
from shortaxis.service.workers import TaskFailedError, WorkerDiedError

__all__ = ["Listener", "tls_context"]

LOG = logging.getLogger("shortaxis.service")

SUCCESS = 0x0000
OUT_OF_RESOURCES = 0xA700
DOES_NOT_MATCH_CLASS = 0xA900
CANNOT_UNDERSTAND = 0xC000
OTHER_CONTENT = 0xC111
"""PS3.4, table B.2-1; what follows the C is this node's: an object of this UID says something else.

Not 0111, a duplicate: senders take that for success.
"""

PREAMBLE = bytes(128) + b"DICM"
"""What a file begins with (PS3.10 7.1)."""

COMMENTS = {OTHER_CONTENT: "an object of this UID is here with other content"}
"""What is said besides a status; without identifiers, since senders log it."""

PROCESSING_FAILURE = 0x0110
"""PS3.7 C.4.2."""

LARGEST_REPORT_BYTES = 1 << 16
"""Of storage commitment: two hundred bytes for each of six objects. It is read in this process."""

STORED_CLASSES = (NuclearMedicineImageStorage, PositronEmissionTomographyImageStorage)


@dataclass
class Listener:
    """A storage SCP.

    `least_free_mb` of the disk stay free; `event_counts` are since the start, for metrics;
    `reported` is told what archives say of storage commitment, where they are asked.
    """

    node: Node
    spool: Spool
    journal: Journal
    least_free_mb: float = 0.0
    limits: Limits = field(default_factory=Limits)
    event_counts: Counter[str] = field(default_factory=Counter)
    reported: Callable[[CommitmentReport], None] | None = None
    connections: Connections = field(init=False)
    _readers: ObjectReaders = field(init=False)
    held: HeldStudies = field(init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        node = self.node
        self.connections = Connections(
            node.addresses, node.max_associations, node.network_timeout_s, self.limits
        )
        self._readers = ObjectReaders(self.limits)
        self.held = HeldStudies(node.network_timeout_s)

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Serve until the block ends; then every connection is closed.

        Raises
        ------
        OutputError
            If the port is taken.
        """
        address = (self.node.host, self.node.port)
        reception = self._reception()
        reception.arrivals.prepare()
        with ExitStack() as stack:
            stack.enter_context(self._readers.running())
            try:
                stack.enter_context(serving(self._entity(), address, reception, self._handlers()))
            except OSError as error:
                raise OutputError(
                    "the port cannot be used",
                    expected="a free port of this machine",
                    found=f"{self.node.host}:{self.node.port}: {error.strerror}",
                    cause="another node uses it, or a port below 1024 without the right to it",
                ) from error
            yield

    def _reception(self) -> Reception:
        return Reception(
            self.connections,
            ArrivalRules(
                self.spool.arriving, int(1e6 * self.node.largest_object_mb), self._has_room
            ),
            None if self.node.tls is None else tls_context(self.node.tls, is_server=True),
            self._note,
            self._ended,
        )

    def _has_room(self, byte_count: int) -> bool:
        return self.spool.free_mb() - byte_count / 1e6 >= self.least_free_mb

    def _note(self, event: str) -> None:
        with self._lock:
            self.event_counts[event] += 1
            count = self.event_counts[event]
        # The first, and then ever more seldom: a flood shall not fill the log.
        if event.endswith("refused") and count & (count - 1) == 0:
            LOG.warning("%s: %d", event, count)

    def _entity(self) -> AE:
        entity = AE(self.node.ae_title)
        entity.require_called_aet = self.node.require_called_ae_title
        entity.require_calling_aet = list(self.node.calling_ae_titles)
        # `Connections` counts them.
        entity.maximum_associations = sys.maxsize
        entity.network_timeout = entity.acse_timeout = entity.dimse_timeout = (
            self.node.network_timeout_s
        )
        entity.add_supported_context(Verification)
        for storage_class in STORED_CLASSES:
            entity.add_supported_context(storage_class, list(readable_syntaxes()))
        if self.reported is not None:
            # Who reports has the role of the SCP, and who asked that of the SCU (PS3.4 J.3.3).
            entity.add_supported_context(StorageCommitmentPushModel, scu_role=True, scp_role=True)
        return entity

    def _handlers(self) -> list[Any]:
        return [
            (evt.EVT_C_ECHO, self._echoed),
            (evt.EVT_C_STORE, self._stored),
            (evt.EVT_N_EVENT_REPORT, self._commitment),
        ]

    def _ended(self, association: object) -> None:
        self.held.ended(id(association))

    def _echoed(self, event: evt.Event) -> int:
        self._note("echoes")
        return SUCCESS

    def _commitment(self, event: evt.Event) -> tuple[int, None]:
        """What an archive says of results that it was sent (PS3.4 J.3.3)."""
        request = event.request
        arrived = request.EventInformation if isinstance(request, N_EVENT_REPORT) else None
        if self.reported is None or not isinstance(arrived, ArrivingObject):
            return PROCESSING_FAILURE, None
        try:
            path = arrived.finish()
            if path is None or arrived.size > LARGEST_REPORT_BYTES:
                return PROCESSING_FAILURE, None
            self.reported(report_of(read_dataset(path, with_pixels=False)))
        except Exception as error:
            # What a peer sends must not end an association with a traceback that quotes it.
            LOG.error("a report of storage commitment failed: %s", type(error).__name__)
            return PROCESSING_FAILURE, None
        finally:
            arrived.discard()
        self._note("commitments reported")
        return SUCCESS, None

    def _stored(self, event: evt.Event) -> object:
        request = event.request
        arrived = request.DataSet if isinstance(request, C_STORE) else None
        if not isinstance(request, C_STORE) or not isinstance(arrived, ArrivingObject):
            return CANNOT_UNDERSTAND
        try:
            status = self._store(event, arrived, str(request.AffectedSOPInstanceUID))
        except SenderGoneError:
            # Nobody hears the answer, and who sent it knows that it was not taken.
            status = OUT_OF_RESOURCES
        except Exception as error:
            # What a peer sends must not end an association with a traceback that quotes it.
            LOG.error("an object could not be stored: %s", type(error).__name__)
            is_ours = isinstance(error, OSError | sqlite3.Error)
            status = OUT_OF_RESOURCES if is_ours else CANNOT_UNDERSTAND
        finally:
            arrived.discard()
        self._note("objects stored" if status == SUCCESS else "objects refused")
        return commented_status(status, COMMENTS[status]) if status in COMMENTS else status

    def _store(self, event: evt.Event, arrived: ArrivingObject, requested_uid: str) -> int:
        path = arrived.finish()
        if arrived.is_refused:
            LOG.warning("refused an object of %d MB: too large, or no room", arrived.size // 10**6)
            return OUT_OF_RESOURCES
        if path is None:
            return CANNOT_UNDERSTAND
        connection = connection_of(event.assoc)
        try:
            identity = self._readers.identity(path, connection)
        except (TaskFailedError, WorkerDiedError) as error:
            LOG.warning("refused an object: its header cannot be read: %s", error)
            return CANNOT_UNDERSTAND
        uids = identity.study_instance_uid, identity.sop_instance_uid
        if not all(uids):
            return CANNOT_UNDERSTAND
        if uids[1] != requested_uid:
            return DOES_NOT_MATCH_CLASS
        study, name = map(hashed_name, uids)

        def is_same(kept: Path, sent: Path) -> bool:
            return self._readers.is_same(kept, sent, connection)

        self.held.sends(id(event.assoc), study)
        arrival = Arrival(study, name, path, _sender_of(event))
        received = receive(self.spool, self.journal, arrival, is_same)
        if received is not Received.STORED:
            self._note(received)
        return OTHER_CONTENT if received is Received.OTHER_CONTENT else SUCCESS


def _sender_of(event: evt.Event) -> Sender:
    asked = event.assoc.requestor.primitive
    titles = (asked.calling_ae_title, asked.called_ae_title) if asked else ("", "")
    return Sender(*(title.strip() for title in titles))


def tls_context(tls: Tls, *, is_server: bool) -> ssl.SSLContext:
    """TLS 1.2 or later (PS3.15 B.9); with an authority both sides show certificates."""
    purpose = ssl.Purpose.CLIENT_AUTH if is_server else ssl.Purpose.SERVER_AUTH
    context = ssl.create_default_context(purpose, cafile=tls.authority)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(tls.certificate, tls.key)
    if is_server and tls.authority is not None:
        context.verify_mode = ssl.CERT_REQUIRED
    return context
