"""The page that works in the browser alone: ``python -m evidence run browser_page -- [--runs N]``.

In headless Chromium (Debian's ``chromium`` and ``chromium-driver``), with WebAssembly on one
thread: the two bundled exams and a simulated one, as NM files, and the simulated one as NIfTI.
Each run is a new browser, which has nothing of the page yet. It is given the file once the page
can take one (DOMContentLoaded), and then a copy of it. Measured are the seconds from the address of
the page to the first slices, those from the file to its slices, for the file and for the copy, the
bytes and files fetched, and how far the pose is from that of the package. Times are medians over
the runs. Other work makes them longer: how much there was at the start, by the load average, is
kept with them.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By

from evidence.measuring.pictures.browser import chromium
from evidence.measuring.pictures.page_site import give_file, running_page
from evidence.recording.record import store_result
from evidence.registry.places import DEMO
from shortaxis.geometry.pose import RigidPose
from shortaxis.geometry.pose_errors import geodesic_angle_deg
from shortaxis.nifti.writing import write_nifti
from shortaxis.reorientation.network_estimate import estimate_pose_by_network
from shortaxis.simulation.exam_files import CohortFormat, exam_path, write_exam
from shortaxis.simulation.presets import sample_scenario
from shortaxis.simulation.simulating import simulate
from shortaxis.spect.volume import SpectVolume
from shortaxis.workflow.studies.finding import find_studies

AIMS = {"first_result_s": 3.0, "angle_deg": 0.1, "shift_mm": 0.1}
"""What is aimed at, at most."""

SEED = 9_500_300

SIZE = (1280, 940)

WATCHED = """
window.marks = {};
const told = document.getElementById('told');
document.getElementById('file')
  .addEventListener('change', () => { window.marks.given = performance.now(); }, true);
new MutationObserver(() => {
  if (told.textContent.startsWith('Reoriented')) window.marks.shown = performance.now();
}).observe(told, { childList: true, characterData: true, subtree: true });
"""
"""Note when a file is given and when its slices are there, in ms since the address was opened."""

FETCHED = """
const of = (kind) => performance.getEntriesByType(kind);
const all = [...of('navigation'), ...of('resource')];
return [all.length, all.reduce((sum, each) => sum + each.encodedBodySize, 0)];
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    runs, load = parser.parse_args().runs, round(os.getloadavg()[0], 1)
    with tempfile.TemporaryDirectory() as folder, running_page(Path(folder) / "page") as address:
        studies = given_studies(Path(folder))
        expected = {name: estimate_pose_by_network(volume_of(path)).pose
                    for name, path in studies.items()}  # fmt: skip
        rows = {}
        for name, path in studies.items():
            opened = [open_once(address, path) for _ in range(runs)]
            rows[name] = summary(opened, expected[name], path.stat().st_size)
            print(name, rows[name])
    record = {"runs": runs, "load_before": load, "aims": AIMS, "studies": rows}
    store_result("browser_page", record, seed=SEED)


def given_studies(folder: Path) -> dict[str, Path]:
    """Files by what they are."""
    write_exam(simulate(sample_scenario("clinical", SEED)), folder, CohortFormat.DICOM)
    (simulated,) = exam_path(folder, SEED, CohortFormat.DICOM).glob("*.dcm")
    volume = volume_of(simulated)
    write_nifti(folder / "study.nii.gz", volume.counts, volume.patient_from_index)
    return {
        "bundled, stress": DEMO / "study.dcm",
        "bundled, rest": DEMO / "rest.dcm",
        "simulated": simulated,
        "simulated, as NIfTI": folder / "study.nii.gz",
    }


def volume_of(path: Path) -> SpectVolume:
    """What the package reads."""
    (found,) = find_studies(path).studies
    return found.load().study.volume


def open_once(address: str, path: Path) -> dict[str, Any]:
    """Seconds, bytes and pose of one new browser."""
    opened = chromium(SIZE, "--disable-gpu", waits_for="DOMContentLoaded")
    with opened as browser, tempfile.TemporaryDirectory() as folder:
        # The same file again is no change to a browser.
        copy = Path(folder) / f"copy{''.join(path.suffixes)}"
        shutil.copyfile(path, copy)
        browser.get(address)
        browser.execute_script(WATCHED)
        first = marks_of(browser, path)
        files, fetched = browser.execute_script(FETCHED)
        again = marks_of(browser, copy)
        pose = browser.find_element(By.ID, "result").get_attribute("data-pose")
    return {
        "first_result_s": first["shown"] / 1000,
        "first_file_s": (first["shown"] - first["given"]) / 1000,
        "result_s": (again["shown"] - again["given"]) / 1000,
        "files": files,
        "bytes": fetched,
        "pose": json.loads(pose or "null"),
    }


def marks_of(browser: Chrome, path: Path) -> dict[str, float]:
    """When a file was given and shown."""
    told = give_file(browser, path)
    if not told.startswith("Reoriented"):
        raise RuntimeError(f"the page tells: {told}")
    marks: dict[str, float] = browser.execute_script("return window.marks")
    return marks


def summary(opened: list[dict[str, Any]], expected: RigidPose, size: int) -> dict[str, Any]:
    """Medians over the runs, the slowest first result, and the worst difference of the pose."""
    poses = [RigidPose(found[:, :3], found[:, 3]) for found in (np.array(each["pose"])
             for each in opened)]  # fmt: skip
    medians = {
        name: round(statistics.median(each[name] for each in opened), 3)
        for name in ("first_result_s", "first_file_s", "result_s")
    }
    shifts = [float(np.linalg.norm(each.center_mm - expected.center_mm)) for each in poses]
    return {
        **medians,
        "slowest_first_result_s": round(max(each["first_result_s"] for each in opened), 3),
        "files": max(each["files"] for each in opened),
        "bytes": max(each["bytes"] for each in opened),
        "bytes_of_the_study": size,
        "angle_deg": round(max(geodesic_angle_deg(each, expected) for each in poses), 5),
        "shift_mm": round(max(shifts), 5),
    }


if __name__ == "__main__":
    main()
