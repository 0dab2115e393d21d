"""The page that works in the browser alone, served on loopback, and a file given to it."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from evidence.registry.places import DOCS

__all__ = ["PageHandler", "give_file", "running_page"]

WAIT_S = 60


class PageHandler(SimpleHTTPRequestHandler):
    """Serves a folder, and keeps what was asked: methods and paths."""

    extensions_map = {  # noqa: RUF012 - as the base class declares it
        **SimpleHTTPRequestHandler.extensions_map,
        ".mjs": "text/javascript",
        ".wasm": "application/wasm",
    }
    asked: ClassVar[list[tuple[str, str]]] = []

    def do_GET(self) -> None:
        """Serve a file, and keep that it was asked for."""
        self.asked.append((self.command, self.path))
        super().do_GET()

    def log_message(self, *words: Any) -> None:  # noqa: ANN401 - as it is called
        """Nothing: what is asked is kept."""


@contextmanager
def running_page(folder: Path) -> Iterator[str]:
    """Put the page with its runtime and weights into a folder and serve it; gives its address."""
    subprocess.run([sys.executable, DOCS / "browser_files.py", folder], check=True)
    handler = partial(PageHandler, directory=str(folder))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/index.html"
    finally:
        server.shutdown()
        server.server_close()


def give_file(browser: Chrome, path: Path) -> str:
    """Give the page a file, and return what it tells when it has finished."""
    browser.execute_script("document.getElementById('told').textContent = ''")
    browser.find_element(By.ID, "file").send_keys(str(path))
    told = browser.find_element(By.ID, "told")
    WebDriverWait(browser, WAIT_S, 0.05).until(lambda _: told.text and "Reading" not in told.text)
    return str(told.text)
