"""What a small command does not spend its time on."""

from __future__ import annotations

import subprocess
import sys

COMMAND = """
import atexit, gc, sys
# What is registered first is called last.
atexit.register(lambda: print(gc.get_threshold()[0], gc.get_freeze_count()))
sys.argv = ["shortaxis", "--version"]
from shortaxis.cli.main import main
main()
"""


def test_a_command_does_not_look_through_what_it_loaded_again_and_again() -> None:
    run = subprocess.run(
        [sys.executable, "-c", COMMAND], capture_output=True, text=True, check=True, timeout=240
    )

    objects_made, passed_over = map(int, run.stdout.splitlines()[-1].split())
    assert objects_made >= 10_000
    assert passed_over > 10_000
