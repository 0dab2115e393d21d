"""The configuration of a training run: a TOML file, checked when it is read."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from shortaxis.errors import OptionError
from shortaxis.network.sizes import BLOCK_SIZES
from shortaxis.simulation.seed_ranges import SELECTION, TRAINING
from shortaxis.training.exams import SeedRange

__all__ = ["TrainingConfig", "read_config"]


@dataclass(frozen=True)
class TrainingConfig:
    """One block's training.

    Parameters
    ----------
    block : str
        ``localiser`` or ``refiner``.
    head : str
        ``landmarks`` or ``two vectors``.
    train, selection : tuple of SeedRange
        Exams to learn from, and exams to watch and choose by; from their own seeds.
    samples, epoch_samples, batch : int
        Samples of the whole run, between two checkpoints, and at a time.
    learning_rate, weight_decay : float
        Highest rate, reached after a twentieth of the run; it falls to zero by a cosine.
    seed : int
        Of weights and samples.
    precision : str
        As Lightning names it.
    """

    block: str
    train: tuple[SeedRange, ...]
    selection: tuple[SeedRange, ...]
    samples: int
    head: str = "landmarks"
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
        if self.samples < self.epoch_samples or self.epoch_samples % self.batch:
            raise OptionError(
                "numbers of samples do not fit",
                expected="at least one epoch, and whole batches in it",
                found=f"{self.samples} in epochs of {self.epoch_samples}, batches of {self.batch}",
            )
        for ranges, allowed in ((self.train, TRAINING), (self.selection, SELECTION)):
            for one in ranges:
                allowed.require(one.seeds)

    @property
    def epochs(self) -> int:
        """Whole epochs of the run."""
        return self.samples // self.epoch_samples


def read_config(path: Path, cohorts: Path) -> TrainingConfig:
    """Read a TOML file; folders of exams are relative to `cohorts`.

    Raises
    ------
    OptionError
        If it is no TOML, lacks a value, or has one that is not known.
    """
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
        ranges = {name: _ranges(values.pop(name), cohorts) for name in ("train", "selection")}
        return TrainingConfig(**_known(values), **ranges)
    except OptionError:
        raise
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise OptionError(
            "is no training configuration",
            path=path,
            expected="a TOML file with block, samples, train and selection",
            found=f"{type(error).__name__}: {error}",
        ) from error


def _ranges(items: list[Mapping[str, Any]], cohorts: Path) -> tuple[SeedRange, ...]:
    return tuple(
        SeedRange(cohorts / str(item["folder"]), int(item["first"]), int(item["count"]))
        for item in items
    )


def _known(values: Mapping[str, Any]) -> dict[str, Any]:
    names = {field.name for field in fields(TrainingConfig)}
    unknown = sorted(set(values) - names)
    if unknown:
        raise OptionError(
            "unknown values in the configuration",
            expected=", ".join(sorted(names)),
            found=", ".join(unknown),
        )
    return dict(values)
