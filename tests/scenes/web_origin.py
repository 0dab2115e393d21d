"""A DICOMweb server in this process that serves what it is given, well or badly."""

from __future__ import annotations

import json
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from typing import Any
from urllib.parse import parse_qs, urlsplit

from pydicom import Dataset, dcmread

__all__ = ["Origin", "part10_bytes", "running_origin"]


DESCRIPTION = "SeriesDescription"
"""Told without being asked for (PS3.18, table 10.6.3-4)."""


def part10_bytes(dataset: Dataset) -> bytes:
    buffer = BytesIO()
    dataset.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()


@dataclass
class Origin:
    """What is served, and what goes wrong with it.

    `status_of` gives other statuses for paths that end so, as often as stated; `cut` ends retrieved
    objects so many bytes early; `password` is the Authorization that is asked for; `body` is sent
    instead of every answer after the first `begins_at`; `moved` is where everything else is; `page`
    is the longest list; `tells` are further attributes of a series, where they are asked for.
    `on_store` says what becomes of each request to store: "lost", where objects are kept and no
    answer comes, "in part", where one is kept, "a page" or "kept"; without it nothing can be
    stored. `stored` has the UIDs of each such request.
    """

    objects: list[Dataset] = field(default_factory=list)
    status_of: dict[str, list[int]] = field(default_factory=dict)
    cut: int = 0
    password: str = ""
    body: bytes | None = None
    begins_at: int = 0
    moved: str = ""
    drip_s: float = 0.0
    page: int = 1000
    ignores_offset: bool = False
    tells: tuple[str, ...] = ()
    after_each: Any = None
    on_store: list[str] = field(default_factory=list)
    stored: list[list[str]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)
    port: int = 0

    @property
    def address(self) -> str:
        return f"dicomweb+http://127.0.0.1:{self.port}/rs/studies"


def _as_json(dataset: Dataset, *keywords: str) -> dict[str, Any]:
    named = Dataset()
    for keyword in keywords:
        setattr(named, keyword, dataset.get(keyword))
    return named.to_json_dict()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    origin: Origin

    def log_message(self, format: str, *values: Any) -> None:  # noqa: A002 - as in the parent
        pass

    def do_GET(self) -> None:
        here = self.origin
        parts = urlsplit(self.path)
        here.asked.append(self.path)
        here.hosts.add(self.headers["Host"])
        if here.password and self.headers.get("Authorization") != here.password:
            return self._answer(401, b"who are you, PID-1234?")
        if here.moved:
            return self._answer(302, b"", Location=here.moved)
        for ending, statuses in here.status_of.items():
            if parts.path.endswith(ending) and statuses:
                return self._answer(statuses.pop(0), b"")
        if here.body is not None and len(here.asked) > here.begins_at:
            return self._answer(200, here.body)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        return self._found(parts.path.strip("/").split("/")[1:], query)

    def do_POST(self) -> None:
        here = self.origin
        body = self.rfile.read(int(self.headers["Content-Length"]))
        boundary = self.headers["Content-Type"].partition("boundary=")[2].encode()
        parts = [each.partition(b"\r\n\r\n")[2] for each in body.split(b"--" + boundary)[1:-1]]
        sent = [dcmread(BytesIO(each)) for each in parts]
        uids = [str(each.SOPInstanceUID) for each in sent]
        here.stored.append(uids)
        becomes = here.on_store.pop(0) if here.on_store else ""
        here.objects += {"lost": sent, "kept": sent, "in part": sent[:1]}.get(becomes, [])
        if becomes == "lost":
            self.close_connection = True
        elif becomes == "a page":
            self._answer(200, b"<html>log in, PID-1234</html>")
        elif becomes:
            named = uids if becomes == "kept" else uids[:1]
            references = [{"00081155": {"vr": "UI", "Value": [uid]}} for uid in named]
            answer = {"00081199": {"vr": "SQ", "Value": references}}
            self._answer(200, json.dumps(answer).encode(), kind="application/dicom+json")
        else:
            self._answer(501, b"")

    def _found(self, names: list[str], query: dict[str, str]) -> None:
        here = self.origin
        uids = dict(zip(names[::2], names[1::2], strict=False))
        keys = {
            "studies": "StudyInstanceUID",
            "series": "SeriesInstanceUID",
            "instances": "SOPInstanceUID",
        }
        matching = [
            each
            for each in here.objects
            if all(each[keys[name]].value == uid for name, uid in uids.items())
        ]
        if query.get("ModalitiesInStudy"):
            matching = [each for each in matching if each.Modality == query["ModalitiesInStudy"]]
        if len(names) == 6:
            return self._object(matching)
        key = keys[names[-1]]
        told = [each for each in here.tells if each in (query.get("includefield"), DESCRIPTION)]
        found = {each[key].value: _as_json(each, key, "Modality", *told) for each in matching}
        begin = 0 if here.ignores_offset else int(query.get("offset", 0))
        listed = list(found.values())[begin : begin + min(here.page, int(query["limit"]))]
        return self._answer(200, json.dumps(listed).encode(), kind="application/dicom+json")

    def _object(self, matching: list[Dataset]) -> None:
        here = self.origin
        if not matching:
            self._answer(404, b"")
            return
        content = part10_bytes(matching[0])
        whole = b"--b\r\nContent-Type: application/dicom\r\n\r\n" + content + b"\r\n--b--\r\n"
        if here.cut:
            whole = whole[: -here.cut]
        self._answer(200, whole, kind='multipart/related; type="application/dicom"; boundary=b')
        if here.after_each is not None:
            here.after_each()

    def _answer(self, status: int, body: bytes, kind: str = "text/html", **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if not self.origin.drip_s:
            self.wfile.write(body)
            return
        for each in body:
            self.wfile.write(bytes([each]))
            time.sleep(self.origin.drip_s)


@contextmanager
def running_origin(origin: Origin, tls: ssl.SSLContext | None = None) -> Iterator[Origin]:
    """Serve on loopback until the block ends, over TLS if its context is given."""
    handler = type("Handler", (_Handler,), {"origin": origin})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    server.handle_error = lambda *of: None  # clients that go away
    origin.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield origin
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
