"""The verbs of the command, each built when it is asked for.

Reading the options of all verbs takes as long as finding a pose, and a command has one verb.
"""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup

from shortaxis.cli.void_options import CheckedCommand

__all__ = ["VERBS", "VerbGroup"]

VERBS = {
    "reorient": "reorient",
    "reconstruct": "reconstruct",
    "info": "info",
    "quantify": "quantify",
    "wall": "wall",
    "report": "report",
    "consistency": "consistency",
    "batch": "batch",
    "simulate": "simulate",
    "train": "train",
    "train-wall": "train_wall",
    "weights": "weights",
    "evaluate": "evaluate",
    "agreement": "agreement",
    "annotate": "annotate",
    "import-miilab": "import_sets",
    "import-physionet": "import_sets",
    "review": "review",
    "serve": "serve",
    "normals": "normals",
    "experiment": "experiment",
}
"""The file of each verb, in the order of the help. A function, or a group, of its name is in it."""


class VerbGroup(TyperGroup):
    """The command with its verbs."""

    def __init__(self, **settings: Any) -> None:  # noqa: ANN401 - those of Typer
        super().__init__(**settings)
        self.commands = _BuiltVerbs()


class _BuiltVerbs(MutableMapping[str, Any]):
    """Commands by their names."""

    def __init__(self) -> None:
        self._built: dict[str, Any] = dict.fromkeys(VERBS)

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401 - its class is private to Typer
        if self._built[name] is None:
            self._built[name] = _built(name)
        return self._built[name]

    def __setitem__(self, name: str, command: Any) -> None:  # noqa: ANN401
        self._built[name] = command

    def __delitem__(self, name: str) -> None:
        del self._built[name]

    def __contains__(self, name: object) -> bool:
        return name in self._built

    def __iter__(self) -> Iterator[str]:
        return iter(self._built)

    def __len__(self) -> int:
        return len(self._built)


def _built(name: str) -> Any:  # noqa: ANN401
    verb = getattr(import_module(f"shortaxis.cli.{VERBS[name]}"), name.replace("-", "_"))
    alone = typer.Typer(rich_markup_mode=None)
    if isinstance(verb, typer.Typer):
        alone.add_typer(verb, name=name)
    else:
        alone.command(name, cls=CheckedCommand)(verb)
    return typer.main.get_group(alone).commands[name]
