"""How smoothly the beating heart moves: ``python -m evidence run benchmark_beat``.

A simulated exam of 8 time slots and one of 16 are shown in headless Chromium with software
rendering (Debian's ``chromium`` and ``chromium-driver``), in the report and in the review page.
Stored are the times between frames of the beat, as the browser stamps them, the processor's work
for one of them, and the times between frames that the browser offers. One report holds a single
exam, another two, which beat at the same time. Other work makes frames late: how much there was at
the start, by the load average, is kept with them.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from evidence.measuring.pictures.browser import chromium
from evidence.measuring.speed.review import open_page, served
from evidence.recording.record import store_result
from shortaxis.simulation.exam_files import CohortFormat, exam_path, write_exam
from shortaxis.simulation.presets import sample_scenario
from shortaxis.simulation.simulating import simulate

SEED, VERSION = 9_500_400, 2

SLOTS = (8, 16)

FRAME_MS = 1000 / 30
"""What is aimed at, between two frames."""

LATE = 1.5
"""Times that: a frame that an eye may miss."""

SIZE = (1280, 940)
WAIT_S = 120

RECORDED = """
const seconds = arguments[0], done = arguments[1];
const own = window.requestAnimationFrame, put = CanvasRenderingContext2D.prototype.putImageData;
const drawn = new Map(), offered = [], work = new Map();
CanvasRenderingContext2D.prototype.putImageData = function (...values) {
  const now = document.timeline.currentTime;
  if (!drawn.has(this)) drawn.set(this, []);
  drawn.get(this).push(now);
  return put.apply(this, values);
};
window.requestAnimationFrame = (step) => own((now) => {
  const begun = performance.now();
  step(now);
  work.set(now, (work.get(now) ?? 0) + performance.now() - begun);
});
const begin = performance.now();
const watch = (now) => {
  offered.push(now);
  if (now - begin < 1000 * seconds) return own(watch);
  CanvasRenderingContext2D.prototype.putImageData = put;
  window.requestAnimationFrame = own;
  const shown = [...drawn.values()], moments = new Set(shown.flat());
  done({ shown, offered, work: [...work].filter(([at]) => moments.has(at)).map(([, ms]) => ms) });
};
own(watch);
"""
"""When each cut of the heart was drawn, when the browser offered a frame, and the work of each."""

PLAYING = """
const buttons = [...document.querySelectorAll(".beating button")];
return buttons.length > 0 && buttons.every((each) => each.textContent === "Stop");
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=8.0)
    seconds, load = parser.parse_args().seconds, round(os.getloadavg()[0], 1)
    rows = {}
    with tempfile.TemporaryDirectory() as folder, chromium(SIZE, "--disable-gpu") as browser:
        browser.set_script_timeout(WAIT_S)
        root = Path(folder)
        for slots in SLOTS:
            for place, opened in shown(root / str(slots), slots, browser).items():
                with opened:
                    rows[f"{slots} slots, {place}"] = summary(
                        browser.execute_async_script(RECORDED, seconds)
                    )
                    print(slots, place, rows[f"{slots} slots, {place}"])
    aim = round(FRAME_MS, 1)
    values = {"seconds": seconds, "load_before": load, "aim_ms": aim, "shown": rows}
    store_result("benchmark_beat", values, SEED)


def shown(folder: Path, slots: int, browser: Chrome) -> Mapping[str, AbstractContextManager[None]]:
    """Pages on which a beat plays, by what they are."""
    stress, rest = simulated(folder, slots)
    return {
        "report of one exam": report_page(browser, folder / "one", stress),
        "report of two exams": report_page(browser, folder / "two", stress, rest),
        "review page": review_page(browser, folder / "review", stress),
    }


def simulated(folder: Path, slots: int) -> list[Path]:
    """Stress and rest of one patient."""
    seeds = (SEED, SEED + 1)
    for seed in seeds:
        drawn = sample_scenario("clinical", seed, time_slots=slots, version=VERSION)
        write_exam(simulate(drawn), folder, CohortFormat.DICOM)
    return [exam_path(folder, seed, CohortFormat.DICOM) / "study.dcm" for seed in seeds]


@contextmanager
def report_page(browser: Chrome, out: Path, *studies: Path) -> Iterator[None]:
    command = [sys.executable, "-m", "shortaxis", "report", *map(str, studies), "-o", str(out)]
    # It exits with 3 where an exam is to be reviewed.
    subprocess.run(command, check=False, stdout=subprocess.DEVNULL)
    browser.get((out / "report.html").as_uri())
    browser.execute_script("document.querySelector('.beat').scrollIntoView()")
    plays(browser)
    yield


@contextmanager
def review_page(browser: Chrome, out: Path, study: Path) -> Iterator[None]:
    with served(study, out) as address:
        open_page(browser, address)
        browser.find_element(By.TAG_NAME, "body").send_keys("f")
        plays(browser)
        yield
        browser.get("about:blank")


def plays(browser: Chrome) -> None:
    """Wait until every beat plays."""
    WebDriverWait(browser, WAIT_S, 0.05).until(lambda each: each.execute_script(PLAYING))


def summary(recorded: Mapping[str, Any]) -> dict[str, Any]:
    """Times between frames in ms, of every cut of every heart."""
    between = np.concatenate([np.diff(each) for each in recorded["shown"]])
    work, offered = np.array(recorded["work"]), np.diff(recorded["offered"])
    return {
        "cuts": len(recorded["shown"]),
        "frames": int(between.size),
        "per_second": round(1000 / float(between.mean()), 1),
        "median_ms": _at(between, 50),
        "high_ms": _at(between, 95),
        "late_part": round(float((between > LATE * FRAME_MS).mean()), 3),
        "work_median_ms": _at(work, 50),
        "work_high_ms": _at(work, 95),
        "offered_median_ms": _at(offered, 50),
        "offered_high_ms": _at(offered, 95),
    }


def _at(values: np.ndarray[Any, Any], percent: float) -> float:
    return round(float(np.percentile(values, percent)), 1)


if __name__ == "__main__":
    main()
