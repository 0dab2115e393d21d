"""How fast the review page is: ``python -m evidence run benchmark_review -- [--studies N]``.

In headless Chromium with software rendering (Debian's ``chromium`` and ``chromium-driver``): from
the start of ``shortaxis review`` to the first picture of a single study; frames a second while the
apex is dragged over all views and rows; and the worklist of many studies, from its address to its
rows, with the search for the files before. Times are medians over the runs.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pydicom
from pydicom.uid import generate_uid
from selenium.webdriver import Chrome
from selenium.webdriver.support.ui import WebDriverWait

from evidence.measuring.pictures.browser import chromium
from evidence.recording.aims import print_aims
from evidence.recording.record import store_result
from evidence.registry.places import DEMO

AIMS = {"first_picture_s": 1.5, "worklist_s": 2.0, "frame_s": 1 / 30}
"""What is aimed at, at most."""

SIZE = (1280, 940)

STUDY = DEMO / "study.dcm"

DRAG = """
const seconds = arguments[0], done = arguments[1];
import("./page/drawing.js").then(({ handles }) => {
  const canvas = document.getElementById("transaxial"), box = canvas.getBoundingClientRect();
  const { history, study, field } = window.review, scale = box.width / canvas.width;
  const { apex } = handles("transaxial", history.pose, study.automatic.extent, canvas.width, field);
  const [x, y] = apex;
  const send = (kind, dx, dy) => canvas.dispatchEvent(new PointerEvent(kind, {
    clientX: box.left + x * scale + dx, clientY: box.top + y * scale + dy,
    pointerId: 1, bubbles: true,
  }));
  canvas.setPointerCapture = () => {};
  send("pointerdown", 0, 0);
  let frames = 0;
  const start = performance.now();
  const frame = (now) => {
    frames += 1;
    send("pointermove", 20 * Math.sin(frames / 9), 20 * Math.cos(frames / 7));
    if (now - start < 1000 * seconds) requestAnimationFrame(frame);
    else { send("pointerup", 0, 0); done((now - start) / 1000 / frames); }
  };
  requestAnimationFrame(frame);
});
"""
"""Move the apex in every frame; the page draws all views in the next one."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--studies", type=int, default=1000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=4.0)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, chromium(SIZE, "--disable-gpu") as browser:
        browser.set_script_timeout(60)
        root = Path(folder)
        starts, frames = [], []
        for number in range(arguments.runs + 1):
            begun = time.perf_counter()
            with served(STUDY, root / f"one-{number}") as address:
                open_page(browser, address)
                starts.append(time.perf_counter() - begun)
                frames.append(browser.execute_async_script(DRAG, arguments.seconds))
        many = root / "many"
        copy_studies(many, arguments.studies)
        begun = time.perf_counter()
        with served(many, root / "many-out") as address:
            search = time.perf_counter() - begun
            opened = [open_list(browser, address, arguments.studies) for _ in range(arguments.runs)]
    measured = {
        "first_picture_s": round(statistics.median(starts[1:]), 3),
        "frame_s": round(statistics.median(frames[1:]), 4),
        "worklist_s": round(statistics.median(opened), 3),
        "search_s": round(search, 2),
    }
    record = {
        "runs": arguments.runs,
        "studies": arguments.studies,
        "aims": AIMS,
        "medians": measured,
    }
    print_aims(record)
    store_result("benchmark_review", record)


@contextmanager
def served(path: Path, out: Path) -> Iterator[str]:
    command = [sys.executable, "-m", "shortaxis", "review", str(path), "-o", str(out)]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1", "OMP_NUM_THREADS": "1"}
    with subprocess.Popen(
        [*command, "--no-browser"], stdout=subprocess.PIPE, text=True, env=environment
    ) as server:
        try:
            yield next(iter(server.stdout or ())).strip()
        finally:
            server.terminate()


def open_page(browser: Chrome, address: str) -> None:
    browser.get(address)
    ready = "return document.body.dataset.ready === 'true'"
    WebDriverWait(browser, 60, 0.01).until(lambda each: each.execute_script(ready))


def open_list(browser: Chrome, address: str, count: int) -> float:
    """Seconds from the address to all rows of the worklist."""
    browser.get("about:blank")
    begun = time.perf_counter()
    browser.get(address)
    rows = f"return document.querySelectorAll('#rows tr').length === {count}"
    WebDriverWait(browser, 60, 0.01).until(lambda each: each.execute_script(rows))
    return time.perf_counter() - begun


def copy_studies(folder: Path, count: int) -> None:
    """The bundled study under as many identifiers."""
    folder.mkdir()
    dataset = pydicom.dcmread(STUDY)
    for number in range(count):
        dataset.StudyInstanceUID = generate_uid()
        dataset.SeriesInstanceUID = generate_uid()
        dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = generate_uid()
        dataset.save_as(folder / f"{number:04d}.dcm")


if __name__ == "__main__":
    main()
