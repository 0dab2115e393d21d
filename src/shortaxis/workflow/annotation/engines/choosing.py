"""Which program registers: elastix, or SimpleITK where elastix is not installed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version

import numpy as np

from shortaxis.errors import MissingExtraError, OptionError
from shortaxis.geometry.arrays import CountsArray, FloatArray
from shortaxis.spect.volume import SpectVolume

__all__ = ["ENGINES", "Engine", "find_engine"]

Register = Callable[[CountsArray, FloatArray, np.ndarray, SpectVolume], FloatArray]
"""As `shortaxis.workflow.annotation.engines.elastix_engine.register`."""


@dataclass(frozen=True)
class Engine:
    """A program that registers, by the name that is reported."""

    name: str
    register: Register


ENGINES: Mapping[str, tuple[str, str]] = {
    "elastix": ("itk-elastix", "elastix_engine"),
    "simpleitk": ("SimpleITK", "simpleitk_engine"),
}
"""For each name the package that it needs, and the file here that knows it; the first that is
installed is taken."""


def find_engine(name: str | None = None) -> Engine:
    """Engine of a name, or the first that is installed.

    Raises
    ------
    OptionError
        For an unknown name.
    MissingExtraError
        If its package, or every one, is missing.
    """
    if name is not None and name not in ENGINES:
        raise OptionError("unknown engine", expected=" or ".join(ENGINES), found=name)
    for known in ENGINES if name is None else (name,):
        package, file = ENGINES[known]
        if _is_installed(package):
            module = import_module(f"shortaxis.workflow.annotation.engines.{file}")
            return Engine(module.NAME, module.register)
    raise MissingExtraError(
        "registration needs a package that is not installed",
        expected='pip install "shortaxis[annotate]"',
        found=f"neither of {', '.join(package for package, _ in ENGINES.values())}"
        if name is None
        else f"no {ENGINES[name][0]}",
        cause="the base install leaves out what the clinical path does not need",
    )


def _is_installed(distribution: str) -> bool:
    """Whether a distribution is there; a module ``itk`` can be there without elastix."""
    try:
        version(distribution)
    except PackageNotFoundError:
        return False
    return True
