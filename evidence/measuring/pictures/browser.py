"""Chromium without a window (Debian's ``chromium`` and ``chromium-driver``)."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from selenium.webdriver import Chrome
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service

__all__ = ["chromium"]


@contextmanager
def chromium(size: tuple[int, int], *more: str, waits_for: str = "load") -> Iterator[Chrome]:
    """A browser with a window of this width and height, frame included, and more arguments.

    It opens a page until all that it names is there (``load``), or until the page itself is
    (``DOMContentLoaded``).
    """
    options = Options()
    options.page_load_strategy = {"load": "normal", "DOMContentLoaded": "eager"}[waits_for]
    width, height = size
    for argument in ("--headless=new", "--no-sandbox", f"--window-size={width},{height}", *more):
        options.add_argument(argument)
    options.binary_location = str(shutil.which("chromium"))
    browser = Chrome(options=options, service=Service(str(shutil.which("chromedriver"))))
    try:
        yield browser
    finally:
        browser.quit()
