"""HTTP as studies need it: nothing is followed elsewhere, and no answer is without an end."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection

from shortaxis.web.peer_time import PeerTime, most_s

__all__ = ["AnswerTooLargeError", "AnswerTooSlowError", "web_session"]

PIECE_BYTES = 1 << 18
"""Between two looks at the clock."""


class AnswerTooLargeError(Exception):
    """The body of an answer has more bytes than anything that was asked for."""


class AnswerTooSlowError(Exception):
    """An answer that comes too slowly, though it is never silent for long."""


def web_session(
    authorization: str, trusted: ssl.SSLContext, timeout_s: float, most_bytes: int
) -> requests.Session:
    """A session that takes nothing from the environment, and follows no redirect.

    Parameters
    ----------
    authorization : str
        Value of the header of that name; empty for none.
    trusted : ssl.SSLContext
        How servers show who they are.
    timeout_s : float
        How long the server may be silent, seconds.
    most_bytes : int
        Of the body of an answer, unpacked.
    """
    session = requests.Session()
    # Else a proxy, a netrc entry or certificates of its own choice.
    session.trust_env = False
    session.max_redirects = 0
    session.headers["Accept-Encoding"] = "identity"
    if authorization:
        session.headers["Authorization"] = authorization
    adapter = _Limited(trusted, timeout_s, most_bytes)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session


class _Limited(HTTPAdapter):
    """Connections whose time and bytes are limited as a whole."""

    def __init__(self, trusted: ssl.SSLContext, timeout_s: float, most_bytes: int) -> None:
        self._trusted, self._timeout_s, self._most_bytes = trusted, timeout_s, most_bytes
        self._time = PeerTime()
        super().__init__()

    def init_poolmanager(
        self,
        connections: int,
        maxsize: int,
        block: bool = False,
        **values: Any,  # noqa: ANN401 - as requests has it
    ) -> None:
        """Make pools whose connections are watched, with the trust that was given."""
        self.poolmanager = PoolManager(
            num_pools=connections, maxsize=maxsize, block=block, ssl_context=self._trusted, **values
        )
        self.poolmanager.pool_classes_by_scheme = _watched_pools(self._time)

    def cert_verify(self, *args: object, **values: object) -> None:
        """Leave the trust to the context: requests would add certificates of its own."""

    def send(  # type: ignore[override] # its other parameters are passed on as they are
        self,
        request: requests.PreparedRequest,
        **values: Any,  # noqa: ANN401 - as requests has it
    ) -> requests.Response:
        """Ask, and let the body be read piece by piece."""
        # dicomweb-client (0.61) leaves out the port, which RFC 9110 7.2 wants.
        request.headers.pop("Host", None)
        with _in_time(self._time), self._time.limited(most_s(self._timeout_s, 0)):
            response = super().send(request, **values)
        response.raw = _LimitedBody(response.raw, self._time, self._timeout_s, self._most_bytes)
        return response


class _LimitedBody:
    """The raw answer of urllib3, whose body ends in time or is an error."""

    def __init__(
        self,
        raw: Any,  # noqa: ANN401 - urllib3's
        peer_time: PeerTime,
        timeout_s: float,
        most_bytes: int,
    ) -> None:
        self._raw, self._time = raw, peer_time
        self._timeout_s, self._most_bytes = timeout_s, most_bytes

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - of whatever it is
        return getattr(self._raw, name)

    def stream(self, amt: int, decode_content: bool | None = None) -> Iterator[bytes]:
        """Pieces of the body.

        Raises
        ------
        AnswerTooLargeError, AnswerTooSlowError
            In the middle of it.
        """
        pieces = self._raw.stream(PIECE_BYTES, decode_content=decode_content)
        begun, count = time.monotonic(), 0
        while True:
            with (
                _in_time(self._time),
                self._time.limited(most_s(self._timeout_s, PIECE_BYTES)),
            ):
                piece = next(pieces, None)
            if time.monotonic() - begun > most_s(self._timeout_s, count):
                raise AnswerTooSlowError
            if piece is None:
                return
            count += len(piece)
            if count > self._most_bytes:
                raise AnswerTooLargeError
            yield piece


@contextmanager
def _in_time(peer_time: PeerTime) -> Iterator[None]:
    """Name what was cut, whatever it looks like to the one who was reading.

    Raises
    ------
    AnswerTooSlowError
        If the time is over.
    """
    try:
        yield
    except Exception:
        if peer_time.is_over:
            raise AnswerTooSlowError from None
        raise
    if peer_time.is_over:
        raise AnswerTooSlowError


def _watched_pools(peer_time: PeerTime) -> dict[str, type[HTTPConnectionPool]]:
    class Plain(HTTPConnection):
        def connect(self) -> None:
            super().connect()
            peer_time.watch(self.sock)

    class Secured(HTTPSConnection):
        def connect(self) -> None:
            super().connect()
            peer_time.watch(self.sock)

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecuredPool(HTTPSConnectionPool):
        ConnectionCls = Secured

    return {"http": PlainPool, "https": SecuredPool}
