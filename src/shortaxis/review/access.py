"""Who may use the review server: whoever knows its token, from this machine's own page."""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse

from shortaxis.errors import InputNotFoundError, ShortAxisError
from shortaxis.files.plain_json import to_json_line
from shortaxis.review.store import ReviewConflictError

__all__ = ["guard", "register_error_handlers"]

MAX_BYTES = 64 * 1024
"""Of a request's body: a decision is a few kB."""

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""Of every answer: nothing of a patient is kept by the browser, nothing comes from elsewhere."""

READING = ("GET", "HEAD")

STATUS = {InputNotFoundError: 404, ReviewConflictError: 409}
"""Of errors; of all others 400."""


def guard(app: FastAPI, token: str, hosts: frozenset[str]) -> None:
    """Refuse what is not below the token, names another host, or comes from another page.

    Parameters
    ----------
    app : FastAPI
        To be guarded.
    token : str
        First part of every path.
    hosts : frozenset of str
        What the ``Host`` header may be: a page of another site that lets its own name point here
        (DNS rebinding) names itself.
    """
    origins = {f"http://{host}" for host in hosts}

    @app.middleware("http")
    async def guarded(
        request: Request, call_next: Callable[[Request], Awaitable[Response]]
    ) -> Response:
        refused = _refusal(request, token, hosts, origins)
        response = refused or await call_next(request)
        response.headers.update(HEADERS)
        return response


def _refusal(
    request: Request, token: str, hosts: frozenset[str], origins: set[str]
) -> Response | None:
    first = request.url.path.split("/")[1]
    origin = request.headers.get("origin")
    changes = request.method not in READING
    length = _length_of(request)
    refusals = (
        (request.headers.get("host", "") not in hosts, 421, "another host"),
        (first != token, 404, "not found"),
        (changes and origin is not None and origin not in origins, 403, "another origin"),
        (changes and length is None, 411, "a body without its length, or with several"),
        (changes and (length or 0) > MAX_BYTES, 413, "too large a body"),
    )
    return next(
        (JSONResponse({"summary": words}, code) for applies, code, words in refusals if applies),
        None,
    )


def _length_of(request: Request) -> int | None:
    """What a request says of its body, if it says one thing; None otherwise.

    Where there is a transfer encoding it decides, and a length beside it is not believed
    (RFC 9112, 6.3).
    """
    said = request.headers.getlist("content-length")
    is_plain = len(said) == 1 and said[0].isascii() and said[0].isdigit()
    if not is_plain or "transfer-encoding" in request.headers:
        return None
    return int(said[0])


def register_error_handlers(app: FastAPI) -> None:
    """Answer with what an error says."""

    @app.exception_handler(ShortAxisError)
    async def explained(request: Request, error: ShortAxisError) -> Response:
        code = next((code for kind, code in STATUS.items() if isinstance(error, kind)), 400)
        return JSONResponse(error.to_dict(), code)

    @app.exception_handler(sqlite3.Error)
    async def not_kept(request: Request, error: sqlite3.Error) -> Response:
        content = {
            "summary": "the reviews could not be written",
            "found": str(error),
            "cause": "a full disk, or missing permission",
        }
        return JSONResponse(content, 503)

    @app.exception_handler(RequestValidationError)
    async def malformed(request: Request, error: RequestValidationError) -> Response:
        # Without what was sent: it may be what JSON cannot hold, such as half a character.
        kept = [{name: each[name] for name in ("type", "loc", "msg")} for each in error.errors()]
        content = to_json_line({"summary": "values of the wrong kind", "detail": kept})
        return Response(content, 422, media_type="application/json")
