"""What a study costs beside an earlier revision: ``python -m evidence run benchmark_study_ratio``.

``shortaxis reorient`` of the bundled study by the sources of either revision in turn, each in a
process of its own; then the review sheet, the estimate and a scan of a folder of other objects in
one process of each. Processor time of one thread, the least of several runs; the libraries are the
same for both. `AIMS` are stored beside what was measured.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pydicom
from pydicom.uid import CTImageStorage

from evidence.measuring.speed.earlier_sources import sources_of
from evidence.recording.record import store_result
from evidence.registry.places import REPOSITORY

EARLIER = "510b054"
STUDY = REPOSITORY / "demo" / "study.dcm"
ASKED = Path(__file__).with_name("asked_studies.py")

AIMS = {
    "process_s": 0.45,
    "process_peak_mb": 0.5,
    "sheet_s": 0.25,
    "sheet_bytes": 0.4,
    "read_and_estimate_s": 0.5,
    "scan_ms_a_file": 0.33,
}
"""Of what the earlier revision takes, at most; a scan keeps less than a KB a file besides."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--files", type=int, default=20_000)
    parser.add_argument("--earlier", default=EARLIER)
    arguments = parser.parse_args()
    with sources_of(arguments.earlier) as earlier, tempfile.TemporaryDirectory() as folder:
        both, work = (earlier, REPOSITORY / "src"), Path(folder)
        write_others(work / "others", arguments.files)
        turns = [[process(each, work / "out") for each in both] for _ in range(arguments.runs)]
        measured = [asked(each, work, arguments.runs) for each in both]
    for side in (0, 1):
        seconds, peaks = zip(*(turn[side] for turn in turns), strict=True)
        measured[side] |= {"process_s": min(seconds), "process_peak_mb": min(peaks)}
    values: dict[str, Any] = {
        "runs": arguments.runs,
        "files": arguments.files,
        "earlier": arguments.earlier,
        "aims": AIMS,
        "before": {name: round(value, 4) for name, value in measured[0].items()},
        "now": {name: round(value, 4) for name, value in measured[1].items()},
        "ratio": {name: round(measured[1][name] / measured[0][name], 3) for name in AIMS},
    }
    print(json.dumps(values["ratio"]))
    store_result("benchmark_study_ratio", values)


def environment(sources: Path) -> dict[str, str]:
    """One thread, and the sources of one revision."""
    return {**os.environ, "PYTHONPATH": str(sources), "OMP_NUM_THREADS": "1"}


def process(sources: Path, out: Path) -> tuple[float, float]:
    """Processor seconds and MB at most of one command."""
    command = [sys.executable, "-m", "shortaxis", "reorient", str(STUDY), "-o", str(out), "--force"]
    running = subprocess.Popen(command, env=environment(sources), stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(running.pid, 0)
    running.returncode = os.waitstatus_to_exitcode(status)
    if running.returncode:
        raise RuntimeError(f"shortaxis reorient ended with {running.returncode}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def asked(sources: Path, work: Path, runs: int) -> dict[str, float]:
    """What `asked_studies` tells of one revision."""
    names = (STUDY, work / "others", work / "written", runs)
    command = [sys.executable, str(ASKED), *map(str, names)]
    run = subprocess.run(
        command, env=environment(sources), capture_output=True, check=True, text=True
    )
    told: dict[str, float] = json.loads(run.stdout)
    return told


def write_others(folder: Path, count: int) -> None:
    """Objects of computed tomography, 500 a series, with the header of the bundled study."""
    folder.mkdir()
    dataset = pydicom.dcmread(STUDY)
    dataset.SOPClassUID = dataset.file_meta.MediaStorageSOPClassUID = CTImageStorage
    dataset.Modality, dataset.NumberOfFrames = "CT", 1
    dataset.Rows = dataset.Columns = 16
    dataset.PixelData = bytes(2 * 16 * 16)
    for number in range(count):
        dataset.SeriesInstanceUID = f"2.25.{10**9 + number // 500}"
        dataset.SOPInstanceUID = f"2.25.{10**12 + number}"
        dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
        dataset.save_as(folder / f"{number:06}.dcm")


if __name__ == "__main__":
    main()
