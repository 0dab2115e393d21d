"""Where a number comes from: the command of today that measures it, seed and revision."""

from __future__ import annotations

import re
import shlex
from typing import Any

from evidence.recording.options import without_places
from evidence.recording.record import command_of
from evidence.registry.table import RESULTS

__all__ = ["command_of_today", "command_to_repeat", "origin"]

EARLIER_SCRIPT = re.compile(r"(validation|benchmarks|tools|docs/figures)/\w+\.py")
"""Scripts as commands of results name them that were stored before there was a registry."""


def origin(name: str, record: dict[str, Any]) -> str:
    """Command, seed and revision of a stored result."""
    seed = "" if record["seed"] is None else f", seed {record['seed']}"
    command = command_of_today(name, record["command"])
    return f"`{command}`{seed}, revision {record['git_revision'][:7]}"


def command_of_today(name: str, command: str) -> str:
    """The command by the registry, short where it is that of the row; others stay as they are.

    Examples
    --------
    >>> command_of_today("realism", "python validation/realism.py --count 80")
    'python -m evidence run realism'
    >>> command_of_today("realism", "python validation/realism.py --count 3 --data real")
    'python -m evidence run realism -- --count 3'
    >>> command_of_today("paper-cpu", "shortaxis experiment run configs/paper-cpu.toml")
    'shortaxis experiment run configs/paper-cpu.toml'
    """
    words = shlex.split(command)
    if len(words) > 1 and EARLIER_SCRIPT.fullmatch(words[1]):
        options = without_places(words[2:])
        if options == without_places(RESULTS[name].options):
            options = list(RESULTS[name].options)
        return command_of(name, options)
    return command_to_repeat(command)


def command_to_repeat(command: str) -> str:
    """The command without the options of `PLACES` and their values.

    Examples
    --------
    >>> command_to_repeat("python some/script.py --count 3 --pictures docs/images --method network")
    'python some/script.py --count 3 --method network'
    """
    return shlex.join(without_places(shlex.split(command)))
