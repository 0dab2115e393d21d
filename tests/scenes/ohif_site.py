"""OHIF and the DICOMweb of an Orthanc under one address of loopback, as deploy/ohif has them."""

from __future__ import annotations

import os
import shutil
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

from repository import REPOSITORY

__all__ = ["DEPLOYED", "OHIF_VERSION", "Site", "find_ohif", "running_site"]

DEPLOYED = REPOSITORY / "deploy" / "ohif"
OHIF_VERSION = (DEPLOYED / "VERSION").read_text("utf-8").strip()
PASSED_ON = ("/dicom-web", "/wado")


def find_ohif() -> Path | None:
    """The build of OHIF that tools/fetch_ohif.sh unpacks."""
    dist = REPOSITORY / ".ohif" / OHIF_VERSION / "package" / "dist"
    return dist if (dist / "index.html").is_file() and shutil.which("chromium") else None


@dataclass
class Site:
    """Its address, and the Orthanc whose studies it shows now.

    One address for several archives: the browser compiles 17 MB of script once.
    """

    address: str = ""
    orthanc_port: int = 0


class _Handler(SimpleHTTPRequestHandler):
    extensions_map: ClassVar[dict[str, str]] = {
        **SimpleHTTPRequestHandler.extensions_map,
        ".js": "text/javascript",
        ".wasm": "application/wasm",
    }
    site: Site
    protocol_version = "HTTP/1.1"

    def translate_path(self, path: str) -> str:
        name = path.partition("?")[0].lstrip("/")
        if (DEPLOYED / name).is_file():
            return str(DEPLOYED / name)
        found = super().translate_path(path)
        # Addresses of studies are names inside the page.
        return found if Path(found).is_file() else os.fspath(Path(self.directory) / "index.html")

    def do_GET(self) -> None:
        if self.path.startswith(PASSED_ON):
            self._pass_on()
        else:
            super().do_GET()

    def _pass_on(self) -> None:
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        asked = urllib.request.Request(f"http://127.0.0.1:{self.site.orthanc_port}{self.path}")
        for name in ("Accept", "Range"):
            if name in self.headers:
                asked.add_header(name, self.headers[name])
        asked.add_header("Host", self.headers["Host"])
        try:
            with opener.open(asked, timeout=30) as answer:
                status, headers, body = answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as error:
            status, headers, body = error.code, error.headers, error.read()
        self.send_response(status)
        self.send_header("Content-Type", headers.get("Content-Type", "text/plain"))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words: Any) -> None:
        pass


@contextmanager
def running_site(dist: Path) -> Iterator[Site]:
    """Serve until the block ends."""
    site = Site()
    handler = type("Handler", (_Handler,), {"site": site})
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(handler, directory=str(dist)))
    site.address = f"http://127.0.0.1:{server.server_address[1]}"
    server.daemon_threads = True
    server.handle_error = lambda *of: None  # a browser that goes away
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
