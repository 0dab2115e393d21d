"""What runs the networks: ONNX Runtime, or another that was chosen."""

from __future__ import annotations

from enum import Enum
from importlib.util import find_spec
from typing import TYPE_CHECKING

from shortaxis.inference.absent_runtime import missing_openvino

if TYPE_CHECKING:
    from shortaxis.inference.onnx_session import OpenSession

__all__ = ["Runtime", "require_runtime", "sessions_of"]


class Runtime(Enum):
    """Each gives an answer of its own, if only in the last digits."""

    ONNX_RUNTIME = "ONNX Runtime"
    OPENVINO = "OpenVINO"
    OPENVINO_BFLOAT16 = "OpenVINO in bfloat16"

    @property
    def is_extra(self) -> bool:
        """Whether the base install lacks it."""
        return self is not Runtime.ONNX_RUNTIME


def require_runtime(runtime: Runtime) -> None:
    """Refuse what cannot run here, before any work; only what asks the processor is loaded.

    Raises
    ------
    MissingExtraError, OptionError
        As `sessions_of`.
    """
    if runtime.is_extra and find_spec("openvino") is None:
        raise missing_openvino("no module openvino")
    if runtime is Runtime.OPENVINO_BFLOAT16:
        sessions_of(runtime)


def sessions_of(runtime: Runtime) -> OpenSession:
    """What opens networks in this runtime, which is loaded here.

    Raises
    ------
    MissingExtraError
        If it is not installed.
    OptionError
        If this processor cannot do what it is to do.
    """
    if runtime.is_extra:
        from shortaxis.inference.openvino_session import BFLOAT16, FLOAT32, openvino_sessions

        return openvino_sessions(BFLOAT16 if runtime is Runtime.OPENVINO_BFLOAT16 else FLOAT32)
    from shortaxis.inference.onnx_session import open_onnx_session

    return open_onnx_session
