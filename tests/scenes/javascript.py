"""Modules of JavaScript, run by Node: what an expression is, of values of ours."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

__all__ = ["NODE", "in_node"]

NODE = shutil.which("node")
WAIT_S = 60

READ_VALUES = 'import { readFileSync } from "node:fs"; const values = JSON.parse(readFileSync(0));'


def in_node(imports: Mapping[Path, Sequence[str]], expression: str, values: object = None) -> Any:
    """What an expression of JavaScript is, of `values`, with names of some modules."""
    lines = [
        f'import {{ {", ".join(names)} }} from "{module.as_uri()}";'
        for module, names in imports.items()
    ]
    program = "\n".join([*lines, READ_VALUES, f"console.log(JSON.stringify({expression}));"])
    run = subprocess.run(
        [str(NODE), "--input-type=module", "--eval", program],
        input=json.dumps(values),
        capture_output=True,
        text=True,
        check=False,
        timeout=WAIT_S,
    )
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)
