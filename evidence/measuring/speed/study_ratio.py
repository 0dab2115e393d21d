"""What a study costs beside an earlier revision: ``python -m evidence run benchmark_study_ratio``.

``shortaxis reorient`` of the bundled study by the sources of either revision in turn, each in a
process of its own, and of a PET and a gated study that are made of it, and a report of stress and
rest; then review sheet, estimate and a scan of a folder of other objects in one process of each. A
node and a batch do for each study what a loaded process does: it is read, judged, cut and written,
with its sheet and without. Processor time of one thread, the least of several runs; the libraries
are the same for both, and both are compiled before, as an installer leaves them. `AIMS` are stored
beside what was measured.
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
from evidence.registry.places import REPOSITORY, real_data_folder

EARLIER = "510b054"
STUDY = REPOSITORY / "demo" / "study.dcm"
ASKED = Path(__file__).with_name("asked_studies.py")

REST = STUDY.with_name("rest.dcm")

MADE = "evidence.measuring.speed.ratio_studies"

AIMS = {
    "process_s": 0.45,
    "process_peak_mb": 0.5,
    "find_s": 0.67,
    "estimate_s": 0.5,
    "study_with_sheet_s": 0.42,
    "study_without_sheet_s": 0.67,
    "pet_estimate_s": 0.25,
    "pet_process_s": 0.25,
    "pet_process_peak_mb": 0.6,
    "gated_process_peak_mb": 0.6,
    "page_bytes": 0.25,
    "real_page_bytes": 0.25,
    "pet_page_bytes": 0.15,
    "report_bytes": 0.3,
    "sheet_s": 0.25,
    "sheet_bytes": 0.4,
    "read_and_estimate_s": 0.5,
    "scan_ms_a_file": 0.33,
}
"""Of what the earlier revision takes, at most; a scan keeps less than a KB a file besides. A node
should do 2.4 times as many studies with sheets, a batch 1.5 times as many without."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--files", type=int, default=20_000)
    parser.add_argument("--earlier", default=EARLIER)
    arguments = parser.parse_args()
    with sources_of(arguments.earlier) as earlier, tempfile.TemporaryDirectory() as folder:
        both, work = (earlier, REPOSITORY / "src"), Path(folder)
        for each in both:
            compile_sources(each)
        write_others(work / "others", arguments.files)
        # In a process of its own: what this one holds counts as memory of those that it starts.
        subprocess.run([sys.executable, "-m", MADE, str(work)], check=True)
        studies = {"": STUDY, "pet_": work / "pet", "gated_": work / "gated.dcm"}
        turns = {
            name: [
                [process(each, work / "out", "reorient", path) for each in both]
                for _ in range(arguments.runs if path is STUDY else 1)
            ]
            for name, path in studies.items()
        }
        measured = [asked(each, work, arguments.runs) for each in both]
        for side, each in enumerate(both):
            process(each, work / f"report-{side}", "report", STUDY, REST)
            files = (path for path in (work / f"report-{side}").rglob("*") if path.is_file())
            measured[side]["report_bytes"] = sum(path.stat().st_size for path in files)
    for side in (0, 1):
        for name, times in turns.items():
            seconds, peaks = zip(*(turn[side] for turn in times), strict=True)
            measured[side] |= {
                f"{name}process_s": min(seconds), f"{name}process_peak_mb": min(peaks)
            }  # fmt: skip
    values: dict[str, Any] = {
        "runs": arguments.runs,
        "files": arguments.files,
        "earlier": arguments.earlier,
        "aims": AIMS,
        "before": {name: round(value, 4) for name, value in measured[0].items()},
        "now": {name: round(value, 4) for name, value in measured[1].items()},
        "ratio": {
            name: round(measured[1][name] / measured[0][name], 3)
            for name in AIMS
            if name in measured[0]
        },
    }
    print(json.dumps(values["ratio"]))
    store_result("benchmark_study_ratio", values)


def environment(sources: Path) -> dict[str, str]:
    """One thread, and the sources of one revision."""
    return {**os.environ, "PYTHONPATH": str(sources), "OMP_NUM_THREADS": "1"}


def compile_sources(sources: Path) -> None:
    """Write their bytecode, which an installed package has: else every command compiles them."""
    command = [sys.executable, "-m", "compileall", "-q", str(sources)]
    subprocess.run(command, check=True)


def process(sources: Path, out: Path, verb: str, *inputs: Path) -> tuple[float, float]:
    """Processor seconds and MB at most of one command."""
    command = [sys.executable, "-m", "shortaxis", verb, *map(str, inputs), "-o", str(out)]
    command.append("--force")
    running = subprocess.Popen(command, env=environment(sources), stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(running.pid, 0)
    running.returncode = os.waitstatus_to_exitcode(status)
    if running.returncode:
        raise RuntimeError(f"shortaxis {verb} ended with {running.returncode}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def asked(sources: Path, work: Path, runs: int) -> dict[str, float]:
    """What `asked_studies` tells of one revision."""
    real = real_data_folder() / "dicom"
    names = (STUDY, work / "others", work / "written", runs, work / "pet", real)
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
