"""Count the functions that a reader passes from ``shortaxis reorient`` to ``reorient_study``.

Counted are the distinct functions, methods and properties that are written in the package
``shortaxis`` outside ``shortaxis.dicom`` and that run after the verb is entered and before
``reorient_study`` is called, both left out. What runs because a module is imported does not
count, nor does what a decorator of the standard library writes (the ``__init__`` of a dataclass).
A comprehension or generator expression is part of the function that holds it.

Marked with ``+`` are those that are called while ``shortaxis.dicom`` is at work: whoever does not
open that room does not meet them. Both numbers are printed, and how often functions are called.

    python tools/call_path.py demo/study.dcm
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

VERB, END, DICOM = "cli/reorient.py", "reorient_study", "dicom/"
EXPRESSIONS = ("<listcomp>", "<genexpr>", "<setcomp>", "<dictcomp>")


class PassedFunctions:
    """A profile function that notes functions of the package, in the order of their first call."""

    def __init__(self, package: Path) -> None:
        self.package = f"{package}/"
        self.passed: dict[CodeType, str] = {}
        self.below_dicom: set[CodeType] = set()
        self.calls = self.importing = self.in_dicom = 0
        self.is_open = self.is_over = False

    def __call__(self, frame: FrameType, event: str, argument: Any) -> None:  # noqa: ANN401 - as sys.setprofile gives it
        """Follow one call or return."""
        code = frame.f_code
        step = {"call": 1, "return": -1}.get(event, 0)
        if code.co_name == "<module>":
            self.importing += step
        if not step or self.importing or not code.co_filename.startswith(self.package):
            return
        place = code.co_filename.removeprefix(self.package)
        self.is_over |= self.is_open and code.co_name == END
        if self.is_open and not self.is_over:
            if place.startswith(DICOM):
                self.in_dicom += step
            elif step > 0 and code.co_name not in EXPRESSIONS:
                self.note(code, place)
        self.is_open |= place == VERB and code.co_name == "reorient"

    def note(self, code: CodeType, place: str) -> None:
        """Keep a function."""
        self.calls += 1
        if self.in_dicom and code not in self.passed:
            self.below_dicom.add(code)
        elif not self.in_dicom:
            self.below_dicom.discard(code)
        self.passed.setdefault(code, f"{place}:{code.co_firstlineno} {code.co_qualname}")


def functions_passed(study: Path) -> PassedFunctions:
    """Reorient a study in this process, and note the functions passed."""
    import shortaxis
    from shortaxis.cli.main import app

    passed = PassedFunctions(Path(shortaxis.__file__).parent)
    with tempfile.TemporaryDirectory() as out, redirect_stdout(StringIO()):
        sys.setprofile(passed)
        try:
            app(["reorient", str(study), "--out", out], standalone_mode=False)
        finally:
            sys.setprofile(None)
    if not passed.is_over:
        raise SystemExit(f"{END} was never called")
    return passed


def main() -> None:
    """Print the functions and how many they are."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("study", type=Path)
    passed = functions_passed(parser.parse_args().study)
    for code, words in passed.passed.items():
        print("+" if code in passed.below_dicom else " ", words)
    own = len(passed.passed) - len(passed.below_dicom)
    print(f"{len(passed.passed)} functions, {own} of them met outside dicom; {passed.calls} calls")


if __name__ == "__main__":
    main()
