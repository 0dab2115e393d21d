"""How fast ``shortaxis batch`` is: ``python -m evidence run benchmark_batch -- [--studies N]``.

Simulated exams, each as many studies with UIDs of their own, with one file of a hundred damaged,
are reoriented into NIfTI by one process and by two: studies a second with everything that the
command does, and the efficiency of the second process. Then a run by two is killed in the middle
and started again: what was finished must not be done again, and nothing may be missing.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import pydicom
from pydicom.uid import generate_uid

from evidence.recording.record import store_result

AIMS = {"studies_per_s": 8.0, "efficiency": 0.8}
"""What is aimed at, at least."""

SEED, EXAMS = 9_500_100, 50

DAMAGED_EVERY = 100

FORMAT = ("--format", "nifti")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--studies", type=int, default=2000)
    parser.add_argument("--folder", type=Path, default=None, help="where studies are, or are made")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        studies = arguments.folder or Path(temporary) / "studies"
        if not studies.exists():
            make_studies(studies, arguments.studies)
        seconds, summaries = {}, {}
        for workers in (1, 2):
            out = Path(temporary) / f"out-{workers}"
            begun = time.perf_counter()
            summaries[workers] = run(studies, out, workers)
            seconds[workers] = time.perf_counter() - begun
            shutil.rmtree(out)
            print(f"{workers}: {seconds[workers]:.0f} s, {summaries[workers]}")
        resumed = kill_and_resume(studies, Path(temporary) / "killed", arguments.studies)
    done = summaries[2]["studies"]
    measured = {
        "studies_per_s": {str(n): round(done / each, 2) for n, each in seconds.items()},
        "seconds": {str(n): round(each, 1) for n, each in seconds.items()},
        "efficiency": round(seconds[1] / (2 * seconds[2]), 3),
    }
    for name, value in measured.items():
        print(name, value)
    record = {
        "files": arguments.studies,
        "damaged": arguments.studies // DAMAGED_EVERY,
        "exams": EXAMS,
        "aims": AIMS,
        "measured": measured,
        "summary": {name: summaries[2][name] for name in ("studies", "failed", "skipped_files")},
        "killed_halfway": resumed,
    }
    store_result("benchmark_batch", record, seed=SEED)


def make_studies(folder: Path, count: int) -> None:
    """Studies in folders of a hundred; every hundredth file is cut short or garbled."""
    with tempfile.TemporaryDirectory() as temporary:
        command = [
            "simulate",
            "--preset",
            "clinical",
            "--preset-version",
            "1",
            "--seed",
            str(SEED),
            "--count",
            str(EXAMS),
        ]
        options = ["--format", "dicom", "--workers", "2", "-o", temporary]
        subprocess.run([sys.executable, "-m", "shortaxis", *command, *options], check=True)
        exams = [pydicom.dcmread(path) for path in sorted(Path(temporary).rglob("study.dcm"))]
    for number in range(count):
        dataset = exams[number % len(exams)]
        dataset.StudyInstanceUID, dataset.SeriesInstanceUID = generate_uid(), generate_uid()
        uid = generate_uid()
        dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = uid
        path = folder / f"{number // 100:03d}" / f"{number:05d}.dcm"
        path.parent.mkdir(parents=True, exist_ok=True)
        dataset.save_as(path)
        if number % DAMAGED_EVERY == DAMAGED_EVERY - 1:
            content = path.read_bytes()
            is_cut = (number // DAMAGED_EVERY) % 2 == 0
            path.write_bytes(content[: len(content) // 3] if is_cut else content[::-1])


def command_of(studies: Path, out: Path, workers: int) -> list[str]:
    base = [sys.executable, "-m", "shortaxis", "batch", str(studies), "-o", str(out), "--json"]
    return [*base, "--workers", str(workers), *FORMAT]


def run(studies: Path, out: Path, workers: int) -> dict[str, Any]:
    ended = subprocess.run(
        command_of(studies, out, workers), check=False, capture_output=True, text=True
    )
    found: dict[str, Any] = json.loads(ended.stdout)
    return found


def kill_and_resume(studies: Path, out: Path, count: int) -> dict[str, Any]:
    """Kill a run when half of the studies are there, and start it again."""
    process = subprocess.Popen(
        command_of(studies, out, 2), stdout=subprocess.DEVNULL, start_new_session=True
    )
    while len(list((out / "studies").glob("*/record.json"))) < count // 2:
        time.sleep(0.5)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    before = {path: path.stat().st_mtime_ns for path in (out / "studies").glob("*/record.json")}
    summary = run(studies, out, 2)
    again = [path for path, at in before.items() if path.stat().st_mtime_ns != at]
    left = list((out / ".staging").glob("*"))
    print(f"killed at {len(before)}, kept {summary['kept']}, done again {len(again)}")
    return {
        "finished_before": len(before),
        "kept": summary["kept"],
        "done_after": summary["done"],
        "done_again": len(again),
        "studies": summary["studies"],
        "failed": summary["failed"],
        "left_half_written": len(left),
    }


if __name__ == "__main__":
    main()
