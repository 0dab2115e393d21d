"""Take the picture of the page of a batch: ``python tools/cohort_picture.py``.

Simulated exams are reoriented, and their ``cohort.html`` in Chromium (Debian's ``chromium`` and
``chromium-driver``) is kept as ``docs/images/cohort.png``.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from browser import chromium
from pictures import keep_picture
from record import REPOSITORY

SEED, COUNT = 9_300_400, 40

SIZE = (1180, 1500)


def main() -> None:
    with tempfile.TemporaryDirectory() as temporary:
        exams, out = Path(temporary) / "exams", Path(temporary) / "out"
        run("simulate", "--preset", "wide", "--seed", SEED, "--count", COUNT, "-o", exams)
        run("batch", exams, "-o", out, "--format", "nifti", "--workers", 2)
        photograph(out / "cohort.html", Path(temporary) / "cohort.png")
        keep_picture(Path(temporary) / "cohort.png", REPOSITORY / "docs" / "images" / "cohort.png")


def run(*words: object) -> None:
    subprocess.run([sys.executable, "-m", "shortaxis", *map(str, words)], check=True)


def photograph(page: Path, path: Path) -> None:
    with chromium(SIZE) as browser:
        browser.get(f"file://{page}")
        browser.save_screenshot(str(path))


if __name__ == "__main__":
    main()
