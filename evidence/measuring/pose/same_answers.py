"""Whether these sources answer as those of an earlier revision do, to the last digit.

``python -m evidence run same_answers -- --since REV`` takes both out of the way: the sources of the
revision and a copy of these. The same studies are asked of either, in a process of its own:
simulated exams of many kinds, the cases with traits that people report, and real studies. Poses,
flags with reasons, bounds, measures, slices and written files are compared as text. Where all are
the same, a certificate is stored (`evidence.registry.certificates`), after those of earlier runs;
where anything differs, nothing is stored, and what differs is told.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from evidence.measuring.speed.earlier_sources import sources_of
from evidence.recording.options import add_real_data
from evidence.recording.record import store_result
from evidence.registry.certificates import LEAST, NAME, holds
from evidence.registry.places import DEMO, REPOSITORY, ROOMS
from evidence.registry.rooms import rooms_in
from evidence.registry.stored import stored
from evidence.registry.table import RESULTS
from evidence.registry.weights import weights_in

__all__ = ["cases_of", "compared", "differences", "main"]

FIRST_SEED = 9_600_000

ASKED = "evidence.measuring.pose.asked_answers"

FURTHER = ("quantification", "ventricle", "function", "workflow/quantify", "workflow/consistency")
"""Rooms that go on from the pose: their answers are compared where they themselves are the same."""

SAMPLES = 5
"""Of what differs, told of each case."""

Counted = dict[str, dict[str, int]]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--since", required=True, metavar="REV", help="the earlier revision")
    parser.add_argument("--cases", type=Path, default=os.environ.get("SHORTAXIS_CASES"))
    parser.add_argument("--part", type=float, default=1.0, help="of the exams; below 1 is a trial")
    add_real_data(parser)
    arguments = parser.parse_args()
    with (
        sources_of(arguments.since) as earlier,
        _copy() as now,
        tempfile.TemporaryDirectory() as made,
    ):
        cases = cases_of(arguments.part, Path(made), arguments.cases, arguments.data)
        counted, differing = compared((earlier, now), cases)
        rooms = sorted({room for result in RESULTS.values() for room in result.rooms})
        before, after = (rooms_in(each / "shortaxis", rooms) for each in (earlier, now))
        weights = [weights_in(each) for each in (earlier, now)]
    print(json.dumps(counted))
    if weights[0] != weights[1]:
        differing.append("the installed weights are others")
    if differing or not holds(counted):
        too_few = [] if differing else [f"too few to prove anything: {json.dumps(LEAST)}"]
        print("\n".join([*differing, *too_few, "nothing is stored"]), file=sys.stderr)
        return 1
    certificate = {
        "since": _full(arguments.since),
        "kinds": counted,
        "weights": weights[1],
        "before": before,
        "after": after,
    }
    kept = (stored(NAME) or {}).get("certificates", [])
    store_result(NAME, {"certificates": [*kept, certificate]}, FIRST_SEED)
    return 0


@contextmanager
def _copy() -> Iterator[Path]:
    """These sources as they are now, whatever is changed meanwhile."""
    with tempfile.TemporaryDirectory() as folder:
        sources = Path(folder) / "src"
        shutil.copytree(ROOMS.parent, sources, ignore=shutil.ignore_patterns("__pycache__"))
        yield sources


def _full(revision: str) -> str:
    command = ["git", "-C", str(REPOSITORY), "rev-parse", f"{revision}^{{commit}}"]
    return subprocess.run(command, capture_output=True, check=True, text=True).stdout.strip()


def cases_of(part: float, made: Path, cases: Path | None, real: Path) -> dict[str, list[str]]:
    """What is asked, by kind: simulated exams, cases that are made in a folder, real studies."""
    found: dict[str, list[str]] = {}
    for number, (kind, count) in enumerate(LEAST.items()):
        if kind not in ("case", "real"):
            first = FIRST_SEED + 1000 * number
            seeds = range(first, first + max(round(part * count), 1))
            found[kind] = [f"exam:{kind}:{seed}" for seed in seeds]
    if cases is not None:
        script = Path(cases) / "make_cases.py"
        subprocess.run([sys.executable, str(script), str(DEMO), str(made)], check=True,
                       stdout=subprocess.DEVNULL)  # fmt: skip
        found["case"] = [f"file:{DEMO / 'study.dcm'}", *_files(sorted(made.iterdir()))]
    studies = [*real.glob("dicom/*.dcm"), *real.glob("nifti/*_0000.nii.gz"),
               *real.glob("projections/*.dcm"), *real.glob("pet_whole_body")]  # fmt: skip
    found["real"] = _files(sorted(studies))
    return found


def _files(paths: Sequence[Path]) -> list[str]:
    return [f"file:{path}" for path in paths]


def compared(
    sources: tuple[Path, Path], cases: Mapping[str, Sequence[str]]
) -> tuple[Counted, list[str]]:
    """How many cases of each kind were compared and the same, and where others differ.

    Raises
    ------
    RuntimeError
        If the sources of either ended before all was answered.
    """
    rooms = [rooms_in(each / "shortaxis", FURTHER) for each in sources]
    options = ["--quantify"] if rooms[0] == rooms[1] else []
    counted: Counted = {}
    differing = []
    with _asked(sources[0], options) as first, _asked(sources[1], options) as second:
        for kind, named in cases.items():
            counted[kind] = {"compared": 0, "same": 0}
            for case in named:
                for each in (first, second):
                    _write(each, case)
                answers = [_read(each) for each in (first, second)]
                counted[kind]["compared"] += 1
                counted[kind]["same"] += answers[0] == answers[1]
                if answers[0] != answers[1]:
                    told = sorted(differences(*map(json.loads, answers)), key=_depth)
                    differing.append(f"{_short(case)}: {', '.join(told[:SAMPLES])}")
            print(kind, counted[kind], flush=True)
    return counted, differing


@contextmanager
def _asked(sources: Path, options: Sequence[str]) -> Iterator[subprocess.Popen[str]]:
    paths = os.pathsep.join([str(sources), str(REPOSITORY)])
    environment = {**os.environ, "PYTHONPATH": paths, "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", ASKED, str(sources), *options]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment,
        cwd=sources,
    ) as process:  # fmt: skip
        try:
            yield process
        finally:
            process.kill()


def _write(process: subprocess.Popen[str], case: str) -> None:
    if process.stdin is not None and process.poll() is None:
        process.stdin.write(case + "\n")
        process.stdin.flush()


def _read(process: subprocess.Popen[str]) -> str:
    line = process.stdout.readline() if process.stdout is not None else ""
    if not line:
        raise RuntimeError(f"a process ended with {process.wait()} before it had answered")
    return line


def _short(case: str) -> str:
    kind, _, name = case.partition(":")
    return Path(name).name if kind == "file" else name


def _depth(place: str) -> int:
    return place.count("/")


def differences(first: Any, second: Any, place: str = "") -> list[str]:  # noqa: ANN401 - plain JSON
    """Places of two plain values, such as ``/estimate/axes``, whose content differs."""
    if isinstance(first, dict) and isinstance(second, dict):
        names = sorted({*first, *second})
        inside = (
            differences(first.get(name), second.get(name), f"{place}/{name}") for name in names
        )
        return [each for found in inside for each in found]
    return [] if json.dumps(first) == json.dumps(second) else [place]


if __name__ == "__main__":
    sys.exit(main())
