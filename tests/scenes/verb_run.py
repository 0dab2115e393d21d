"""What a run of the command line gave."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any, NamedTuple


class Run(NamedTuple):
    """Exit code, and what went to the two streams."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        return json.loads(self.out)


def run_without(blocked: str, arguments: list[str]) -> subprocess.CompletedProcess[str]:
    """Run the command where a package is not installed, and list what was loaded at the end."""
    code = f"""
import sys, atexit

class NotInstalled:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == {blocked!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, NotInstalled())
from shortaxis.cli.main import main
atexit.register(lambda: print("loaded", *sorted({{m.partition(".")[0] for m in sys.modules}})))
main()
"""
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
