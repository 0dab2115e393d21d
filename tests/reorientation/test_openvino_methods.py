"""A pose by OpenVINO is that of ONNX Runtime, and says what ran it."""

from __future__ import annotations

import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import shortaxis
from drawn_heart import DrawnHeart, draw_study, transaxial_grid
from method_params import runs_bfloat16, runs_openvino
from repository import DEMO, find_real_data
from shortaxis.errors import MissingExtraError
from shortaxis.evaluation.evaluating import EvaluationRequest
from shortaxis.geometry.euler import PoseParameters, pose_from_parameters
from shortaxis.geometry.pose_errors import geodesic_angle_deg
from shortaxis.reorientation.estimate import PoseEstimate
from shortaxis.reorientation.methods import (
    BFLOAT16,
    ELLIPSOID,
    METHODS,
    NETWORK,
    OPENVINO,
    estimate_pose,
    require_method,
)
from shortaxis.simulation.presets import sample_scenario
from shortaxis.simulation.simulating import simulate
from shortaxis.spect.volume import SpectVolume
from shortaxis.workflow.batch.options import BatchOptions
from shortaxis.workflow.reorient.made_with import made_with
from shortaxis.workflow.reorient.options import ReorientOptions
from shortaxis.workflow.studies.finding import find_studies

REAL = find_real_data()
REAL_STUDIES = [] if REAL is None else sorted((REAL / "dicom").glob("*.dcm"))

SAME_DEG, SAME_MM = 0.1, 0.05
# What bfloat16 costs at most on these; stored for many exams by the result `openvino_runtime`.
COARSE_DEG, COARSE_MM = 0.5, 0.25


def drawn(seed: int) -> SpectVolume:
    rng = np.random.default_rng(seed)
    grid = transaxial_grid()
    x, y, z, alpha, beta, theta = rng.uniform(
        (20, -40, -15, 5, -10, 25), (50, -5, 20, 35, 10, 65)
    ).tolist()
    pose = pose_from_parameters(PoseParameters(x, y, z, alpha, beta, theta), grid.center_mm)
    return draw_study(grid, pose, DrawnHeart(), counts_per_voxel=300.0, seed=seed)


def simulated(preset: str, seed: int) -> SpectVolume:
    return simulate(sample_scenario(preset, seed)).volume


def stored(path: Path) -> SpectVolume:
    (found,) = find_studies(path).studies
    return found.load().study.volume


VOLUMES: dict[str, Any] = {
    "bundled": lambda: stored(DEMO / "study.dcm"),
    "at rest": lambda: stored(DEMO / "rest.dcm"),
    **{f"drawn {seed}": (lambda seed=seed: drawn(seed)) for seed in range(4)},
    **{
        preset: (lambda preset=preset: simulated(preset, 123))
        for preset in ("clinical", "wide", "parallel")
    },
    **{
        f"real {number}": (lambda path=path: stored(path))
        for number, path in enumerate(REAL_STUDIES)
    },
}


@cache
def both(name: str, method: str) -> tuple[PoseEstimate, PoseEstimate]:
    volume = volume_of(name)
    return estimate_pose(volume, NETWORK.name), estimate_pose(volume, method)


@cache
def volume_of(name: str) -> SpectVolume:
    volume: SpectVolume = VOLUMES[name]()
    return volume


def apart(name: str, method: str) -> tuple[float, float]:
    theirs, ours = both(name, method)
    shift_mm = float(np.linalg.norm(ours.pose.center_mm - theirs.pose.center_mm))
    return geodesic_angle_deg(ours.pose, theirs.pose), shift_mm


@runs_openvino
@pytest.mark.parametrize("name", VOLUMES)
def test_the_pose_in_float32_is_the_same_and_so_is_its_flag(name: str) -> None:
    angle_deg, shift_mm = apart(name, OPENVINO.name)
    theirs, ours = both(name, OPENVINO.name)

    assert angle_deg < SAME_DEG
    assert shift_mm < SAME_MM
    assert ours.quality == theirs.quality
    assert ours.method == "network-openvino"
    assert ours.weights == theirs.weights


@runs_bfloat16
@pytest.mark.parametrize("name", VOLUMES)
def test_the_pose_in_bfloat16_is_nearly_the_same(name: str) -> None:
    angle_deg, shift_mm = apart(name, BFLOAT16.name)
    theirs, ours = both(name, BFLOAT16.name)

    assert angle_deg < COARSE_DEG
    assert shift_mm < COARSE_MM
    assert ours.quality.flag == theirs.quality.flag
    assert ours.method == "network-openvino-bf16"


def test_the_default_path_never_loads_it(tmp_path: Path) -> None:
    code = (
        "import sys, shortaxis; "
        f"shortaxis.write(shortaxis.reorient({str(DEMO / 'study.dcm')!r}), "
        f"{str(tmp_path / 'out')!r}, review_sheet=False); "
        "print([name for name in sys.modules if 'openvino' in name])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert run.stdout.strip() == "[]"


@runs_openvino
def test_whoever_keeps_results_sees_that_another_runtime_made_them(tmp_path: Path) -> None:
    kept, asked = (made_with(ReorientOptions(method=each.name)) for each in (NETWORK, OPENVINO))
    study, pose = DEMO / "study.dcm", tmp_path / "out" / "pose.json"
    made = shortaxis.reorient(study, method=OPENVINO.name)
    shortaxis.write(made, tmp_path / "out", review_sheet=False)

    assert asked != kept
    assert asked["weights_sha256"] == kept["weights_sha256"]
    assert '"method": "network-openvino"' in pose.read_text()
    assert shortaxis.reorient(study, pose=pose).estimate.method == "manual"


def test_where_all_methods_are_meant_those_of_the_base_install_are() -> None:
    assert tuple(METHODS) == (NETWORK.name, ELLIPSOID.name) == EvaluationRequest().methods


@pytest.mark.parametrize("method", [OPENVINO.name, BFLOAT16.name])
def test_a_method_whose_extra_is_missing_is_refused_before_any_work(
    method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "openvino", None)

    with pytest.raises(MissingExtraError, match="OpenVINO"):
        require_method(method)
    with pytest.raises(MissingExtraError, match="OpenVINO"):
        EvaluationRequest(methods=(method,))
    with pytest.raises(MissingExtraError, match="OpenVINO"):
        _ = BatchOptions(ReorientOptions(method=method)).digest
    assert require_method(NETWORK.name) is NETWORK
