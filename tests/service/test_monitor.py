"""The monitor answers who asks, and those who ask badly cost it nothing."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

import pytest

pytest.importorskip("prometheus_client", reason="the monitor needs prometheus-client")

from prometheus_client.core import Metric

from service_peers import free_port, until
from shortaxis.service import monitor
from shortaxis.service.monitor import NodeMetrics, monitoring


@dataclass(eq=False)
class FewMetrics:
    """Of a node that is not there."""

    def health(self) -> dict[str, Any]:
        return {"healthy": True}

    def collect(self) -> Iterator[Metric]:
        yield from ()


@pytest.fixture
def port() -> Iterator[int]:
    number = free_port()
    with monitoring(number, cast(NodeMetrics, FewMetrics())):
        yield number


def connected(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=20)


def test_who_asks_and_breaks_off_is_told_to_nobody(
    port: int, capfd: pytest.CaptureFixture[str]
) -> None:
    for words in (b"GET /metrics HTTP/1.0\r\n\r\n", b"\xff\xfe\r\n\r\n", b"GET /hea"):
        with connected(port) as one:
            one.sendall(words)
            # Reset at close, so that the answer cannot be sent.
            one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    with connected(port) as honest:
        honest.sendall(b"GET /health HTTP/1.0\r\n\r\n")
        assert b"200" in honest.recv(4096)
    printed = capfd.readouterr()
    assert "Exception" not in printed.err
    assert "127.0.0.1" not in printed.err


def test_who_says_nothing_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(monitor, "SILENCE_S", 0.1)
    number = free_port()
    with (
        monitoring(number, cast(NodeMetrics, FewMetrics())),
        connected(number) as silent,
    ):
        until(lambda: silent.recv(1) == b"")
