"""Take the picture of the page of a batch: ``python -m evidence run cohort_page``.

Simulated exams are reoriented, and their ``cohort.html`` in Chromium (Debian's ``chromium`` and
``chromium-driver``) is kept as ``cohort.png``.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from evidence.measuring.pictures.browser import chromium
from evidence.recording.options import picture_options
from evidence.recording.pictures import keep_picture
from evidence.recording.record import store_pictures

SEED, COUNT = 9_300_400, 40

SIZE = (1180, 1575)
"""With the frame of the window; the page is seen as far as the second row of distributions."""


def main() -> None:
    arguments = picture_options(__doc__).parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        exams, out = Path(temporary) / "exams", Path(temporary) / "out"
        run(
            "simulate",
            "--preset",
            "wide",
            "--preset-version",
            "1",
            "--seed",
            SEED,
            "--count",
            COUNT,
            "-o",
            exams,
        )
        run("batch", exams, "-o", out, "--format", "nifti", "--workers", 2)
        photograph(out / "cohort.html", Path(temporary) / "cohort.png")
        keep_picture(Path(temporary) / "cohort.png", arguments.pictures / "cohort.png")
    store_pictures("cohort_page", [arguments.pictures / "cohort.png"], SEED)


def run(*words: object) -> None:
    subprocess.run([sys.executable, "-m", "shortaxis", *map(str, words)], check=True)


def photograph(page: Path, path: Path) -> None:
    with chromium(SIZE) as browser:
        browser.get(f"file://{page}")
        browser.save_screenshot(str(path))


if __name__ == "__main__":
    main()
