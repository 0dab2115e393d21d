"""A browser before the review page, and the server behind it."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import uvicorn
from selenium.common.exceptions import NoAlertPresentException
from selenium.webdriver import ActionChains, Chrome
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.support.ui import WebDriverWait

from shortaxis.review.app import create_app
from shortaxis.review.serving import bound_socket
from shortaxis.review.session import ReviewSession
from shortaxis.review.stating import refused_files
from shortaxis.review.store import ReviewStore
from shortaxis.review.worklist import entries_of
from shortaxis.workflow.studies.finding import find_studies

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")

NO_BROWSER = "no Chromium and chromedriver; apt packages of these names"

WAIT_S = 20


class Served:
    """A server in a thread, and the session behind it."""

    def __init__(self, studies: Path, out: Path) -> None:
        out.mkdir()
        store, found = ReviewStore(out / "reviews.sqlite"), find_studies(studies)
        refused = refused_files(found.skipped)
        self.session = ReviewSession(entries_of(found), store, out, refused=refused)
        self.socket = bound_socket(0)
        host = f"127.0.0.1:{self.socket.getsockname()[1]}"
        app = create_app(self.session, studies, "token", frozenset({host}))
        self.server = uvicorn.Server(uvicorn.Config(app, log_level="error"))
        self.thread = threading.Thread(target=self.server.run, args=([self.socket],), daemon=True)
        self.thread.start()
        self.address = f"http://{host}/token/"

    def stop(self) -> None:
        self.server.should_exit = True
        self.thread.join(WAIT_S)
        self.socket.close()


@contextmanager
def serving(studies: Path, out: Path) -> Iterator[Served]:
    started = Served(studies, out)
    try:
        yield started
    finally:
        started.stop()


def new_browser() -> Chrome:
    options = Options()
    options.binary_location = str(CHROMIUM)
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--window-size=1280,900"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    return Chrome(options=options, service=Service(str(DRIVER)))


def opened(browser: Chrome, served: Served) -> None:
    # A page with edits asks before it goes.
    with suppress(NoAlertPresentException):
        browser.get("about:blank")
        browser.switch_to.alert.accept()
    # What the page of an earlier test said when its server went.
    browser.get_log("browser")
    browser.get(served.address)
    browser.execute_script("localStorage.clear()")
    waited(browser, "return document.body.dataset.ready === 'true'")


def waited(browser: Chrome, script: str) -> Any:
    return WebDriverWait(browser, WAIT_S, 0.05).until(lambda each: each.execute_script(script))


def press(browser: Chrome, *keys: str) -> None:
    actions = ActionChains(browser)
    for key in keys:
        actions.send_keys(key)
    actions.perform()
