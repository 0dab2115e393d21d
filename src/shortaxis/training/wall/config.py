"""The configuration of a training of the wall network: a TOML file, checked when it is read."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from shortaxis.errors import OptionError, ShortAxisError
from shortaxis.files.inputs.side_files import read_side_file
from shortaxis.simulation.seed_ranges import CALIBRATION, SELECTION, TRAINING
from shortaxis.training.checks import (
    require_choice,
    require_number,
    require_schedule,
    require_whole_number,
)
from shortaxis.training.config import known_values, ranges_below
from shortaxis.training.exams import SeedRange
from shortaxis.training.wall.variations import FarFrames

__all__ = ["WallSettings", "WallTraining", "read_wall_config"]

PURPOSES = {"train": TRAINING, "selection": SELECTION, "calibration": CALIBRATION}

PRECISIONS = ("32-true", "bf16-mixed")


@dataclass(frozen=True)
class WallSettings:
    """How the network is trained, besides on what.

    Parameters
    ----------
    samples, epoch_samples, batch : int
        Samples of the whole run, between two checkpoints, and at a time.
    channels, blocks : int
        Size of the network, see `shortaxis.network.wall.WallSize`.
    learning_rate, weight_decay : float
        Highest rate, reached after a twentieth of the run; it falls to zero by a cosine.
    seed : int
        Of weights and samples.
    tone : float
        Standard deviation of the logarithm of the power that counts are raised to in half of the
        samples; it hides how thick a wall is.
    far_part, far_times : float
        Part of the samples whose frame is off as that of an estimator that erred, and how many
        times as far as usual at most, at least twice.
    precision : str
        ``32-true`` or ``bf16-mixed``.

    Raises
    ------
    OptionError
        If a value is of another kind or out of range.
    """

    samples: int
    epoch_samples: int = 4096
    batch: int = 32
    channels: int = 48
    blocks: int = 5
    learning_rate: float = 2e-3
    weight_decay: float = 1e-2
    seed: int = 0
    tone: float = 0.1
    far_part: float = 0.1
    far_times: float = 2.0
    precision: str = "bf16-mixed"

    def __post_init__(self) -> None:
        require_schedule(self)
        for name in ("channels", "blocks"):
            require_whole_number(name, getattr(self, name), 1)
        for name in ("tone", "far_part", "far_times"):
            require_number(name, getattr(self, name), zero=True)
        require_choice("precision", self.precision, PRECISIONS)

    @property
    def far(self) -> FarFrames:
        """Frames of estimators that erred."""
        return FarFrames(self.far_part, max(self.far_times, 2.0))

    @property
    def epochs(self) -> int:
        """Whole epochs of the run."""
        return self.samples // self.epoch_samples


@dataclass(frozen=True)
class WallTraining:
    """A run: exams for three purposes, and the settings.

    `train` is learnt from; the powers of the bounds are set on `selection`, their factors and the
    limits of the flag on `calibration`.

    Raises
    ------
    OptionError
        If no exams are learnt from, or seeds are those of another purpose.
    """

    train: tuple[SeedRange, ...]
    selection: tuple[SeedRange, ...]
    calibration: tuple[SeedRange, ...]
    settings: WallSettings

    def __post_init__(self) -> None:
        if not self.train:
            raise OptionError("no exams for train", expected="a range", found="none")
        for name, purpose in PURPOSES.items():
            for one in getattr(self, name):
                purpose.require(one.seeds)

    def require_exams(self, purposes: Sequence[str] = tuple(PURPOSES)) -> None:
        """Raise `OptionError` if an exam for any of the purposes is missing."""
        for purpose in purposes:
            for one in getattr(self, purpose):
                _ = one.paths

    @property
    def facts(self) -> dict[str, Any]:
        """What a run begins with, besides the version of the package."""
        return {
            "train": [one.facts for one in self.train],
            "settings": asdict(self.settings),
        }


def read_wall_config(path: Path, cohorts: Path) -> WallTraining:
    """Read a TOML file; folders of exams are relative to `cohorts`.

    Raises
    ------
    OptionError
        If it is no TOML, lacks a value, or has one that is not known.
    """
    try:
        values = tomllib.loads(read_side_file(path))
        ranges = {name: ranges_below(values.pop(name), cohorts) for name in PURPOSES}
        return WallTraining(**ranges, settings=WallSettings(**known_values(values, WallSettings)))
    except ShortAxisError as error:
        raise error.at_path(path) from error
    except (OSError, KeyError, TypeError, ValueError, OverflowError) as error:
        raise OptionError(
            "is no configuration of a training of the wall network",
            path=path,
            expected=f"a TOML file with {', '.join(PURPOSES)} and samples",
            found=f"{type(error).__name__}: {error}",
        ) from error
