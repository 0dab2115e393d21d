"""Strangers to the DICOM node: they speak its protocol byte by byte, and not to the end."""

from __future__ import annotations

import select
import socket
import struct
import zlib
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from evidence.measuring.speed.node_peers import TITLE, Node

__all__ = [
    "DEFLATED",
    "Stranger",
    "association_request",
    "deflated_elements",
    "deflated_header",
    "gauge",
    "many_items",
    "pdu",
    "peak_mb",
]

NUCLEAR_MEDICINE = b"1.2.840.10008.5.1.4.1.1.20"
EXPLICIT, DEFLATED = b"1.2.840.10008.1.2.1", b"1.2.840.10008.1.2.1.99"
CONTEXT_ID = 1

COMMAND, LAST = 1, 2
"""Bits of the message control header (PS3.8 E.2)."""


def association_request(
    syntax: bytes = EXPLICIT,
    called: str = TITLE,
    *,
    context_id: int = CONTEXT_ID,
    more_user_items: bytes = b"",
) -> bytes:
    """A-ASSOCIATE-RQ for NM storage, as another implementation sends it (PS3.8 9.3.2)."""
    syntaxes = _item(0x30, NUCLEAR_MEDICINE) + _item(0x40, syntax)
    context = _item(0x20, struct.pack(">B3x", context_id) + syntaxes)
    asked = _item(0x51, struct.pack(">I", 16384)) + _item(0x52, b"1.2.3.4")
    user = _item(0x50, asked + more_user_items)
    titles = struct.pack(">HH16s16s32x", 1, 0, called.encode().ljust(16), b"STRANGER".ljust(16))
    return pdu(1, titles + _item(0x10, b"1.2.840.10008.3.1.1.1") + context + user)


def pdu(kind: int, content: bytes) -> bytes:
    """A protocol data unit (PS3.8 9.3.1)."""
    return struct.pack(">BBI", kind, 0, len(content)) + content


def _item(kind: int, content: bytes) -> bytes:
    return struct.pack(">BBH", kind, 0, len(content)) + content


@dataclass(eq=False)
class Stranger:
    """A connection from an address of the loopback network."""

    port: int
    source: str = "127.0.0.1"
    connection: socket.socket = field(init=False)

    def __post_init__(self) -> None:
        self.connection = socket.create_connection(
            ("127.0.0.1", self.port), timeout=20, source_address=(self.source, 0)
        )

    def says(self, content: bytes) -> bool:
        """Whether all of it could be sent."""
        try:
            self.connection.sendall(content)
        except OSError:
            return False
        return True

    def hears(self) -> bytes:
        """The next PDU of the node; empty once it has closed the connection."""
        head = self._exactly(6)
        return head + self._exactly(struct.unpack(">BBI", head)[2]) if head else b""

    def _exactly(self, count: int) -> bytes:
        content = b""
        try:
            while len(content) < count:
                part = self.connection.recv(count - len(content))
                if not part:
                    return b""
                content += part
        except ConnectionError:
            return b""
        return content

    def is_closed(self) -> bool:
        """Whether the node has closed it, without waiting; what it said before is thrown away."""
        try:
            while select.select([self.connection], [], [], 0)[0]:
                if not self.connection.recv(65536):
                    return True
        except OSError:
            return True
        return False

    def associates(self, syntax: bytes = EXPLICIT) -> bool:
        """Whether the node has accepted an association."""
        return self.says(association_request(syntax)) and self.hears()[:1] == b"\x02"

    def says_data(self, content: bytes, *, is_command: bool = False, is_last: bool = False) -> bool:
        """Send a fragment of a message."""
        control = COMMAND * is_command | LAST * is_last
        value = struct.pack(">IBB", len(content) + 2, CONTEXT_ID, control) + content
        return self.says(pdu(4, value))

    def begins_to_store(self, uid: str = "1.2.3.4") -> bool:
        """Say that an object comes (PS3.7 9.3.1)."""
        values = {
            0x0002: NUCLEAR_MEDICINE,
            0x0100: struct.pack("<H", 1),
            0x0110: struct.pack("<H", 1),
            0x0700: struct.pack("<H", 0),
            0x0800: struct.pack("<H", 1),
            0x1000: uid.encode(),
        }
        elements = b"".join(_element(number, value) for number, value in values.items())
        command = _element(0, struct.pack("<I", len(elements))) + elements
        return self.says_data(command, is_command=True, is_last=True)

    def stores(self, content: bytes, step: int = 16000) -> int:
        """Send a whole data set; the status, or -1 where there was no answer."""
        self.begins_to_store()
        for start in range(0, len(content), step):
            part = content[start : start + step]
            if not self.says_data(part, is_last=start + step >= len(content)):
                break
        return self.status()

    def status(self) -> int:
        """Status of the next response."""
        answer = self.hears()
        at = answer.find(struct.pack("<HHI", 0, 0x0900, 2))
        return int(struct.unpack("<H", answer[at + 8 : at + 10])[0]) if at > 0 else -1

    def hangs_up(self) -> None:
        """End what another thread says or waits for."""
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Close it from this side."""
        self.connection.close()


def _element(number: int, value: bytes) -> bytes:
    """An element of a command set, Implicit VR Little Endian (PS3.7 6.3.1)."""
    value += b"\0" * (len(value) % 2)
    return struct.pack("<HHI", 0, number, len(value)) + value


def many_items(size: int = 250_000) -> bytes:
    """An association request of as many empty items as that many bytes hold."""
    whole = association_request()
    items = struct.pack(">BBH", 0x20, 0, 8) + bytes(4) + struct.pack(">BBH", 0x30, 0, 0)
    return pdu(1, whole[6:] + items * (size // len(items)))


def deflated_header(megabytes: int) -> bytes:
    """A deflated data set whose header alone is so large, and is small on the way."""
    million = bytes(1_000_000)
    element = struct.pack("<HH2s2xI", 0x0009, 0x1001, b"OB", len(million) * megabytes)
    return _deflated(element, million, megabytes)


def deflated_elements(megabytes: int) -> bytes:
    """A deflated data set of elements without a value, eight bytes each."""
    elements = struct.pack("<HH2sH", 0x0009, 0x1001, b"LO", 0) * 12_500
    return _deflated(b"", elements, megabytes * 10)


def _deflated(first: bytes, block: bytes, count: int) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    head = packer.compress(first + block) + packer.flush(zlib.Z_FULL_FLUSH)
    # After a full flush a block refers to nothing before it, and may be repeated.
    again = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)
    return head + again * (count - 1) + packer.flush()


def peak_mb(node: Node) -> float:
    """Largest memory that the process of the node has had, its workers left out."""
    if node.process is None:
        raise RuntimeError("the node does not run")
    status = Path(f"/proc/{node.process.pid}/status").read_text(encoding="utf-8")
    return int(status.split("VmHWM:")[1].split()[0]) / 1000


def gauge(node: Node, name: str) -> float:
    """A number that the node's monitor shows."""
    with socket.create_connection(("127.0.0.1", node.monitor), timeout=20) as connection:
        connection.sendall(b"GET /metrics HTTP/1.0\r\n\r\n")
        text = b"".join(iter(lambda: connection.recv(65536), b"")).decode()
    found = [line for line in text.splitlines() if line.startswith(f"{name} ")]
    return float(found[0].split()[1]) if found else 0.0
