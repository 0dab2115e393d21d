"""Simulate exams that are asked for on standard input, a line each, and say what they cost.

`simulate_ratio` starts this file by its path, with the sources of one revision or another, so it
imports nothing but the package.
"""

from __future__ import annotations

import hashlib
import json
import resource
import sys
import tempfile
import time
from inspect import signature
from pathlib import Path
from typing import Any

import torch

from shortaxis.simulation.exam_files import exam_path, write_exam
from shortaxis.simulation.presets import sample_scenario
from shortaxis.simulation.simulating import simulate

COMPACT: Any = "compact"
"""Earlier revisions name formats by words."""

try:
    from shortaxis.simulation.exam_files import CohortFormat

    COMPACT = CohortFormat.COMPACT
except ImportError:
    pass

# Presets have versions since the second; earlier revisions know the first alone.
HAS_VERSIONS = "version" in signature(sample_scenario).parameters


def main() -> None:
    torch.set_num_threads(1)
    for line in sys.stdin:
        preset, seed, time_slots, version = json.loads(line)
        edition = {"version": version} if HAS_VERSIONS else {}
        start = time.process_time()
        exam = simulate(sample_scenario(preset, seed, time_slots=time_slots, **edition))
        seconds = time.process_time() - start
        with tempfile.TemporaryDirectory() as folder:
            write_exam(exam, Path(folder), COMPACT)
            content = exam_path(Path(folder), seed, COMPACT).read_bytes()
        # Kilobytes on Linux, bytes on macOS.
        unit = 1024 if sys.platform == "linux" else 1
        peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6
        answer = [seconds, hashlib.sha256(content).hexdigest(), peak_mb]
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
