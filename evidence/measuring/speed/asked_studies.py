"""Times what two revisions both offer: ``python asked_studies.py STUDY SCANNED OUT RUNS``, as JSON.

It is run by `study_ratio` with the sources of either, and so uses names alone that both have.
"""

from __future__ import annotations

import json
import resource
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path

import shortaxis
from shortaxis.errors import ShortAxisError

__all__: list[str] = []


def main() -> None:
    study, scanned, out = (Path(name) for name in sys.argv[1:4])
    runs = int(sys.argv[4])
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
    estimate = least(lambda: shortaxis.reorient(study), runs)
    print(
        json.dumps(
            {
                "sheet_s": with_sheet - without,
                "sheet_bytes": picture,
                "read_and_estimate_s": estimate,
                "scan_ms_a_file": 1000 * scan / files,
                "scan_kb_a_file": kept_kb / files,
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
