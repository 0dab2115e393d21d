"""What a peer says first: an association request, whole and of a sane size, or nothing."""

from __future__ import annotations

import struct

from shortaxis.service.reception.connection import Connection

__all__ = ["LARGEST_PDU_BYTES", "item_count", "read_association_request"]

LARGEST_PDU_BYTES = 1 << 18
"""Sixteen times what this node asks for; a request with all its 128 contexts (PS3.8 9.3.2) fits."""

MOST_ITEMS = 4096
"""Of a request: each becomes an object, and 128 contexts of thirty syntaxes are fewer."""

ASSOCIATE_RQ = 1
"""Kind of the PDU (PS3.8 9.3.1)."""

HEAD_BYTES, ITEMS_AT = 6, 74
"""Of a PDU; and where items begin, after titles and what is reserved (PS3.8 9.3.2)."""

ITEM_HEAD_BYTES = 4

ITEMS_WITHIN_AT = {0x20: 4, 0x50: 0}
"""Presentation contexts and user information hold items, after so many bytes."""


def read_association_request(connection: Connection) -> bytes:
    """The PDU as a whole; empty if it is something else, is too large, or the peer went.

    Raises
    ------
    OSError
        If the connection broke.
    """
    head = _exactly(connection, HEAD_BYTES)
    if len(head) < HEAD_BYTES:
        return b""
    kind, length = struct.unpack(">BxI", head)
    if kind != ASSOCIATE_RQ or length > LARGEST_PDU_BYTES:
        return b""
    body = _exactly(connection, length)
    request = head + body
    return request if len(body) == length and item_count(request) <= MOST_ITEMS else b""


def item_count(request: bytes) -> int:
    """Items of an association request and the items in them, as far as their lengths make sense."""
    count, places = 0, [(ITEMS_AT, len(request))]
    while places:
        at, end = places.pop()
        while at + ITEM_HEAD_BYTES <= end:
            kind, length = struct.unpack_from(">BxH", request, at)
            at += ITEM_HEAD_BYTES
            count += 1
            if kind in ITEMS_WITHIN_AT:
                places.append((at + ITEMS_WITHIN_AT[kind], min(at + length, end)))
            at += length
    return count


def _exactly(connection: Connection, byte_count: int) -> bytes:
    content = bytearray()
    while len(content) < byte_count and not connection.is_cut:
        part = connection.socket.recv(byte_count - len(content))
        if not part:
            break
        content += part
    return bytes(content)
