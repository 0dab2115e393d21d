"""Methods as parameters of tests; what this machine cannot run is skipped, with the reason."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from typing import Any

import pytest

from shortaxis.errors import ShortAxisError
from shortaxis.inference.runtimes import Runtime, sessions_of
from shortaxis.reorientation.methods import offered_methods

__all__ = ["every_method", "runs_bfloat16", "runs_openvino", "why_not"]


@cache
def why_not(runtime: Runtime) -> str:
    """Why nothing can run in it here; empty where it can."""
    if runtime.is_extra and find_spec("openvino") is None:
        return "the extra openvino is not installed"
    try:
        sessions_of(runtime)
    except ShortAxisError as error:
        return error.summary
    return ""


def every_method() -> list[Any]:
    """Names of the methods that estimate."""
    return [
        pytest.param(
            name,
            marks=pytest.mark.skipif(bool(why_not(each.runtime)), reason=why_not(each.runtime)),
        )
        for name, each in offered_methods().items()
    ]


def _needs(runtime: Runtime) -> pytest.MarkDecorator:
    return pytest.mark.skipif(bool(why_not(runtime)), reason=why_not(runtime))


runs_openvino = _needs(Runtime.OPENVINO)
runs_bfloat16 = _needs(Runtime.OPENVINO_BFLOAT16)
