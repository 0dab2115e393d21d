"""What OpenVINO saves, and how far its poses lie: ``python -m evidence run openvino_runtime``.

The bundled study, round by round by an earlier revision, by ONNX Runtime and by either method of
OpenVINO, each in a process of its own with one thread: the least seconds of the pose alone and of
the whole estimate, and the first estimate of a process, which loads and compiles. Then poses of
simulated exams of two presets, of others in voxels of PET, of both bundled studies and of real
ones, beside those of ONNX Runtime and, where it is known, beside the true one. `AIMS` are stored
beside what was measured. Needs the extra ``openvino``, and a processor that computes in bfloat16.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from evidence.measuring.speed.earlier_sources import sources_of
from evidence.recording.options import add_real_data
from evidence.recording.record import store_result
from evidence.registry.places import DEMO, REPOSITORY
from shortaxis.errors import HeartNotFoundError
from shortaxis.geometry.affines import affine_from_axes
from shortaxis.geometry.grids import Grid
from shortaxis.geometry.pose import RigidPose
from shortaxis.geometry.pose_errors import geodesic_angle_deg, pose_errors
from shortaxis.reorientation.estimate import PoseEstimate
from shortaxis.reorientation.methods import BFLOAT16, NETWORK, OPENVINO, estimate_pose
from shortaxis.simulation.presets import sample_scenario
from shortaxis.simulation.simulating import simulate
from shortaxis.spect.volume import SpectVolume
from shortaxis.workflow.studies.finding import find_studies

EARLIER = "510b054"
ASKED = Path(__file__).with_name("asked_poses.py")
FIRST_SEED = 9_500_500
PRESETS = ("clinical", "wide")
PET, PET_SEED = "clinical in voxels of PET", 9_500_700
PET_SHAPE, PET_MM = (90, 200, 200), 1.9
"""Small enough to be averaged."""

REAL = "bundled and real studies"
OTHERS = (OPENVINO.name, BFLOAT16.name)
TASKS = ("find", "estimate")

AIMS = {"find_ratio": 0.4, "angle_deg": 0.1, "shift_mm": 0.05}
"""Time of the pose alone over that of the earlier revision, and distance from the pose by ONNX
Runtime: at most."""


class Asked:
    """A process that finds the pose of the bundled study by one revision and method."""

    def __init__(self, sources: Path, method: str) -> None:
        path = os.pathsep.join([str(sources), *_further_paths()])
        self._process = subprocess.Popen(
            [sys.executable, str(ASKED), str(DEMO / "study.dcm"), method],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env={**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1"},
        )  # fmt: skip
        self.first: dict[str, float] = self._answer()

    def seconds(self, task: str) -> float:
        """Least seconds of a task over some runs."""
        if self._process.stdin is None:
            raise RuntimeError("a pipe was asked for")
        self._process.stdin.write(task + "\n")
        self._process.stdin.flush()
        return float(self._answer())

    def close(self) -> None:
        """End the process."""
        self._process.communicate()

    def _answer(self) -> Any:  # noqa: ANN401 - numbers or a table
        if self._process.stdout is None:
            raise RuntimeError("a pipe was asked for")
        return json.loads(self._process.stdout.readline())


def _further_paths() -> list[str]:
    """Where else Python looks than in these sources."""
    own = {REPOSITORY, REPOSITORY / "src"}
    given = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    return [each for each in given if each and Path(each).resolve() not in own]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--count", type=int, default=40, help="simulated exams of each preset")
    parser.add_argument("--pet", type=int, default=20, help="of them in voxels of PET")
    parser.add_argument("--earlier", default=EARLIER)
    add_real_data(parser)
    arguments = parser.parse_args()
    with sources_of(arguments.earlier) as earlier:
        costs = costs_of(earlier, arguments.rounds)
    compared = {preset: Compared() for preset in (*PRESETS, PET, REAL)}
    for preset in PRESETS:
        for seed in range(FIRST_SEED, FIRST_SEED + arguments.count):
            exam = simulate(sample_scenario(preset, seed))
            compared[preset].add(exam.volume, exam.pose)
    for seed in range(PET_SEED, PET_SEED + arguments.pet):
        exam = simulate(sample_scenario("clinical", seed))
        compared[PET].add(in_voxels_of_pet(exam.volume), exam.pose)
    for volume in stored_volumes(arguments.data):
        compared[REAL].add(volume, None)
    values: dict[str, Any] = {
        "rounds": arguments.rounds,
        "count": arguments.count,
        "pet": arguments.pet,
        "earlier": arguments.earlier,
        "openvino": version("openvino"),
        "aims": AIMS,
        "costs": costs,
        "find_ratio": ratios(costs, "find_s"),
        "estimate_ratio": ratios(costs, "estimate_s"),
        "poses": {name: each.values() for name, each in compared.items()},
    }
    print(json.dumps({name: values[name] for name in ("find_ratio", "estimate_ratio", "poses")}))
    store_result("openvino_runtime", values, FIRST_SEED)


def costs_of(earlier: Path, rounds: int) -> dict[str, dict[str, float]]:
    """Seconds and MB by the earlier revision and by each method of this one."""
    sources = {"earlier": (earlier, NETWORK.name)} | {
        name: (REPOSITORY / "src", name) for name in (NETWORK.name, *OTHERS)
    }
    with ExitStack() as stack:
        asked = {}
        for name, (folder, method) in sources.items():
            asked[name] = Asked(folder, method)
            stack.callback(asked[name].close)
        seconds: dict[str, dict[str, list[float]]] = {
            name: {task: [] for task in TASKS} for name in asked
        }
        for _ in range(rounds):
            for task in TASKS:
                for name, each in asked.items():
                    seconds[name][task].append(each.seconds(task))
        return {
            name: {
                "first_s": round(each.first["first_s"], 3),
                **{f"{task}_s": round(min(seconds[name][task]), 5) for task in TASKS},
            }
            for name, each in asked.items()
        }


def ratios(costs: dict[str, dict[str, float]], cost: str) -> dict[str, dict[str, float]]:
    """Of each method over the earlier revision, and over ONNX Runtime in this one."""
    return {
        beside: {
            name: round(costs[name][cost] / costs[beside][cost], 3)
            for name in costs
            if name not in ("earlier", beside)
        }
        for beside in ("earlier", NETWORK.name)
    }


def in_voxels_of_pet(volume: SpectVolume) -> SpectVolume:
    """The same counts on a finer grid along the patient's axes."""
    affine = affine_from_axes(((0, 0, 1), (0, 1, 0), (1, 0, 0)), PET_MM, (0, 0, 0))
    affine[:3, 3] = volume.center_mm - affine[:3, :3] @ ((np.array(PET_SHAPE) - 1) / 2)
    return volume.resampled(Grid(PET_SHAPE, affine))


def stored_volumes(data: Path) -> Iterator[SpectVolume]:
    """Transaxial volumes of the bundled studies and of the real ones, where they are."""
    for path in (DEMO / "study.dcm", DEMO / "rest.dcm", *sorted((data / "dicom").glob("*.dcm"))):
        for found in find_studies(path).studies:
            yield found.load().study.volume


class Compared:
    """Poses of one kind of exam by each method, beside ONNX Runtime's and the true ones."""

    def __init__(self) -> None:
        self._apart: dict[str, list[tuple[float, float]]] = {name: [] for name in OTHERS}
        self._other_flags = dict.fromkeys(OTHERS, 0)
        self._other_findings = dict.fromkeys(OTHERS, 0)
        self._axis_deg: dict[str, list[float]] = {name: [] for name in (NETWORK.name, *OTHERS)}
        self._not_found = 0

    def add(self, volume: SpectVolume, truth: RigidPose | None) -> None:
        """Compare the poses of one exam."""
        usual = estimated(volume, NETWORK.name)
        self._not_found += usual is None
        for name in OTHERS:
            found = estimated(volume, name)
            if usual is None or found is None:
                self._other_findings[name] += (usual is None) != (found is None)
                continue
            shift_mm = float(np.linalg.norm(found.pose.center_mm - usual.pose.center_mm))
            self._apart[name].append((geodesic_angle_deg(found.pose, usual.pose), shift_mm))
            self._other_flags[name] += found.quality.flag is not usual.quality.flag
            if truth is not None:
                self._axis_deg[name].append(pose_errors(found.pose, truth).long_axis_deg)
        if usual is not None and truth is not None:
            self._axis_deg[NETWORK.name].append(pose_errors(usual.pose, truth).long_axis_deg)

    def values(self) -> dict[str, Any]:
        """As they are stored."""
        return {
            "exams": self._not_found + len(self._apart[OPENVINO.name]),
            "not_found": self._not_found,
            "axis_error_deg": {
                name: [round(float(each), 3) for each in np.percentile(errors, (50, 95))]
                for name, errors in self._axis_deg.items()
                if errors
            },
            "apart": {name: self._values(name) for name in OTHERS},
        }

    def _values(self, name: str) -> dict[str, Any]:
        angle_deg, shift_mm = np.array(self._apart[name]).T
        beyond = (angle_deg > AIMS["angle_deg"]) | (shift_mm > AIMS["shift_mm"])
        return {
            "angle_deg": [round(float(each), 5) for each in np.percentile(angle_deg, (50, 95))],
            "most_deg": round(float(angle_deg.max()), 5),
            "shift_mm": [round(float(each), 5) for each in np.percentile(shift_mm, (50, 95))],
            "most_mm": round(float(shift_mm.max()), 5),
            "beyond": int(beyond.sum()),
            "other_flags": self._other_flags[name],
            "other_findings": self._other_findings[name],
        }


def estimated(volume: SpectVolume, method: str) -> PoseEstimate | None:
    """The pose by a method; None where it sees no heart."""
    try:
        return estimate_pose(volume, method)
    except HeartNotFoundError:
        return None


if __name__ == "__main__":
    main()
