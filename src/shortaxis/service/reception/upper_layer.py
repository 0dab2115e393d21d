"""The one place that changes how pynetdicom receives.

pynetdicom 3.0 makes an association, with two threads that ask a thousand times a second, for every
connection; it shakes hands for TLS before it takes the next one; it reads as many bytes as a PDU
claims to have, without end, and keeps a whole data set in memory; it closes a refused connection by
an association that was never there. So a connection is given to it only with a whole association
request and a place, and its socket and its DIMSE provider ask `Connection` and `ArrivingObject`.
"""

from __future__ import annotations

import io
import logging
import queue
import socket
import ssl
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast

from pynetdicom import AE, evt
from pynetdicom.association import Association
from pynetdicom.dimse import DIMSEServiceProvider
from pynetdicom.dimse_messages import (
    C_CANCEL_RQ,
    C_ECHO_RQ,
    C_STORE_RQ,
    N_EVENT_REPORT_RQ,
    DIMSEMessage,
)
from pynetdicom.dsutils import create_file_meta, encode_file_meta
from pynetdicom.pdu import A_ASSOCIATE_RQ
from pynetdicom.pdu_primitives import P_DATA
from pynetdicom.transport import AssociationSocket, RequestHandler, ThreadedAssociationServer

from shortaxis.service.reception.arriving import ArrivalRules, ArrivingObject
from shortaxis.service.reception.association_requests import (
    LARGEST_PDU_BYTES,
    read_association_request,
)
from shortaxis.service.reception.connection import Connection
from shortaxis.service.reception.connections import Connections

__all__ = ["Reception", "connection_of", "serving"]

LOG = logging.getLogger("shortaxis.service")

LARGEST_COMMAND_BYTES = 1 << 16
"""Commands have some two hundred bytes (PS3.7 9.3)."""

MOST_UNANSWERED = 8
"""Requests; one at a time is negotiated (PS3.7 D.3.3.3)."""

NO_PLACE = b"\x03\x00\x00\x00\x00\x04\x00\x02\x03\x02"
"""A-ASSOCIATE-RJ: transient, of the presentation service, local limit exceeded (PS3.8 9.3.4)."""

NOT_UNDERSTOOD = b"\x07\x00\x00\x00\x00\x04\x00\x00\x02\x06"
"""A-ABORT: of the service provider, invalid PDU parameter value (PS3.8 9.3.8)."""

PREAMBLE = bytes(128) + b"DICM"

REQUEST_AWAITED_S = 0.02
"""By an association, before it looks whether it is over."""

LOOKED_EVERY_S = 0.000125
"""For what comes over a connection, times their number: many do not cost more than a few."""

WAITING_PEERS = 128
JOIN_TIMEOUT_S = 1.0


@dataclass(frozen=True)
class Reception:
    """What the server asks: who may connect, where objects arrive, and TLS if there is any.

    `noted` is told of events by name, and `ended` of associations that are over.
    """

    connections: Connections
    arrivals: ArrivalRules
    tls: ssl.SSLContext | None
    noted: Callable[[str], None]
    ended: Callable[[Association], None]


@contextmanager
def serving(
    entity: AE, address: tuple[str, int], reception: Reception, handlers: list[Any]
) -> Iterator[None]:
    """Serve until the block ends; then every connection is closed.

    Raises
    ------
    OSError
        If the port is taken.
    """
    server = _Server(
        entity, address, entity.ae_title, entity.supported_contexts, None, handlers, _Handler
    )
    server.reception = reception
    # `shutdown` of the server takes it out again.
    entity._servers.append(server)
    thread = threading.Thread(target=server.serve_forever, name="listener", daemon=True)
    thread.start()
    try:
        with reception.connections.watched():
            yield
    finally:
        server.shutdown()
        thread.join(JOIN_TIMEOUT_S)


def connection_of(association: Association) -> Connection:
    """The connection of an association that is being served."""
    return cast(_Messages, association.dimse).connection


_Request = socket.socket | tuple[bytes, socket.socket]
_Peer = tuple[str, int] | str
"""As pynetdicom has them; of TCP they are a socket, and an address with its port."""


class _Server(ThreadedAssociationServer):
    """Takes connections from the addresses on the list, and none of its time to greet them."""

    reception: Reception
    daemon_threads = True
    request_queue_size = WAITING_PEERS

    def verify_request(self, request: object, client_address: _Peer) -> bool:
        if self.reception.connections.is_allowed(client_address[0]):
            return True
        self.reception.noted("addresses refused")
        return False

    def process_request(self, request: _Request, client_address: _Peer) -> None:
        connected = cast(socket.socket, request)
        connection = self.reception.connections.opened(connected, client_address[0])
        super().process_request(connection, client_address)  # type: ignore[arg-type]

    def shutdown_request(self, request: _Request | Connection) -> None:
        if isinstance(request, Connection):
            self.reception.connections.closed(request)
            request = request.socket
        super().shutdown_request(request)

    def handle_error(self, request: object, client_address: _Peer) -> None:
        # In the place of a traceback that names the peer.
        LOG.warning("a connection failed: %s", type(sys.exception()).__name__)


class _Handler(RequestHandler):
    """One connection from its start to its end, in a thread of its own."""

    server: _Server
    request: Any

    def handle(self) -> None:
        connection: Connection = self.request
        try:
            self._secure(connection)
            begun = read_association_request(connection)
            if begun and self._understands(connection, begun) and self._takes_place(connection):
                self._associate(connection, begun)
        except (OSError, ValueError):
            # The peer is gone or was cut.
            pass
        finally:
            self.server.shutdown_request(connection)

    def _secure(self, connection: Connection) -> None:
        tls = self.server.reception.tls
        if tls is None:
            return
        plain = connection.socket
        connection.socket = tls.wrap_socket(plain, server_side=True, do_handshake_on_connect=False)
        if connection.is_cut:
            connection.cut()
        connection.socket.do_handshake()

    def _understands(self, connection: Connection, begun: bytes) -> bool:
        try:
            asked = A_ASSOCIATE_RQ()
            asked.decode(begun)
            asked.to_primitive()
        except Exception:
            # Anything; in an association it would end a thread, and leave the place taken.
            self.server.reception.noted("requests refused")
            connection.socket.sendall(NOT_UNDERSTOOD)
            return False
        return True

    def _takes_place(self, connection: Connection) -> bool:
        if self.server.reception.connections.takes_place(connection):
            return True
        self.server.reception.noted("associations refused")
        connection.socket.sendall(NO_PLACE)
        return False

    def _associate(self, connection: Connection, begun: bytes) -> None:
        self.request = connection.socket
        reception = self.server.reception
        association = self._create_association()
        association.dimse = messages = _Messages(association, reception.arrivals, connection)
        # The socket says once more that there is a connection.
        association.dul.event_queue = queue.Queue()
        association.dul.socket = _Socket(association, connection, begun)
        association.dul._run_loop_delay = max(
            association.dul._run_loop_delay, LOOKED_EVERY_S * len(reception.connections)
        )
        association.bind(evt.EVT_ESTABLISHED, lambda _: connection.established())
        for over in (evt.EVT_RELEASED, evt.EVT_ABORTED, evt.EVT_REJECTED):
            association.bind(over, lambda _: connection.ends())
        reception.noted("associations opened")
        try:
            association.start()
            association.join()
        finally:
            connection.cut()
            association.dul.join(JOIN_TIMEOUT_S)
            messages.drop_all()
            reception.ended(association)
            reception.noted("associations closed")


class _Socket(AssociationSocket):
    """Reads what was read before first, and never more than a PDU may have."""

    def __init__(self, association: Association, connection: Connection, begun: bytes) -> None:
        super().__init__(association, client_socket=connection.socket)
        self._connection = connection
        self._begun = bytearray(begun)

    @property
    def ready(self) -> bool:
        return bool(self._begun) or super().ready

    def recv(self, nr_bytes: int) -> bytearray:
        if nr_bytes > LARGEST_PDU_BYTES:
            raise OSError("a PDU that is too large")
        if self._begun:
            first, self._begun = self._begun[:nr_bytes], self._begun[nr_bytes:]
            return first
        self._connection.begins()
        content = bytearray()
        while len(content) < nr_bytes and self.socket is not None:
            part = self.socket.recv(nr_bytes - len(content))
            if not part:
                self._connection.is_left = True
                break
            content += part
            self._connection.moved(len(part))
        return content

    def send(self, bytestream: bytes) -> None:
        self._connection.begins()
        sent = 0
        try:
            while sent < len(bytestream) and self.socket is not None:
                count = self.socket.send(bytestream[sent:])
                sent += count
                self._connection.moved(count)
        except OSError:
            self.event_queue.put("Evt17")
        if not self.assoc.dimse.is_busy:  # type: ignore[attr-defined]  # of `_Messages`
            self._connection.rests()


class _Messages(DIMSEServiceProvider):
    """Takes the messages that this node serves, and keeps data sets in files."""

    def __init__(
        self, association: Association, rules: ArrivalRules, connection: Connection
    ) -> None:
        super().__init__(association)
        self._rules = rules
        self.connection = connection
        self._arriving: list[ArrivingObject] = []

    def get_msg(self, block: bool = False) -> tuple[Any, Any]:
        """The next request; waits a little for it, in the place of asking all the time."""
        if block:
            return super().get_msg(block)
        try:
            return self.msg_queue.get(timeout=REQUEST_AWAITED_S)
        except queue.Empty:
            return None, None

    @property
    def is_busy(self) -> bool:
        """Whether a message is on its way, or waits to be served."""
        return not self.is_complete or bool(self.msg_queue.qsize())

    @property
    def is_complete(self) -> bool:
        """Whether no message is on its way."""
        return self.message is None

    def receive_primitive(self, primitive: P_DATA) -> None:
        try:
            self._receive(primitive)
        except Exception as error:
            # pynetdicom would end its thread with a traceback that may quote the peer.
            LOG.warning("an association was ended: %s", type(error).__name__)
            self.dul.event_queue.put("Evt19")

    def _receive(self, primitive: P_DATA) -> None:
        if self.msg_queue.qsize() >= MOST_UNANSWERED:
            raise _RefusedError("more requests than are answered")
        message = self.message or self._new_message()
        self.message = message
        super().receive_primitive(primitive)
        if message.context_id and not isinstance(message, SERVED):
            raise _RefusedError("a message that is not served")
        if self.is_complete and isinstance(message, C_CANCEL_RQ):
            self.connection.rests()
        elif self.is_complete:
            self.connection.works()

    def _new_message(self) -> DIMSEMessage:
        message = DIMSEMessage()
        message.encoded_command_set = _Command()
        arriving = ArrivingObject(self._rules, lambda: self._head(message))
        message.data_set = arriving
        self._arriving = [*(each for each in self._arriving if each.is_here), arriving]
        return message

    def _head(self, message: DIMSEMessage) -> bytes:
        """What comes before the data set in a file (PS3.10 7.1)."""
        is_kept = isinstance(message, C_STORE_RQ | N_EVENT_REPORT_RQ)
        if not is_kept or message.context_id is None:
            raise _RefusedError("a data set of no object")
        meta = create_file_meta(
            sop_class_uid=message.command_set.AffectedSOPClassUID,
            sop_instance_uid=message.command_set.AffectedSOPInstanceUID,
            transfer_syntax=self.assoc._accepted_cx[message.context_id].transfer_syntax[0],
        )
        # Rules of a sender hold after the journal was lost, too (PS3.10 7.1).
        asked = self.assoc.requestor.primitive
        if asked is not None:
            meta.SendingApplicationEntityTitle = asked.calling_ae_title.strip()
            meta.ReceivingApplicationEntityTitle = asked.called_ae_title.strip()
        return PREAMBLE + encode_file_meta(meta)

    def drop_all(self) -> None:
        """Remove what nobody will ask for any more."""
        for each in self._arriving:
            each.discard()


SERVED = (C_STORE_RQ, C_ECHO_RQ, C_CANCEL_RQ, N_EVENT_REPORT_RQ)


class _Command(io.BytesIO):
    def write(self, content: bytes, /) -> int:  # type: ignore[override]  # bytes are all that comes
        if self.tell() + len(content) > LARGEST_COMMAND_BYTES:
            raise _RefusedError("a command that is too large")
        return super().write(content)


class _RefusedError(Exception):
    """What this node does not take from a peer."""
