"""What two revisions both offer, timed.

``python asked_studies.py STUDY SCANNED OUT RUNS PET REAL`` prints JSON. REAL is a folder of real
studies; where there are none, nothing is told of them. It is run by `study_ratio` with the sources
of either, and so uses names alone that both have.
"""

from __future__ import annotations

import json
import resource
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

import shortaxis
from shortaxis.errors import ShortAxisError
from shortaxis.reorientation.network_estimate import measured_estimate
from shortaxis.reorientation.weights import load_cascade

__all__: list[str] = []


def main() -> None:
    study, scanned, out = (Path(name) for name in sys.argv[1:4])
    runs, pet, real = int(sys.argv[4]), Path(sys.argv[5]), Path(sys.argv[6])
    # First, as long as nothing else has taken more memory than a scan does.
    empty = scanned.with_name("empty")
    empty.mkdir(exist_ok=True)
    refused(empty)
    before = peak_kb()
    scan = least(lambda: refused(scanned), 1)
    kept_kb = peak_kb() - before
    files = sum(1 for _ in scanned.iterdir())
    made = shortaxis.reorient(study)

    def write(*, review_sheet: bool) -> None:
        shutil.rmtree(out, ignore_errors=True)
        shortaxis.write(made, out, review_sheet=review_sheet)

    write(review_sheet=True)
    picture = (out / "review.png").stat().st_size
    with_sheet = least(lambda: write(review_sheet=True), runs)
    without = least(lambda: write(review_sheet=False), runs)
    volume, of_pet = made.study.volume, shortaxis.reorient(pet).study.volume
    _, cascade = load_cascade("default")
    scaled = type(volume)(
        np.maximum(volume.counts / volume.counts.max(), 0), volume.patient_from_index
    )

    def whole(*, review_sheet: bool) -> None:
        shutil.rmtree(out, ignore_errors=True)
        shortaxis.write(shortaxis.reorient(study), out, review_sheet=review_sheet)

    of_real = [shortaxis.reorient(path).study.volume for path in sorted(real.glob("*.dcm"))]
    real_page = {"real_page_bytes": sum(map(page_bytes, of_real))} if of_real else {}
    estimate = least(lambda: shortaxis.reorient(study), runs)
    print(
        json.dumps(
            {
                "find_s": least(lambda: cascade.find(scaled), runs),
                "estimate_s": least(lambda: measured_estimate(volume), runs),
                "pet_estimate_s": least(lambda: measured_estimate(of_pet), 2),
                "study_with_sheet_s": least(lambda: whole(review_sheet=True), runs),
                "study_without_sheet_s": least(lambda: whole(review_sheet=False), runs),
                "page_bytes": page_bytes(volume),
                "pet_page_bytes": page_bytes(of_pet),
                "sheet_s": with_sheet - without,
                "sheet_bytes": picture,
                "read_and_estimate_s": estimate,
                "scan_ms_a_file": 1000 * scan / files,
                "scan_kb_a_file": kept_kb / files,
                **real_page,
            }
        )
    )


def least(call: Callable[[], object], runs: int) -> float:
    """Processor seconds, the least of several runs: other work only ever adds to them."""
    seconds = []
    for _ in range(runs):
        start = time.process_time()
        call()
        seconds.append(time.process_time() - start)
    return min(seconds)


def page_bytes(volume: shortaxis.SpectVolume) -> int:
    """What the page is sent of a volume."""
    try:
        from shortaxis.review.sent_counts import as_steps
    except ImportError:
        # Earlier ones sent counts as they lie in memory.
        return volume.counts.nbytes
    return len(as_steps(volume.counts).body)


def refused(folder: Path) -> None:
    """Look for a study where there is none."""
    try:
        shortaxis.reorient(folder)
    except ShortAxisError:
        return
    raise RuntimeError("a study was found among other objects")


def peak_kb() -> int:
    """Of this process so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


if __name__ == "__main__":
    main()
