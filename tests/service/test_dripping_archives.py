"""A destination that never comes to an end has failed, and takes no memory meanwhile."""

from __future__ import annotations

import resource
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

pytest.importorskip("pynetdicom", reason="the DICOM node needs pynetdicom")

from evidence.measuring.speed.node_strangers import pdu
from service_peers import DEMO
from shortaxis.service.destinations import Destination
from shortaxis.service.sending.dicom_store import DicomStore, NoAssociationError
from shortaxis.service.sending.web_store import send_to_web
from shortaxis.web import peer_time
from shortaxis.web.peer_time import PeerTime

PATHS = [DEMO / "study.dcm"]

Act = Callable[[socket.socket], None]


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peer_time, "LEAST_BYTES_PER_S", 1e9)


@pytest.fixture
def port_of() -> Iterator[Callable[[Act], int]]:
    opened: list[socket.socket] = []

    def begin(act: Act) -> int:
        listening = socket.create_server(("127.0.0.1", 0))
        opened.append(listening)

        def serve() -> None:
            with suppress(OSError):
                while True:
                    opened.append(listening.accept()[0])
                    threading.Thread(target=perform, args=(opened[-1],), daemon=True).start()

        def perform(connection: socket.socket) -> None:
            with suppress(OSError):
                act(connection)

        threading.Thread(target=serve, daemon=True).start()
        port: int = listening.getsockname()[1]
        return port

    yield begin
    for each in opened:
        each.close()


def repeated(connection: socket.socket, content: bytes) -> None:
    while True:
        connection.sendall(content)
        time.sleep(0.05)


def dripping_header(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nX: ")
    repeated(connection, b"a")


def dripping_body(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
    repeated(connection, b" ")


def going_on(connection: socket.socket) -> None:
    repeated(connection, b"HTTP/1.1 100 Continue\r\n\r\n")


@pytest.mark.parametrize("act", [dripping_header, dripping_body, going_on])
def test_a_web_server_that_drips_has_failed(port_of: Callable[[Act], int], act: Act) -> None:
    there = Destination("web", url=f"http://127.0.0.1:{port_of(act)}", timeout_s=0.5)

    assert send_to_web(there, PATHS, "boundary") == "the answer took too long"


def associated(connection: socket.socket) -> None:
    """Accept the one context that is asked for (PS3.8 9.3.3)."""

    def item(kind: int, content: bytes) -> bytes:
        return struct.pack(">BBH", kind, 0, len(content)) + content

    def exactly(count: int) -> bytes:
        content = b""
        while len(content) < count:
            content += connection.recv(count - len(content))
        return content

    asked = exactly(struct.unpack(">2xI", exactly(6))[0])
    context = item(0x21, struct.pack(">BBBB", 1, 0, 0, 0) + item(0x40, b"1.2.840.10008.1.2.1"))
    user = item(0x50, item(0x51, struct.pack(">I", 16384)) + item(0x52, b"1.2.3"))
    name = item(0x10, b"1.2.840.10008.3.1.1.1")
    connection.sendall(pdu(2, struct.pack(">HH", 1, 0) + asked[4:68] + name + context + user))


def dripping_answer(connection: socket.socket) -> None:
    associated(connection)
    connection.recv(1)
    connection.sendall(struct.pack(">BBI", 4, 0, 100_000))
    repeated(connection, b"\0")


def endless_answer(connection: socket.socket) -> None:
    associated(connection)
    # An answer comes after what is asked: sooner, there may be no association to ask in.
    connection.recv(1)
    connection.sendall(struct.pack(">BBI", 4, 0, 0x7FFFFFFF))
    while True:
        connection.sendall(bytes(1 << 20))


def dripping_greeting(connection: socket.socket) -> None:
    connection.sendall(struct.pack(">BBI", 2, 0, 100_000))
    repeated(connection, b"\0")


def stored(port: int) -> str:
    there = Destination("node", ae_title="A", host="127.0.0.1", port=port, timeout_s=0.5)
    store = DicomStore(there, "SHORTAXIS")
    with store.connected():
        return store.send(PATHS)


def test_a_node_that_drips_its_answer_has_failed(port_of: Callable[[Act], int]) -> None:
    assert stored(port_of(dripping_answer)) != ""


def test_a_node_that_drips_its_greeting_is_none(port_of: Callable[[Act], int]) -> None:
    with pytest.raises(NoAssociationError):
        stored(port_of(dripping_greeting))


def test_an_answer_that_claims_to_be_huge_is_not_read(port_of: Callable[[Act], int]) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    assert stored(port_of(endless_answer)) != ""

    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1000 < 50


def test_what_is_opened_too_late_is_cut_at_once() -> None:
    spent = PeerTime()
    first, second = socket.socketpair()
    with first, second:
        with spent.limited(0):
            while not spent.is_over:
                pass

        spent.watch(first)

        assert second.recv(1) == b""
