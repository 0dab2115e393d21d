"""How long a body may be, whatever its headers say, asked byte by byte."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Iterator

import pytest

pytest.importorskip("fastapi", reason="the review page needs FastAPI")

import contextlib

import uvicorn
from fastapi import Request

from shortaxis.files.inputs.input_size import STEP_BYTES
from shortaxis.review.access import MAX_BYTES, guard
from shortaxis.review.serving import bound_socket

WAIT_S = 120.0
"""For what is soon over on a machine that has nothing else to do."""

LARGE = MAX_BYTES + 1


class Server:
    """The guard of the review server before an application that reads all of a body."""

    def __init__(self, port: int) -> None:
        from fastapi import FastAPI

        self.port, self.read = port, 0
        app = FastAPI()
        host = f"127.0.0.1:{port}"
        guard(app, "token", frozenset({host}))

        @app.post("/token/")
        async def take(request: Request) -> int:
            async for part in request.stream():
                self.read += len(part)
            return self.read

        self.server = uvicorn.Server(uvicorn.Config(app, log_level="critical"))

    def status(self, headers: tuple[str, ...], body: bytes) -> int:
        """Status of a request; 0 where there was no answer."""
        lines = ["POST /token/ HTTP/1.1", f"Host: 127.0.0.1:{self.port}", *headers, "", ""]
        with socket.create_connection(("127.0.0.1", self.port), timeout=WAIT_S) as connection:
            with contextlib.suppress(OSError):
                connection.sendall("\r\n".join(lines).encode() + body)
            try:
                answer = connection.recv(STEP_BYTES)
            except ConnectionError:
                answer = b""
        found = re.match(rb"HTTP/1.1 (\d+) ", answer)
        return int(found[1]) if found else 0


@pytest.fixture
def server() -> Iterator[Server]:
    with bound_socket(0) as bound:
        bound.listen()
        made = Server(bound.getsockname()[1])
        thread = threading.Thread(target=made.server.run, args=([bound],), daemon=True)
        thread.start()
        yield made
        made.server.should_exit = True
        thread.join(WAIT_S)


def chunked(content: bytes) -> bytes:
    return f"{len(content):x}\r\n".encode() + content + b"\r\n0\r\n\r\n"


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        (("Content-Length: 5", f"Content-Length: {LARGE}"), bytes(LARGE)),
        ((f"Content-Length: {LARGE}", "Content-Length: 5"), bytes(LARGE)),
        (("Content-Length: 5, 6",), bytes(LARGE)),
        (("Transfer-Encoding: chunked", "Content-Length: 5"), chunked(bytes(LARGE))),
        (("Content-Length: 5", "Transfer-Encoding: chunked"), chunked(bytes(LARGE))),
        (("Transfer-Encoding: chunked",), chunked(bytes(LARGE))),
        (("Transfer-Encoding: identity", "Content-Length: 5"), bytes(LARGE)),
        ((f"Content-Length: {LARGE}",), bytes(LARGE)),
        (("Content-Length: +5",), bytes(LARGE)),
        (("Content-Length: -1",), bytes(LARGE)),
        (("Content-Length: \xb2",), bytes(LARGE)),
        ((), bytes(LARGE)),
    ],
)
def test_a_body_is_bounded_whatever_its_headers_say(
    server: Server, headers: tuple[str, ...], body: bytes
) -> None:
    status = server.status(headers, body)

    assert status in (400, 411, 413, 501)
    assert server.read == 0


def test_a_body_of_the_length_that_it_says_is_taken(server: Server) -> None:
    assert server.status((f"Content-Length: {MAX_BYTES}",), bytes(MAX_BYTES)) == 200
    assert server.read == MAX_BYTES
