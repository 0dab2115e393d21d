"""How long one study takes: ``python -m evidence run benchmark_reorient``.

On one core: the pose of a loaded volume by the network's cascade; one study end to end as a library
call (read, estimate, resample three series, write DICOM, pose, transform and report), with and
without the review sheet; each method with the evidence for its flag; ``shortaxis --help``; the peak
memory of a process that reorients; and, with ``--install``, the size of a fresh base install. Times
are medians over the runs after one warm-up. `AIMS` are stored beside what was measured, and the
comparison is printed.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import shortaxis
from evidence.recording.aims import print_aims
from evidence.recording.record import store_result
from evidence.recording.timing import median_s, stay_on_one_core
from evidence.registry.places import DEMO, REPOSITORY
from shortaxis.reorientation.methods import METHODS
from shortaxis.reorientation.weights import DEFAULT_WEIGHTS, load_cascade
from shortaxis.spect.volume import SpectVolume
from shortaxis.workflow.studies.finding import find_studies

DEMO_STUDY = DEMO / "study.dcm"

AIMS = {
    "cascade_s": 0.06,
    "end_to_end_s": 0.2,
    "help_s": 0.4,
    "peak_memory_mb": 400.0,
    "base_install_mb": 400.0,
}
"""What is aimed at, at most."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--study", type=Path, default=DEMO_STUDY)
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--install", action="store_true", help="measure the base install too")
    arguments = parser.parse_args()
    stay_on_one_core()

    study = find_studies(arguments.study).studies[0]
    volume = study.load().study.volume
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out"

        def end_to_end(*, review_sheet: bool = False) -> None:
            result = shortaxis.reorient(arguments.study)
            shortaxis.write(result, out, force=True, review_sheet=review_sheet)

        tasks: dict[str, Callable[[], object]] = {
            "end_to_end_s": end_to_end,
            "end_to_end_with_review_sheet_s": lambda: end_to_end(review_sheet=True),
            "read_s": study.load,
            "cascade_s": _cascade(volume),
            **{f"estimate_{name}_s": _estimate(name, volume) for name in METHODS},
            "help_s": _help,
        }
        medians = {name: median_s(task, arguments.runs) for name, task in tasks.items()}
    for name, seconds in medians.items():
        print(f"{name:34s} {seconds:7.3f}")
    shape = list(volume.shape)
    values = {"runs": arguments.runs, "shape": shape, "aims": AIMS, "medians": medians}
    values["peak_memory_mb"] = _peak_memory_mb(arguments.study)
    if arguments.install:
        values["base_install_mb"] = _base_install_mb()
    print_aims(values)
    store_result("benchmark_reorient", values)


def _estimate(name: str, volume: SpectVolume) -> Callable[[], object]:
    return lambda: METHODS[name].estimate(volume)


def _cascade(volume: SpectVolume) -> Callable[[], object]:
    """The pose alone: no evidence for the flag, and no second opinion."""
    _, cascade = load_cascade(DEFAULT_WEIGHTS)
    return lambda: cascade.find(volume)


def _peak_memory_mb(study: Path) -> float:
    """Largest resident memory of a fresh process that reorients and writes, without a picture."""
    code = (
        "import resource, shortaxis, sys;"
        "shortaxis.write(shortaxis.reorient(sys.argv[1]), sys.argv[2], review_sheet=False);"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-c", code, str(study), f"{folder}/out"]
        run = subprocess.run(command, capture_output=True, text=True, check=True)
    return round(float(run.stdout) / 1024, 1)


def _base_install_mb() -> float:
    """Size of a fresh environment with the package and what it needs, less pip itself."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        python = Path(folder) / "bin" / "python"
        before = _size_mb(Path(folder))
        command = [str(python), "-m", "pip", "install", "--quiet", str(REPOSITORY)]
        subprocess.run(command, check=True)
        return round(_size_mb(Path(folder)) - before, 1)


def _size_mb(folder: Path) -> float:
    files = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return sum(path.stat().st_size for path in files) / 1e6


def _help() -> None:
    subprocess.run([sys.executable, "-m", "shortaxis", "--help"], capture_output=True, check=True)


if __name__ == "__main__":
    main()
