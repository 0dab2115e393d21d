"""The only file that knows OpenVINO: networks of ONNX files on one thread of the processor.

It is imported where it was chosen, and nowhere else. OpenVINO computes in bfloat16 wherever the
processor can, unless it is told otherwise, and on all cores; here everything is told. A
convolution stays as it is in the file: OpenVINO's own are faster than those of `unfolded`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np

from shortaxis.errors import OptionError
from shortaxis.geometry.arrays import CountsArray
from shortaxis.inference.absent_runtime import missing_openvino
from shortaxis.inference.onnx_session import OpenSession, Session

if TYPE_CHECKING:
    from openvino import CompiledModel, Core

__all__ = ["BFLOAT16", "FLOAT32", "OpenVinoSession", "openvino_sessions"]

FLOAT32, BFLOAT16 = "f32", "bf16"
"""What it computes in, as OpenVINO names it."""

PROCESSOR = "CPU"

ONE_THREAD: Mapping[str, Any] = {
    "INFERENCE_NUM_THREADS": 1,
    "NUM_STREAMS": 1,
    # Processes that each hold on to the same core would wait for each other.
    "ENABLE_CPU_PINNING": False,
}

TELEMETRY = "openvino_telemetry"


@dataclass(frozen=True)
class NamedPort:
    """An input or an output of a network."""

    name: str


class OpenVinoSession:
    """A network that is ready to run, from any thread; it offers what `Session` does."""

    def __init__(self, network: CompiledModel) -> None:
        self._inputs = [NamedPort(port.get_any_name()) for port in network.inputs]
        self._outputs = [NamedPort(port.get_any_name()) for port in network.outputs]
        self._request = network.create_infer_request()
        self._free = Lock()

    def get_inputs(self) -> Sequence[NamedPort]:
        """What it takes, in order."""
        return self._inputs

    def get_outputs(self) -> Sequence[NamedPort]:
        """What it gives, in order."""
        return self._outputs

    def run(self, names: Sequence[str], given: Mapping[str, CountsArray]) -> list[CountsArray]:
        """Outputs of these names, as arrays of their own."""
        # A request holds one question at a time, and gives its memory to the next.
        with self._free:
            self._request.infer(dict(given))
            return [np.array(self._request.get_tensor(name).data) for name in names]


def openvino_sessions(precision: str = FLOAT32) -> OpenSession:
    """What opens networks in OpenVINO, computed in `FLOAT32` or `BFLOAT16`.

    Raises
    ------
    MissingExtraError
        If OpenVINO is not installed.
    OptionError
        If the processor does not compute in this precision.
    """
    core = _core()
    if precision == BFLOAT16 and "BF16" not in core.get_property(
        PROCESSOR, "OPTIMIZATION_CAPABILITIES"
    ):
        raise OptionError(
            "this processor does not compute in bfloat16",
            expected="one with AVX-512 BF16 or AMX",
            found=core.get_property(PROCESSOR, "FULL_DEVICE_NAME"),
            way_on="the method 'network-openvino' computes in float32",
        )
    told = {**ONE_THREAD, "INFERENCE_PRECISION_HINT": precision}

    def open_session(model: bytes) -> Session:
        return OpenVinoSession(core.compile_model(core.read_model(model), PROCESSOR, told))

    return open_session


@lru_cache(maxsize=1)
def _core() -> Core:
    try:
        with _without_telemetry():
            from openvino import Core
    except ImportError as error:
        raise missing_openvino(str(error).splitlines()[0]) from error
    return Core()


@contextmanager
def _without_telemetry() -> Iterator[None]:
    """Load OpenVINO without the package that tells its maker of every import.

    It has a stub for where that package is not installed, and takes it where an import fails.
    """
    is_there = TELEMETRY in sys.modules
    if not is_there:
        sys.modules[TELEMETRY] = None  # type: ignore[assignment]  # how Python says: not to be found
    try:
        yield
    finally:
        if not is_there:
            del sys.modules[TELEMETRY]
