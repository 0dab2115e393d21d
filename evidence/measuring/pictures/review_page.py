"""Take the picture of the review page: ``python -m evidence run review_page``.

The page shows the bundled study and its rest exam in Chromium (Debian's ``chromium`` and
``chromium-driver``) and is kept as ``review.png``.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from selenium.webdriver.support.ui import WebDriverWait

from evidence.measuring.pictures.browser import chromium
from evidence.recording.options import picture_options
from evidence.recording.pictures import keep_picture
from evidence.recording.record import store_pictures
from evidence.registry.places import DEMO

SIZE = (1280, 940)
"""With the frame of the window the page is 800 pixels high."""


def main() -> None:
    arguments = picture_options(__doc__).parse_args()
    with tempfile.TemporaryDirectory() as folder:
        studies = Path(folder) / "studies"
        studies.mkdir()
        for name in ("study.dcm", "rest.dcm"):
            shutil.copy(DEMO / name, studies)
        command = [sys.executable, "-m", "shortaxis", "review", str(studies), "--no-browser"]
        out = str(Path(folder) / "out")
        with subprocess.Popen(
            [*command, "-o", out], stdout=subprocess.PIPE, text=True, env=_unbuffered()
        ) as server:
            try:
                address = next(iter(server.stdout or ()))
                photograph(address.strip(), Path(folder) / "page.png")
            finally:
                server.terminate()
        keep_picture(Path(folder) / "page.png", arguments.pictures / "review.png")
    store_pictures("review_page", [arguments.pictures / "review.png"])


def _unbuffered() -> dict[str, str]:
    return {**os.environ, "PYTHONUNBUFFERED": "1"}


def photograph(address: str, path: Path) -> None:
    with chromium(SIZE) as browser:
        browser.get(address)
        ready = "return document.body.dataset.ready === 'true' && !!window.review.partner"
        WebDriverWait(browser, 30).until(lambda each: each.execute_script(ready))
        browser.execute_script("document.getElementById('reviewer').value = 'A. Reader'")
        time.sleep(1.5)
        browser.save_screenshot(str(path))


if __name__ == "__main__":
    main()
