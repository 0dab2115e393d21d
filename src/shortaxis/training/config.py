"""The configuration of a training run: a TOML file, checked when it is read."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from shortaxis.errors import OptionError, ShortAxisError
from shortaxis.files.inputs.side_files import read_side_file
from shortaxis.network.handedness import HANDEDNESS
from shortaxis.network.sizes import BLOCK_SIZES, HEADS
from shortaxis.simulation.seed_ranges import CALIBRATION, SELECTION, TRAINING
from shortaxis.training.checks import require_choice, require_schedule
from shortaxis.training.exams import SeedRange
from shortaxis.training.limit_settings import LimitSettings, read_limit_settings

__all__ = [
    "PRECISIONS",
    "WEIGHTS_FOLDER",
    "Stage",
    "TrainingConfig",
    "known_values",
    "ranges_below",
    "read_config",
]

PURPOSES = ("train", "selection", "calibration")

PRECISIONS = ("16-mixed", "16-true", "bf16-mixed", "bf16-true", "32-true", "64-true")
"""As Lightning names those that need no other package."""

ENERGIES = "energies"
"""Head of the handedness network."""

STAGE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")

WEIGHTS_FOLDER = "weights"
"""Beside the folders of the stages."""


@dataclass(frozen=True)
class Stage:
    """One block's training.

    Parameters
    ----------
    name : str
        Names the stage's folder; later stages refer to it. Letters, digits, ``-`` and ``_``.
    block : str
        ``localiser``, ``refiner`` or ``handedness``.
    samples : int
        Samples of the whole stage.
    head : str
        ``landmarks`` or ``two vectors``; of ``handedness`` ``energies``.
    start : str
        Name of an earlier stage of the same block and head whose weights this one starts from;
        empty: fresh weights.
    start_sha256 : str
        Digest of the ONNX file of an earlier release that this one starts from, instead of a stage;
        it is looked for among the installed weights and in ``exported`` below the cohorts.
    epoch_samples, batch : int
        Samples between two checkpoints, and at a time.
    learning_rate, weight_decay : float
        Highest rate, reached after a twentieth of the stage; it falls to zero by a cosine.
    seed : int
        Of weights and samples.
    precision : str
        One of `PRECISIONS`.

    Raises
    ------
    OptionError
        If a value is not known, of another kind, or out of range.
    """

    name: str
    block: str
    samples: int
    head: str = "landmarks"
    start: str = ""
    start_sha256: str = ""
    epoch_samples: int = 4096
    batch: int = 32
    learning_rate: float = 2e-3
    weight_decay: float = 1e-2
    seed: int = 0
    precision: str = "bf16-mixed"

    def __post_init__(self) -> None:
        _require_stage_name(self.name)
        require_choice("block", self.block, (*BLOCK_SIZES, HANDEDNESS))
        require_choice("head", self.head, (ENERGIES,) if self.block == HANDEDNESS else HEADS)
        require_choice("precision", self.precision, PRECISIONS)
        if not isinstance(self.start, str):
            raise OptionError("start is no name", expected="a stage", found=repr(self.start))
        if not isinstance(self.start_sha256, str) or (self.start and self.start_sha256):
            raise OptionError(
                "start_sha256 is no digest, or there are two starts",
                expected="a stage, or the SHA-256 of an ONNX file",
                found=f"start {self.start!r} and start_sha256 {self.start_sha256!r}",
            )
        if self.start_sha256 and self.block == HANDEDNESS:
            raise OptionError(
                "start_sha256 is for blocks of the pose",
                expected=f"a stage of {HANDEDNESS} to start from",
                found=f"start_sha256 {self.start_sha256!r}",
            )
        require_schedule(self)

    @property
    def epochs(self) -> int:
        """Whole epochs of the stage."""
        return self.samples // self.epoch_samples


@dataclass(frozen=True)
class TrainingConfig:
    """A run: exams for three purposes, stages in their order, and how limits are set.

    `train` is learnt from, `selection` watched and chosen by, and on `calibration` the bounds
    of the result and the limits of its flag are set.
    """

    train: tuple[SeedRange, ...]
    selection: tuple[SeedRange, ...]
    calibration: tuple[SeedRange, ...]
    stages: tuple[Stage, ...]
    limits: LimitSettings = field(default_factory=LimitSettings)
    cohorts: Path = Path("cohorts")

    def __post_init__(self) -> None:
        for name, ranges, allowed in (
            ("train", self.train, TRAINING),
            ("selection", self.selection, SELECTION),
            ("calibration", self.calibration, CALIBRATION),
        ):
            if not ranges and name != "calibration":
                raise OptionError(f"no exams for {name}", expected="a range", found="none")
            for one in ranges:
                allowed.require(one.seeds)
        if not self.stages:
            raise OptionError("no stage to train", expected="at least one", found="none")
        if self.calibration:
            self.limits.usual_of([one.preset for one in self.calibration])
        for number, stage in enumerate(self.stages):
            _require_follows(stage, self.stages[:number])
        if len({stage.block == HANDEDNESS for stage in self.stages}) > 1:
            raise OptionError(
                "stages of two kinds in one run",
                expected=f"blocks of the pose, or {HANDEDNESS} alone",
                found=", ".join(stage.block for stage in self.stages),
                cause="the networks are trained and replaced each without the other",
            )

    @property
    def trains_handedness(self) -> bool:
        """Whether the run trains the handedness network, and no block of the pose."""
        return self.stages[0].block == HANDEDNESS

    def require_exams(self, purposes: Sequence[str] = PURPOSES) -> None:
        """Raise `OptionError` if an exam for any of the purposes is missing."""
        for purpose in purposes:
            for one in getattr(self, purpose):
                _ = one.paths

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

    Values outside ``[[stages]]`` and ``[limits]`` are those of every stage that does not say
    otherwise.

    Raises
    ------
    OptionError
        If it is no TOML, lacks a value, or has one that is not known.
    """
    try:
        values = tomllib.loads(read_side_file(path))
        ranges = {name: ranges_below(values.pop(name), cohorts) for name in PURPOSES}
        limits = read_limit_settings(values.pop("limits", {}))
        stages = values.pop("stages")
        return TrainingConfig(
            **ranges,
            stages=tuple(Stage(**known_values({**values, **stage}, Stage)) for stage in stages),
            limits=limits,
            cohorts=cohorts,
        )
    except ShortAxisError as error:
        raise error.at_path(path) from error
    except (OSError, KeyError, TypeError, ValueError, OverflowError) as error:
        raise OptionError(
            "is no training configuration",
            path=path,
            expected=f"a TOML file with {', '.join(PURPOSES)} and stages",
            found=f"{type(error).__name__}: {error}",
        ) from error


def ranges_below(items: Sequence[Mapping[str, Any]], cohorts: Path) -> tuple[SeedRange, ...]:
    """Ranges of exams of a configuration, whose folders are relative to `cohorts`."""
    return tuple(SeedRange(**{**item, "folder": cohorts / item["folder"]}) for item in items)


def _require_stage_name(name: object) -> None:
    is_name = isinstance(name, str) and STAGE_NAME.fullmatch(name)
    if not is_name or str(name).lower() == WEIGHTS_FOLDER:
        raise OptionError(
            "not the name of a stage",
            expected="letters, digits, - and _, since it names a folder beside "
            f"{WEIGHTS_FOLDER}, and not that one",
            found=repr(name),
        )


def _require_follows(stage: Stage, earlier: Sequence[Stage]) -> None:
    # Names of folders: some systems do not tell upper from lower case.
    is_new = stage.name.lower() not in {one.name.lower() for one in earlier}
    start = next((one for one in earlier if one.name == stage.start), None)
    if not is_new or (stage.start and start is None):
        raise OptionError(
            "stages do not follow from each other",
            expected="names that differ, and a start that is an earlier stage",
            found=f"{stage.name} from {stage.start or 'fresh weights'}",
        )
    if start is not None and (start.block, start.head) != (stage.block, stage.head):
        raise OptionError(
            "a stage starts from another network",
            expected=f"{stage.block} with the head {stage.head}, as {stage.name} trains",
            found=f"{start.name}: {start.block} with the head {start.head}",
        )


def known_values(values: Mapping[str, Any], kind: type[Any]) -> dict[str, Any]:
    """Values that a kind of settings has.

    Raises
    ------
    OptionError
        If any is not known, with those that are.
    """
    names = {field.name for field in fields(kind)}
    unknown = sorted(set(values) - names)
    if unknown:
        raise OptionError(
            "unknown values in the configuration",
            expected=", ".join(sorted(names)),
            found=", ".join(unknown),
        )
    return dict(values)
