"""Health and metrics on the loopback interface, for Prometheus and for any other client."""

from __future__ import annotations

import logging
import sqlite3
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from shortaxis.errors import OutputError
from shortaxis.files.plain_json import to_json_line
from shortaxis.service.administration import trouble_record
from shortaxis.service.bookkeeping.journal import Journal
from shortaxis.service.listener import Listener

__all__ = ["NodeMetrics", "monitoring"]

LOG = logging.getLogger("shortaxis.service")

LOOPBACK = "127.0.0.1"

SILENCE_S = 10.0
"""After which a peer that says nothing is closed."""


@dataclass(eq=False)
class NodeMetrics(Collector):
    """Numbers of the node; they are read from the journal at each request."""

    listener: Listener
    journal: Journal
    is_healthy: Callable[[], bool]

    def health(self) -> dict[str, Any]:
        """Whether everything runs, and what there is to look at; without identifiers."""
        try:
            return {
                "healthy": self.is_healthy(),
                "studies": self.journal.counts(),
                "deliveries": self.journal.deliveries.waiting(),
                **trouble_record(self.journal, self.listener.spool),
            }
        except sqlite3.Error as error:
            return {"healthy": False, "journal": f"cannot be read: {type(error).__name__}"}

    def collect(self) -> Iterator[Metric]:
        """As Prometheus asks for it."""
        studies = GaugeMetricFamily("shortaxis_studies", "Studies by state.", labels=["state"])
        for state, count in self.journal.counts().items():
            studies.add_metric([state], count)
        yield studies
        waiting = GaugeMetricFamily(
            "shortaxis_deliveries_waiting", "Deliveries not sent yet.", labels=["destination"]
        )
        failing = GaugeMetricFamily(
            "shortaxis_deliveries_failing",
            "Deliveries that failed and are tried again.",
            labels=["destination"],
        )
        for row in self.journal.deliveries.waiting():
            waiting.add_metric([row["destination"]], row["waiting"])
            failing.add_metric([row["destination"]], row["failing"])
        yield waiting
        yield failing
        events = CounterMetricFamily(
            "shortaxis_events", "What happened since the start.", labels=["event"]
        )
        for name, count in sorted(self.listener.event_counts.items()):
            events.add_metric([name.replace(" ", "_")], count)
        yield events
        yield GaugeMetricFamily(
            "shortaxis_associations", "Open connections.", value=len(self.listener.connections)
        )
        free = 1e6 * self.listener.spool.free_mb()
        yield GaugeMetricFamily("shortaxis_free_bytes", "Free space of the disk.", value=free)
        yield GaugeMetricFamily(
            "shortaxis_healthy", "1 while everything runs.", value=float(self.is_healthy())
        )


@contextmanager
def monitoring(port: int, metrics: NodeMetrics) -> Iterator[None]:
    """Answer ``/health`` and ``/metrics`` until the block ends; with port 0 there is no server.

    Raises
    ------
    OutputError
        If the port is taken.
    """
    if not port:
        yield
        return
    registry = CollectorRegistry()
    registry.register(metrics)

    try:
        server = _Server((LOOPBACK, port), _answering(metrics, registry))
    except OSError as error:
        raise OutputError(
            "the port of the monitor cannot be used",
            expected="a free port of this machine",
            found=f"{port}: {error.strerror}",
        ) from error
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A peer that broke off: in the place of a traceback with its address."""
        LOG.debug("a request to the monitor failed: %s", type(sys.exception()).__name__)


def _answering(metrics: NodeMetrics, registry: CollectorRegistry) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = SILENCE_S

        def do_GET(self) -> None:
            if self.path == "/metrics":
                self._answer(200, CONTENT_TYPE_LATEST, generate_latest(registry))
            elif self.path == "/health":
                health = metrics.health()
                code = 200 if health["healthy"] else 503
                self._answer(code, "application/json", to_json_line(health).encode())
            else:
                self._answer(404, "text/plain", b"not found")

        def _answer(self, code: int, kind: str, content: bytes) -> None:
            self.send_response(code)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *arguments: object) -> None:
            """Log no requests."""

    return Handler
