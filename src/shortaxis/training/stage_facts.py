"""What a stage was begun with, kept beside its checkpoint.

A checkpoint holds weights and the state of the optimiser, but not the settings and exams that led
there. Without them a run could go on with others, and a record of weights claim what never was.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from shortaxis._version import __version__
from shortaxis.errors import OptionError
from shortaxis.files.plain_json import OF_ANOTHER_SHAPE, write_json
from shortaxis.training.config import Stage, TrainingConfig

__all__ = [
    "STAGE_FILE",
    "StageFacts",
    "facts_of",
    "read_stage_facts",
    "require_same",
    "write_stage_facts",
]

STAGE_FILE = "stage.json"

RangeFacts = list[dict[str, Any]]


@dataclass(frozen=True)
class StageFacts:
    """Version of the package, ranges of the exams, and the stage."""

    package: str
    train: RangeFacts
    selection: RangeFacts
    stage: Stage

    @property
    def shared(self) -> dict[str, Any]:
        """What all stages of a run have in common."""
        return {"package": self.package, "train": self.train, "selection": self.selection}

    @property
    def fields(self) -> dict[str, Any]:
        """Every fact by its name."""
        return {**self.shared, **asdict(self.stage)}


def facts_of(config: TrainingConfig, stage: Stage) -> StageFacts:
    """What a stage begins with now."""
    return StageFacts(
        __version__,
        [one.facts for one in config.train],
        [one.facts for one in config.selection],
        stage,
    )


def write_stage_facts(folder: Path, facts: StageFacts) -> None:
    """Write the facts into the folder of the stage."""
    write_json(folder / STAGE_FILE, {**facts.shared, "stage": asdict(facts.stage)})


def read_stage_facts(folder: Path) -> StageFacts:
    """Read the facts from the folder of a stage.

    Raises
    ------
    OptionError
        If there are none, or the file is damaged.
    """
    path = folder / STAGE_FILE
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        stage = Stage(**values.pop("stage"))
        return StageFacts(stage=stage, **values)
    except (OSError, *OF_ANOTHER_SHAPE) as error:
        raise OptionError(
            "does not say what the stage was begun with",
            path=path,
            expected="settings and exams, written before training begins",
            found=f"{type(error).__name__}: {error}",
            cause="a checkpoint of an older version, or copied without this file; "
            "train in another folder",
        ) from error


def require_same(folder: Path, present: dict[str, Any], stored: dict[str, Any]) -> None:
    """Raise `OptionError` if any fact differs from what the folder of a stage has stored."""
    differing = [name for name in {**stored, **present} if stored.get(name) != present.get(name)]
    if differing:
        raise OptionError(
            f"the stage was begun with other settings: {', '.join(differing)}",
            path=folder / STAGE_FILE,
            expected=", ".join(f"{name} {stored.get(name)}" for name in differing),
            found=", ".join(f"{name} {present.get(name)}" for name in differing),
            cause="a configuration or package that changed since; go on with that of the "
            "beginning, or train in another folder",
        )
