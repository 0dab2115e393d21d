"""Studies with the traits that people report, written from the demo study."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

from repository import DEMO, REPOSITORY

__all__ = ["find_case_writer", "write_reported_cases"]


def find_case_writer() -> Path | None:
    """``shared/cases/make_cases.py`` beside the checkout; None where it is not there."""
    path = REPOSITORY.parent / "shared" / "cases" / "make_cases.py"
    return path if path.is_file() else None


def write_reported_cases(writer: Path, folder: Path) -> list[Path]:
    """Write every case into `folder`; returns their files and folders."""
    module = _loaded(writer)
    written: list[Path] = module.write_cases(module.Demo.read(DEMO), folder)
    return written


def _loaded(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("reported_case_writer", path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path.name} is no module")
    module = importlib.util.module_from_spec(spec)
    # Its dataclasses look their module up by name.
    sys.modules[spec.name] = module
    writes_bytecode, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        spec.loader.exec_module(module)
    finally:
        sys.dont_write_bytecode = writes_bytecode
    return module
