"""What an experiment is: who is learnt from and tested on, by which methods, and how long.

Patients are split, stress and rest of one stay together (`shortaxis.training.paper.protocol`).
Every network of an experiment sees the same images in the same order.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from shortaxis.errors import OptionError, ShortAxisError
from shortaxis.files.inputs.side_files import read_side_file
from shortaxis.geometry.euler import PoseParameters
from shortaxis.network.spatial_transformer import COARSE_GRID, PAPER_GRID, ViewGrid
from shortaxis.simulation.seed_ranges import TEST, TRAINING
from shortaxis.training.checks import require_choice, require_number, require_whole_number
from shortaxis.training.exams import SeedRange
from shortaxis.training.paper.augmentation import DRAWS
from shortaxis.training.paper.methods import METHODS, Kind
from shortaxis.training.paper.protocol import FOLDS, Fold, split_patients
from shortaxis.training.paper.settings import PaperRun
from shortaxis.training.paper.stages import THREE_STAGES, WITHOUT_STAGES

__all__ = [
    "AS_INSTALLED",
    "GRIDS",
    "PARAMETERS",
    "PREDICTIONS_FILE",
    "PaperExperiment",
    "fold_folder",
    "read_experiment",
]

GRIDS = {"paper": PAPER_GRID, "coarse": COARSE_GRID}

PREDICTIONS_FILE = "predictions.csv"

AS_INSTALLED = "as-installed"
"""Folder of what a method predicts that is not trained on folds."""

PARAMETERS = tuple(each.name for each in fields(PoseParameters))

EXAMS_OF_A_PATIENT = 2
"""Stress and rest have neighbouring seeds, stress an even one."""


@dataclass(frozen=True)
class PaperExperiment:
    """What is trained and tested on, and how.

    Parameters
    ----------
    learning : SeedRange
        Patients who take turns in being validated on: whole pairs of stress and rest.
    test : SeedRange
        Patients whom nothing is learnt from.
    methods : tuple of str
        Of `shortaxis.training.paper.methods.METHODS`.
    grid : str
        Of `GRIDS`.
    folds, draws, seed : int
        Parts of the cross-validation, new images of each exam, and what all is drawn from.
    width_divisor, epoch_part, epochs_without_stages, precision
        As of `PaperRun`, the same for all networks.
    """

    learning: SeedRange
    test: SeedRange
    methods: tuple[str, ...] = tuple(METHODS)
    grid: str = "paper"
    folds: int = FOLDS
    draws: int = DRAWS
    width_divisor: int = 1
    epoch_part: float = 1.0
    epochs_without_stages: int = WITHOUT_STAGES[0].epochs
    precision: str = "32-true"
    seed: int = 0

    def __post_init__(self) -> None:
        TRAINING.require(self.learning.seeds)
        TEST.require(self.test.seeds)
        for name in self.methods or ("",):
            require_choice("method", name, METHODS)
        require_choice("grid", self.grid, GRIDS)
        require_whole_number("folds", self.folds, 2)
        for name in ("draws", "seed"):
            require_whole_number(name, getattr(self, name), 0)
        require_whole_number("width_divisor", self.width_divisor, 1)
        require_number("epoch_part", self.epoch_part)
        require_whole_number("epochs_without_stages", self.epochs_without_stages, 1)
        self.run_of("cnn-stn")
        first, count = self.learning.first, self.learning.count
        if first % EXAMS_OF_A_PATIENT or count % EXAMS_OF_A_PATIENT:
            raise OptionError(
                "patients are cut in two",
                expected="an even first seed and an even number of exams",
                found=f"{count} exams from seed {first}",
            )

    @property
    def view_grid(self) -> ViewGrid:
        """The grid of the networks' input."""
        return GRIDS[self.grid]

    def run_of(self, method: str) -> PaperRun:
        """What one of the paper's networks is trained with."""
        return PaperRun(
            METHODS[method].name,
            self.view_grid,
            self.width_divisor,
            float(self.epoch_part),
            METHODS[method].has_compound_loss,
            self.epochs_without_stages,
            self.precision,
            self.seed,
        )

    def samples_of(self, patients: Collection[int]) -> int:
        """Images that a network sees which is trained in three stages on these patients."""
        images = len(patients) * EXAMS_OF_A_PATIENT * (1 + self.draws)
        run = self.run_of("cnn-stn-three-stages")
        return images * sum(map(run.epochs_of, THREE_STAGES))

    def places_of(self, method: str) -> tuple[str, ...]:
        """Names of the folders in which a method's predictions lie, in order."""
        if METHODS[method].kind is Kind.INSTALLED:
            return (AS_INSTALLED,)
        return tuple(fold_folder(fold) for fold in self.turns())

    def turns(self) -> Iterator[Fold]:
        """Folds of patients, who are numbered by half their seeds."""
        patients = sorted({seed // EXAMS_OF_A_PATIENT for seed in self.learning.seeds})
        yield from split_patients(patients, self.seed, folds=self.folds, test=0).folds()


def fold_folder(fold: Fold) -> str:
    """Name of the folder of a fold."""
    return f"fold-{fold.number}"


def read_experiment(path: Path, cohorts: Path) -> PaperExperiment:
    """Read a TOML file; folders of exams are relative to `cohorts`.

    Raises
    ------
    OptionError
        If it is no TOML, lacks a value, or has one that is not known.
    """
    try:
        values: dict[str, Any] = tomllib.loads(read_side_file(path))
        for name in ("learning", "test"):
            values[name] = SeedRange(**{**values[name], "folder": cohorts / values[name]["folder"]})
        if "methods" in values:
            values["methods"] = tuple(values["methods"])
        return PaperExperiment(**values)
    except ShortAxisError as error:
        raise error.at_path(path) from error
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise OptionError(
            "is no experiment",
            path=path,
            expected="a TOML file with learning, test and what else an experiment has",
            found=f"{type(error).__name__}: {error}",
        ) from error
