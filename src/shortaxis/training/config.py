"""The configuration of a training run: a TOML file, checked when it is read."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from shortaxis.errors import OptionError
from shortaxis.network.sizes import BLOCK_SIZES, HEADS
from shortaxis.simulation.seed_ranges import CALIBRATION, SELECTION, TRAINING
from shortaxis.training.exams import SeedRange

__all__ = ["Stage", "TrainingConfig", "read_config"]


PURPOSES = ("train", "selection", "calibration")


@dataclass(frozen=True)
class Stage:
    """One block's training.

    Parameters
    ----------
    name : str
        Names the stage's folder; later stages refer to it.
    block : str
        ``localiser`` or ``refiner``.
    samples : int
        Samples of the whole stage.
    head : str
        ``landmarks`` or ``two vectors``.
    start : str
        Name of an earlier stage whose weights this one starts from; empty: fresh weights.
    epoch_samples, batch : int
        Samples between two checkpoints, and at a time.
    learning_rate, weight_decay : float
        Highest rate, reached after a twentieth of the stage; it falls to zero by a cosine.
    seed : int
        Of weights and samples.
    precision : str
        As Lightning names it.
    """

    name: str
    block: str
    samples: int
    head: str = "landmarks"
    start: str = ""
    epoch_samples: int = 4096
    batch: int = 32
    learning_rate: float = 2e-3
    weight_decay: float = 1e-2
    seed: int = 0
    precision: str = "bf16-mixed"

    def __post_init__(self) -> None:
        if self.block not in BLOCK_SIZES:
            raise OptionError(
                "unknown block", expected=" or ".join(BLOCK_SIZES), found=str(self.block)
            )
        if self.head not in HEADS:
            raise OptionError("unknown head", expected=" or ".join(HEADS), found=str(self.head))
        if self.samples < self.epoch_samples or self.epoch_samples % self.batch:
            raise OptionError(
                "numbers of samples do not fit",
                expected="at least one epoch, and whole batches in it",
                found=f"{self.samples} in epochs of {self.epoch_samples}, batches of {self.batch}",
            )

    @property
    def epochs(self) -> int:
        """Whole epochs of the stage."""
        return self.samples // self.epoch_samples


@dataclass(frozen=True)
class TrainingConfig:
    """A run: exams for three purposes, and stages in their order.

    `train` is learnt from, `selection` watched and chosen by, and on `calibration` the
    uncertainties of the result are scaled.
    """

    train: tuple[SeedRange, ...]
    selection: tuple[SeedRange, ...]
    calibration: tuple[SeedRange, ...]
    stages: tuple[Stage, ...]

    def __post_init__(self) -> None:
        purposes = (
            (self.train, TRAINING),
            (self.selection, SELECTION),
            (self.calibration, CALIBRATION),
        )
        for ranges, allowed in purposes:
            for one in ranges:
                allowed.require(one.seeds)
        known: set[str] = set()
        for stage in self.stages:
            if stage.name in known or (stage.start and stage.start not in known):
                raise OptionError(
                    "stages do not follow from each other",
                    expected="names that differ, and a start that is an earlier stage",
                    found=f"{stage.name} from {stage.start or 'fresh weights'}",
                )
            known.add(stage.name)

    def chosen(self, names: Sequence[str] | None) -> tuple[Stage, ...]:
        """Stages of these names, in the order of the run; all, if none are named."""
        known = [stage.name for stage in self.stages]
        unknown = [name for name in names or () if name not in known]
        if unknown:
            raise OptionError(
                "unknown stage", expected=" or ".join(known), found=", ".join(unknown)
            )
        return tuple(stage for stage in self.stages if not names or stage.name in names)


def read_config(path: Path, cohorts: Path) -> TrainingConfig:
    """Read a TOML file; folders of exams are relative to `cohorts`.

    Values outside ``[[stages]]`` are those of every stage that does not say otherwise.

    Raises
    ------
    OptionError
        If it is no TOML, lacks a value, or has one that is not known.
    """
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
        ranges = {name: _ranges(values.pop(name), cohorts) for name in PURPOSES}
        stages = values.pop("stages")
        return TrainingConfig(
            **ranges, stages=tuple(Stage(**_known({**values, **stage})) for stage in stages)
        )
    except OptionError as error:
        raise error.at_path(path) from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise OptionError(
            "is no training configuration",
            path=path,
            expected=f"a TOML file with {', '.join(PURPOSES)} and stages",
            found=f"{type(error).__name__}: {error}",
        ) from error


def _ranges(items: list[Mapping[str, Any]], cohorts: Path) -> tuple[SeedRange, ...]:
    return tuple(
        SeedRange(
            cohorts / str(item["folder"]),
            str(item["preset"]),
            int(item["first"]),
            int(item["count"]),
        )
        for item in items
    )


def _known(values: Mapping[str, Any]) -> dict[str, Any]:
    names = {field.name for field in fields(Stage)}
    unknown = sorted(set(values) - names)
    if unknown:
        raise OptionError(
            "unknown values in the configuration",
            expected=", ".join(sorted(names)),
            found=", ".join(unknown),
        )
    return dict(values)
