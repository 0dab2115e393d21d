"""The only file that knows ONNX Runtime: networks as functions of arrays."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from shortaxis.geometry.arrays import CountsArray
from shortaxis.inference.unfolded import unfolded

__all__ = [
    "BlockPrediction",
    "ModelError",
    "OnnxBlock",
    "OnnxEnergies",
    "OnnxMaps",
    "OpenSession",
    "Session",
    "open_onnx_session",
]


class Named(Protocol):
    """An input or an output of a network."""

    @property
    def name(self) -> str: ...


class Session(Protocol):
    """A network that is ready to run, as ONNX Runtime has it; others offer the same."""

    def get_inputs(self) -> Sequence[Named]:
        """What it takes, in order."""
        ...

    def get_outputs(self) -> Sequence[Named]:
        """What it gives, in order."""
        ...

    def run(self, names: Sequence[str], given: Mapping[str, CountsArray]) -> list[CountsArray]:
        """Outputs of these names."""
        ...


OpenSession = Callable[[bytes], Session]
"""From the content of an ONNX file to a network that is ready to run, in whatever runs it."""


def open_onnx_session(model: bytes) -> Session:
    """A network on one thread of ONNX Runtime."""
    # Imported here so that a command that shows its help need not load it.
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    # Pools that grow by powers of two hold as much memory as everything else of a small command.
    options.enable_cpu_mem_arena = False
    options.enable_mem_pattern = False
    session: Session = onnxruntime.InferenceSession(
        unfolded(model), options, providers=["CPUExecutionProvider"]
    )
    return session


@dataclass(frozen=True, eq=False)
class BlockPrediction:
    """What a block says of a batch, in the frame of its grid.

    ``rotation`` (batch, 3, 3), ``center_mm`` (batch, 3), ``log_spread`` (batch, 3): logarithms of
    the expected errors of long axis (degrees), roll (degrees) and centre (mm), ``log_size``
    (batch, 2): of LV length and radius in mm, ``presence`` (batch,): log odds of a ventricle.
    """

    rotation: CountsArray
    center_mm: CountsArray
    log_spread: CountsArray
    log_size: CountsArray
    presence: CountsArray


OUTPUTS = ("rotation", "center_mm", "log_spread", "log_size", "presence")


class ModelError(Exception):
    """A file that is no block of a network."""


class OnnxBlock:
    """A block that was exported to ONNX, tried once on an empty crop of `size` voxels.

    One thread: a volume takes milliseconds, and services run several side by side. `open_session`
    says what runs it.

    Raises
    ------
    ModelError
        If it is no ONNX model, or does not take such crops, or gives something else.
    """

    def __init__(
        self, model: bytes, size: int, open_session: OpenSession = open_onnx_session
    ) -> None:
        # Its errors have no base of their own.
        try:
            self._session = open_session(model)
            self._input = self._session.get_inputs()[0].name
            tried = self(np.zeros((1, size, size, size), dtype=np.float32))
        except Exception as error:
            raise _as_model_error(error) from error
        if tried.rotation.shape != (1, 3, 3) or tried.log_spread.shape != (1, 3):
            raise ModelError(f"rotation {tried.rotation.shape}, spread {tried.log_spread.shape}")

    def __call__(self, counts: CountsArray) -> BlockPrediction:
        """Predict from normalised counts ``(batch, size, size, size)``."""
        return BlockPrediction(*self._run(list(OUTPUTS), counts))

    def outputs(self, counts: CountsArray) -> dict[str, CountsArray]:
        """Every output of the model by its name, those that no pose needs among them."""
        names = [each.name for each in self._session.get_outputs()]
        return dict(zip(names, self._run(names, counts), strict=True))

    def _run(self, names: list[str], counts: CountsArray) -> list[CountsArray]:
        batch = np.ascontiguousarray(counts[:, None], dtype=np.float32)
        found: list[CountsArray] = self._session.run(names, {self._input: batch})
        return found


ENERGIES = "energies"


class OnnxEnergies:
    """A network that gives one array, `energies`, for every crop on several grids.

    Raises
    ------
    ModelError
        If it is no ONNX model, or does not take such crops, or gives something else.
    """

    def __init__(
        self,
        model: bytes,
        grids: int,
        size: int,
        expected: tuple[int, ...],
        open_session: OpenSession = open_onnx_session,
    ) -> None:
        # Its errors have no base of their own.
        try:
            self._session = open_session(model)
            self._input = self._session.get_inputs()[0].name
            tried = self(np.zeros((1, grids, size, size, size), dtype=np.float32))
        except Exception as error:
            raise _as_model_error(error) from error
        if tried.shape != (1, *expected):
            raise ModelError(f"energies {tried.shape}")

    def __call__(self, counts: CountsArray) -> CountsArray:
        """Energies ``(batch, ...)`` of normalised counts ``(batch, grid, size, size, size)``."""
        batch = np.ascontiguousarray(counts, dtype=np.float32)
        found: list[CountsArray] = self._session.run([ENERGIES], {self._input: batch})
        return found[0]


class OnnxMaps:
    """A network of several named inputs, each for one case, and named outputs.

    Parameters
    ----------
    model : bytes
        Content of an ONNX file.
    inputs : mapping of str to tuple of int
        Shape of each input without its batch; it is tried once on zeros.
    outputs : mapping of str to tuple of int
        Shapes that come out, without the batch.

    Raises
    ------
    ModelError
        If it is no ONNX model, or does not take such arrays, or gives something else.
    """

    def __init__(
        self,
        model: bytes,
        inputs: Mapping[str, tuple[int, ...]],
        outputs: Mapping[str, tuple[int, ...]],
    ) -> None:
        self._names = list(outputs)
        # Its errors have no base of their own.
        try:
            self._session = open_onnx_session(model)
            tried = self(**{name: np.zeros((1, *shape)) for name, shape in inputs.items()})
        except Exception as error:
            raise _as_model_error(error) from error
        for name, shape in outputs.items():
            if tried[name].shape != (1, *shape):
                raise ModelError(f"{name} {tried[name].shape}")

    def __call__(self, **inputs: np.ndarray) -> dict[str, CountsArray]:
        """Outputs by their names, each with the batch first, from inputs with the batch first."""
        given = {
            name: np.ascontiguousarray(value, dtype=np.float32) for name, value in inputs.items()
        }
        found: list[CountsArray] = self._session.run(self._names, given)
        return dict(zip(self._names, found, strict=True))


def _as_model_error(error: Exception) -> ModelError:
    return ModelError(f"{type(error).__name__}: {str(error).splitlines()[0]}")
