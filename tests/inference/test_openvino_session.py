"""OpenVINO does what it is told, tells nobody, and is loaded where it was chosen alone."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from method_params import runs_bfloat16, runs_openvino
from shortaxis.errors import MissingExtraError, OptionError
from shortaxis.inference import openvino_session
from shortaxis.inference.onnx_session import ModelError, OnnxBlock
from shortaxis.inference.openvino_session import BFLOAT16, FLOAT32, openvino_sessions
from shortaxis.inference.runtimes import Runtime, require_runtime
from shortaxis.reorientation.weights import BLOCKS, DEFAULT_WEIGHTS, find_weights

SIZE = 32

# What float32 leaves, of values up to 100 mm; bfloat16 has 65,536 times coarser steps.
FLOAT32_APART, BFLOAT16_APART = 1e-3, 2.0


def blocks(name: str, precision: str) -> tuple[OnnxBlock, OnnxBlock]:
    model = find_weights(DEFAULT_WEIGHTS).model(name)
    return OnnxBlock(model, SIZE), OnnxBlock(model, SIZE, openvino_sessions(precision))


def crops(count: int) -> np.ndarray:
    return np.random.default_rng(count).random((count, SIZE, SIZE, SIZE), dtype=np.float32)


@runs_openvino
@pytest.mark.parametrize("name", BLOCKS)
@pytest.mark.parametrize("count", [1, 3, 2])
def test_every_output_is_that_of_onnx_runtime_in_float32(name: str, count: int) -> None:
    theirs, ours = blocks(name, FLOAT32)

    expected, found = theirs.outputs(crops(count)), ours.outputs(crops(count))

    assert found.keys() == expected.keys()
    for key, value in expected.items():
        assert found[key].shape == value.shape
        np.testing.assert_allclose(found[key], value, atol=FLOAT32_APART)


@runs_bfloat16
def test_bfloat16_is_computed_where_it_is_asked_for_and_nowhere_else() -> None:
    theirs, exact = blocks("refiner", FLOAT32)
    _, coarse = blocks("refiner", BFLOAT16)

    expected = theirs(crops(1)).center_mm
    apart = [np.abs(block(crops(1)).center_mm - expected).max() for block in (exact, coarse)]

    assert apart[0] < FLOAT32_APART < apart[1] < BFLOAT16_APART


@runs_openvino
def test_an_answer_stays_what_it_was_when_the_next_is_computed() -> None:
    _, block = blocks("refiner", FLOAT32)

    first = block(crops(1))
    kept = first.center_mm.copy()
    block(2 * crops(1))

    np.testing.assert_array_equal(first.center_mm, kept)


@runs_openvino
def test_several_threads_ask_one_network() -> None:
    _, block = blocks("localiser", FLOAT32)
    asked = [crops(count) for count in (1, 2, 3)] * 4
    expected = [block(each).rotation for each in asked]

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda each: block(each).rotation, asked))

    for one, other in zip(found, expected, strict=True):
        np.testing.assert_array_equal(one, other)


@runs_openvino
def test_what_is_no_network_is_no_block() -> None:
    with pytest.raises(ModelError):
        OnnxBlock(b"no network", SIZE, openvino_sessions())


LOADED = """
import os, sys
before = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else None
from shortaxis.inference.openvino_session import openvino_sessions
openvino_sessions()
import openvino
print(sorted(name for name in sys.modules if name.startswith("openvino_telemetry")))
print([] if before is None else sorted(before ^ os.sched_getaffinity(0)))
print(callable(openvino.convert_model))
"""


@runs_openvino
def test_its_maker_is_told_of_no_import(tmp_path: Path) -> None:
    # With CI set it would be silent by itself.
    told = {name: value for name, value in os.environ.items() if name != "CI"}
    command = [sys.executable, "-c", LOADED]
    run = subprocess.run(
        command, env={**told, "HOME": str(tmp_path)}, capture_output=True, text=True, check=True
    )

    assert run.stdout.split() == ["[]", "[]", "True"]
    assert list(tmp_path.iterdir()) == []


def test_without_it_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    openvino_session._core.cache_clear()
    monkeypatch.setitem(sys.modules, "openvino", None)

    for ask in (openvino_sessions, lambda: require_runtime(Runtime.OPENVINO)):
        with pytest.raises(MissingExtraError, match="OpenVINO, which is not installed") as caught:
            ask()
        assert caught.value.expected == 'pip install "shortaxis[openvino]"'
        assert "'network'" in str(caught.value)

    require_runtime(Runtime.ONNX_RUNTIME)


def test_a_processor_without_bfloat16_is_said_to_be_one(monkeypatch: pytest.MonkeyPatch) -> None:
    class Core:
        def get_property(self, device: str, name: str) -> Any:
            return {"OPTIMIZATION_CAPABILITIES": ["FP32"], "FULL_DEVICE_NAME": "An older one"}[name]

    monkeypatch.setattr(openvino_session, "_core", Core)

    with pytest.raises(OptionError, match="bfloat16") as caught:
        openvino_sessions(BFLOAT16)
    assert caught.value.found == "An older one"
    assert callable(openvino_sessions(FLOAT32))
