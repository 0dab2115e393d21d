"""Count the functions that a reader passes from ``shortaxis reorient`` to ``reorient_study``.

Counted are the distinct functions, methods and properties that are written in the package
``shortaxis`` outside ``shortaxis.dicom`` and that run after the verb is entered and before
``reorient_study`` is called, both left out. What runs because a module is imported does not
count, nor does what a decorator of the standard library writes (the ``__init__`` of a dataclass).
A comprehension or generator expression is part of the function that holds it.

    python tools/call_path.py demo/study.dcm
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

VERB, END, LEFT_OUT = "cli/reorient.py", "reorient_study", "dicom/"
EXPRESSIONS = ("<listcomp>", "<genexpr>", "<setcomp>", "<dictcomp>")


class PassedFunctions:
    """A profile function that notes functions of the package, in the order of their first call."""

    def __init__(self, package: Path) -> None:
        self.package = f"{package}/"
        self.passed: dict[CodeType, str] = {}
        self.importing = 0
        self.is_open = self.is_over = False

    def __call__(self, frame: FrameType, event: str, argument: Any) -> None:  # noqa: ANN401 - as sys.setprofile gives it
        """Note a call."""
        code = frame.f_code
        if code.co_name == "<module>":
            self.importing += {"call": 1, "return": -1}.get(event, 0)
        if event != "call" or self.importing or not code.co_filename.startswith(self.package):
            return
        place = code.co_filename.removeprefix(self.package)
        if self.is_open and code.co_name == END:
            self.is_over = True
        if self.is_open and not self.is_over and code.co_name not in EXPRESSIONS:
            self.note(code, place)
        self.is_open = self.is_open or (place == VERB and code.co_name == "reorient")

    def note(self, code: CodeType, place: str) -> None:
        """Keep a function that is not of the room left out."""
        if not place.startswith(LEFT_OUT):
            self.passed.setdefault(code, f"{place}:{code.co_firstlineno} {code.co_qualname}")


def functions_passed(study: Path) -> list[str]:
    """Reorient a study in this process; places and names of the functions passed."""
    import shortaxis
    from shortaxis.cli.main import app

    passed = PassedFunctions(Path(shortaxis.__file__).parent)
    with tempfile.TemporaryDirectory() as out:
        sys.setprofile(passed)
        try:
            app(["reorient", str(study), "--out", out, "--json"], standalone_mode=False)
        finally:
            sys.setprofile(None)
    if not passed.is_over:
        raise SystemExit(f"{END} was never called")
    return list(passed.passed.values())


def main() -> None:
    """Print the functions and how many they are."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("study", type=Path)
    names = functions_passed(parser.parse_args().study)
    print("\n".join(names))
    print(len(names), "functions")


if __name__ == "__main__":
    main()
