"""Start the review server on this machine alone, and open its page."""

from __future__ import annotations

import secrets
import socket
import threading
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from shortaxis.errors import InputNotFoundError, OptionError, ShortAxisError
from shortaxis.files.folder_lock import locked_folder
from shortaxis.files.privacy import private_folder
from shortaxis.review.session import ReviewSession
from shortaxis.review.stating import asks_for_geometry, refused_below, refused_files
from shortaxis.review.store import STORE_FILE, ReviewStore
from shortaxis.review.worklist import entries_of
from shortaxis.spect.reading_options import AS_STORED, ReadingOptions
from shortaxis.workflow.reorient.options import ReorientOptions
from shortaxis.workflow.studies.finding import FoundStudies, StudyChoice, find_studies, narrowed

__all__ = ["ReviewRequest", "bound_socket", "serve_review"]

LOOPBACK = "127.0.0.1"

TOKEN_BYTES = 24

WATCH_EVERY_S = 3.0

LOCK_FILE = ".review.lock"


@dataclass(frozen=True)
class ReviewRequest:
    """What is reviewed and where results go.

    `port` 0 takes any that is free. With `watch` studies that come later are taken too, and none
    need be there at the start. `corrected` leaves studies with, or without, attenuation correction;
    the others are rows that say so.
    """

    path: Path
    out: Path
    reorient: ReorientOptions
    port: int = 0
    force: bool = False
    reading: ReadingOptions = AS_STORED
    opens_browser: bool = True
    watch: bool = False
    corrected: bool | None = None


def bound_socket(port: int) -> socket.socket:
    """A socket on the loopback interface.

    Raises
    ------
    OptionError
        If the port is taken.
    """
    # Of a socket without its protocol, asyncio does not know that it may send small pieces at once:
    # every answer would wait 40 ms for an acknowledgement.
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((LOOPBACK, port))
    except (OSError, OverflowError) as error:
        bound.close()
        raise OptionError(
            "the port cannot be used",
            expected="a free port of this machine, or 0 for any",
            found=f"{port}: {getattr(error, 'strerror', None) or error}",
            cause="another program, or another review, is using it",
        ) from error
    return bound


def serve_review(request: ReviewRequest, on_ready: Callable[[str], None]) -> None:
    """Serve until interrupted.

    Parameters
    ----------
    request : ReviewRequest
        What is reviewed.
    on_ready : callable
        Called with the address of the page.
    """
    _require_server_libraries()
    found = _found(request)
    with closing(bound_socket(request.port)) as bound, _opened_session(request, found) as session:
        host = f"{LOOPBACK}:{bound.getsockname()[1]}"
        token = secrets.token_urlsafe(TOKEN_BYTES)
        address = f"http://{host}/{token}/"
        # The page may be opened at once: until the server runs, requests wait.
        bound.listen()
        on_ready(address)
        if request.opens_browser:
            threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()
        root = request.path if request.path.is_dir() else request.path.parent
        names = frozenset({host, host.replace(LOOPBACK, "localhost")})
        with _estimating(session, request):
            _run(session, root, token, names, bound)


def _found(request: ReviewRequest) -> FoundStudies:
    try:
        found = find_studies(request.path, options=request.reading)
        return narrowed(found, StudyChoice(request.corrected))
    except ShortAxisError as error:
        skipped = refused_below(request.path, request.reading)
        can_be_stated = any(asks_for_geometry(item.way_on) for item in skipped)
        is_watched = request.watch and request.path.is_dir()
        if can_be_stated or (is_watched and isinstance(error, InputNotFoundError)):
            return FoundStudies((), skipped)
        raise


def _require_server_libraries() -> None:
    """Find out at once what is missing; both are imported while the first pose is estimated."""
    for name in ("fastapi", "uvicorn"):
        if find_spec(name) is None:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


@contextmanager
def _opened_session(request: ReviewRequest, found: FoundStudies) -> Iterator[ReviewSession]:
    """The session in its folder, kept for this server: another one would write the same files."""
    private_folder(request.out)
    with locked_folder(request.out, LOCK_FILE, "another shortaxis review serves this folder"):
        store = ReviewStore(request.out / STORE_FILE)
        session = ReviewSession(
            entries_of(found),
            store,
            request.out,
            request.reorient,
            force=request.force,
            refused=refused_files(found.skipped, request.reading),
        )
        session.finish_interrupted()
        yield session


def _run(
    session: ReviewSession, root: Path, token: str, hosts: frozenset[str], bound: socket.socket
) -> None:
    import uvicorn

    from shortaxis.review.app import create_app

    app = create_app(session, root, token, hosts)
    # Logs of requests would hold the token.
    config = uvicorn.Config(app, log_level="warning", access_log=False, server_header=False)
    uvicorn.Server(config).run(sockets=[bound])


def _signature(folder: Path) -> frozenset[tuple[str, int]]:
    """What lies in a folder, so that a change is seen."""
    found = set()
    for path in folder.rglob("*"):
        with suppress(OSError):
            found.add((str(path), path.stat().st_mtime_ns))
    return frozenset(found)


def _estimate_and_watch(
    session: ReviewSession, request: ReviewRequest, ended: threading.Event
) -> None:
    session.estimate_all(ended)
    if not request.watch:
        return
    seen = None
    while not ended.wait(WATCH_EVERY_S):
        present = _signature(request.path)
        if present != seen:
            found = _found(request)
            session.take_entries(entries_of(found), refused_files(found.skipped, request.reading))
            seen = present
        session.estimate_all(ended)


@contextmanager
def _estimating(session: ReviewSession, request: ReviewRequest) -> Iterator[None]:
    """Estimate poses beside the server, and end with it: not in the middle of a study."""
    ended = threading.Event()
    thread = threading.Thread(target=_estimate_and_watch, args=(session, request, ended))
    # Known before the page can ask: it waits for all flags before it opens a study.
    session.is_estimating = True
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
