"""A STOW-RS client (PS3.18 10.5): objects to a DICOMweb server, and its word that it has them."""

from __future__ import annotations

import http.client
import io
import json
import ssl
import urllib.error
import urllib.request
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from email.message import Message
from functools import partial
from pathlib import Path
from typing import Any

from shortaxis.dicom.elements.attributes import text_of
from shortaxis.dicom.elements.part10 import read_dataset
from shortaxis.web.peer_time import PeerTime, most_s

__all__ = ["StoreTarget", "store_objects"]

HTTP_OK = 200
"""Every object was stored; 202 says that some were not (PS3.18 10.5.3.1)."""

LARGEST_ANSWER_BYTES = 1 << 22

REFERENCED, FAILED, INSTANCE = "00081199", "00081198", "00081155"
"""Referenced and Failed SOP Sequence, Referenced SOP Instance UID (PS3.18 table 10.5.3-1)."""


@dataclass(frozen=True)
class StoreTarget:
    """Where objects go, and who sends them.

    Parameters
    ----------
    root : str
        URL of the service without ``/studies``.
    authorization : str
        Value of the header of that name; empty for none.
    trusted : ssl.SSLContext, optional
        How the server shows who it is; by default as the system trusts.
    timeout_s : float
        How long the server may be silent, seconds.
    """

    root: str
    authorization: str = field(default="", repr=False)
    trusted: ssl.SSLContext | None = None
    timeout_s: float = 30.0


def store_objects(target: StoreTarget, paths: Sequence[Path], boundary: str) -> str:
    """Send objects in one multipart request.

    Parameters
    ----------
    target : StoreTarget
        The server.
    paths : sequence of Path
        Files of the objects.
    boundary : str
        That occurs in none of them.

    Returns
    -------
    str
        Why they are not all stored; empty if they are.
    """
    uids = {text_of(read_dataset(path, with_pixels=False), "SOPInstanceUID") for path in paths}
    request, time = _request(target, paths, boundary), PeerTime()
    size = sum(path.stat().st_size for path in paths)
    with time.limited(most_s(target.timeout_s, size)):
        reason = _why_not_sent(_opener(target, time), request, target.timeout_s, uids)
    return "the answer took too long" if reason and time.is_over else reason


def _why_not_sent(
    opener: urllib.request.OpenerDirector,
    request: urllib.request.Request,
    timeout_s: float,
    uids: Collection[str],
) -> str:
    try:
        with opener.open(request, timeout=timeout_s) as answer:
            if answer.status != HTTP_OK:
                return f"status {answer.status}"
            return _why_not_stored(answer.read(LARGEST_ANSWER_BYTES), uids)
    except urllib.error.HTTPError as error:
        return f"status {error.code}"
    except urllib.error.URLError as error:
        return type(error.reason).__name__
    except (OSError, http.client.HTTPException) as error:
        return type(error).__name__


def _request(target: StoreTarget, paths: Sequence[Path], boundary: str) -> urllib.request.Request:
    body = io.BytesIO()
    for path in paths:
        body.write(f"--{boundary}\r\nContent-Type: application/dicom\r\n\r\n".encode())
        body.write(path.read_bytes())
        body.write(b"\r\n")
    body.write(f"--{boundary}--\r\n".encode())
    kind = f'multipart/related; type="application/dicom"; boundary={boundary}'
    headers = {"Content-Type": kind, "Accept": "application/dicom+json"}
    if target.authorization:
        headers["Authorization"] = target.authorization
    return urllib.request.Request(  # noqa: S310 - http and https alone: settings and addresses
        f"{target.root.rstrip('/')}/studies", body.getvalue(), headers
    )


def _why_not_stored(answer: bytes, uids: Collection[str]) -> str:
    """Why an answer is no proof: a page that asks for a password comes with status 200, too."""
    try:
        record = json.loads(answer)
        if record.get(FAILED, {}).get("Value"):
            return "the server says that objects failed"
        stored = set(_references(record))
    except (ValueError, AttributeError, TypeError, KeyError, RecursionError):
        return "the answer is no DICOM JSON"
    return "" if stored.issuperset(uids) else "the answer does not name every object as stored"


def _references(record: dict[str, Any]) -> Iterator[str]:
    for item in record[REFERENCED]["Value"] if REFERENCED in record else ():
        yield from map(str, item[INSTANCE]["Value"])


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Studies go where the configuration says, and nowhere else."""

    def redirect_request(
        self, req: object, fp: object, code: int, msg: str, headers: Message, newurl: str
    ) -> None:
        """Follow nothing."""


def _opener(target: StoreTarget, time: PeerTime) -> urllib.request.OpenerDirector:
    return urllib.request.build_opener(
        urllib.request.ProxyHandler({}), _NoRedirect(), _Plain(time), _Secured(time, target.trusted)
    )


class _Plain(urllib.request.HTTPHandler):
    """Connections whose time is limited as a whole."""

    def __init__(self, time: PeerTime) -> None:
        super().__init__()
        self._time = time

    def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        """Connect, and let the connection be watched."""
        return self.do_open(partial(_watched, http.client.HTTPConnection, self._time), req)


class _Secured(urllib.request.HTTPSHandler):
    """The same over TLS."""

    def __init__(self, time: PeerTime, context: ssl.SSLContext | None) -> None:
        super().__init__(context=context)
        self._time, self._tls = time, context

    def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        """Connect, and let the connection be watched."""
        made = partial(_watched, http.client.HTTPSConnection, self._time)
        return self.do_open(made, req, context=self._tls)


def _watched(
    kind: type[http.client.HTTPConnection],
    time: PeerTime,
    host: str,
    **values: Any,  # noqa: ANN401 - as urllib has them
) -> http.client.HTTPConnection:
    class Watched(kind):  # type: ignore[valid-type, misc]  # either of two
        def connect(self) -> None:
            super().connect()
            time.watch(self.sock)

    return Watched(host, **values)
