"""The paper's protocol over a cohort: every network on every fold, and what it predicts.

Patients are split, stress and rest of one stay together (`shortaxis.training.paper.protocol`).
Every network of an experiment sees the same images in the same order, as often.
"""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from shortaxis.errors import OptionError
from shortaxis.geometry.arrays import FloatArray
from shortaxis.geometry.euler import PoseParameters
from shortaxis.network.paper_networks import PAPER_NETWORKS
from shortaxis.network.spatial_transformer import COARSE_GRID, PAPER_GRID, ViewGrid
from shortaxis.simulation.seed_ranges import TEST, TRAINING
from shortaxis.simulation.whole_files import write_whole
from shortaxis.training.checks import require_choice, require_number, require_whole_number
from shortaxis.training.exams import SeedRange
from shortaxis.training.paper.augmentation import DRAWS
from shortaxis.training.paper.images import PaperExam, PaperImages, paper_exam
from shortaxis.training.paper.protocol import FOLDS, Fold, split_patients
from shortaxis.training.paper.run import PaperRun, predicted, train_paper_network

__all__ = [
    "GRIDS",
    "PREDICTIONS_FILE",
    "PaperExperiment",
    "read_experiment",
    "read_predictions",
    "run_experiment",
]

GRIDS = {"paper": PAPER_GRID, "coarse": COARSE_GRID}

PREDICTIONS_FILE = "predictions.csv"

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
    networks : tuple of str
        Of `PAPER_NETWORKS`.
    grid : str
        Of `GRIDS`.
    folds, draws, seed : int
        Parts of the cross-validation, new images of each exam, and what all is drawn from.
    width_divisor, epoch_part
        As of `PaperRun`, the same for all networks.
    """

    learning: SeedRange
    test: SeedRange
    networks: tuple[str, ...] = tuple(PAPER_NETWORKS)
    grid: str = "paper"
    folds: int = FOLDS
    draws: int = DRAWS
    width_divisor: int = 1
    epoch_part: float = 1.0
    seed: int = 0

    def __post_init__(self) -> None:
        TRAINING.require(self.learning.seeds)
        TEST.require(self.test.seeds)
        for name in self.networks or ("",):
            require_choice("network", name, PAPER_NETWORKS)
        require_choice("grid", self.grid, GRIDS)
        require_whole_number("folds", self.folds, 2)
        for name in ("draws", "seed"):
            require_whole_number(name, getattr(self, name), 0)
        require_whole_number("width_divisor", self.width_divisor, 1)
        require_number("epoch_part", self.epoch_part)
        self.run_of(self.networks[0])
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

    def run_of(self, network: str) -> PaperRun:
        """What one network is trained with."""
        return PaperRun(
            network, self.view_grid, self.width_divisor, float(self.epoch_part), self.seed
        )

    def turns(self) -> Iterator[Fold]:
        """Folds of patients, who are numbered by half their seeds."""
        patients = sorted({seed // EXAMS_OF_A_PATIENT for seed in self.learning.seeds})
        yield from split_patients(patients, self.seed, folds=self.folds, test=0).folds()


def read_experiment(path: Path, cohorts: Path) -> PaperExperiment:
    """Read a TOML file; folders of exams are relative to `cohorts`.

    Raises
    ------
    OptionError
        If it is no TOML, lacks a value, or has one that is not known.
    """
    try:
        values: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
        for name in ("learning", "test"):
            values[name] = SeedRange(**{**values[name], "folder": cohorts / values[name]["folder"]})
        if "networks" in values:
            values["networks"] = tuple(values["networks"])
        return PaperExperiment(**values)
    except OptionError as error:
        raise error.at_path(path) from error
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise OptionError(
            "is no experiment",
            path=path,
            expected="a TOML file with learning, test and what else an experiment has",
            found=f"{type(error).__name__}: {error}",
        ) from error


def run_experiment(
    experiment: PaperExperiment,
    folder: Path,
    *,
    networks: Sequence[str] | None = None,
    workers: int = 0,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> list[Path]:
    """Train every network on every fold, and keep what it predicts; what is there already stays.

    Parameters
    ----------
    experiment : PaperExperiment
        What to do.
    folder : Path
        Gets ``NETWORK/fold-N`` with checkpoints, logs and ``predictions.csv``.
    networks : sequence of str, optional
        Only these of the experiment's.
    workers : int
        Processes that make images.
    progress : callable, optional
        Told how many of all trainings are done.

    Returns
    -------
    list of Path
        The files of predictions, in order.
    """
    for name in networks or ():
        require_choice("network of the experiment", name, experiment.networks)
    chosen = [name for name in experiment.networks if not networks or name in networks]
    grid = experiment.view_grid
    learning = [paper_exam(each, grid) for each in experiment.learning.exams()]
    test = PaperImages([paper_exam(each, grid) for each in experiment.test.exams()], draws=0)
    turns = list(experiment.turns())
    files = []
    for network in chosen:
        for fold in turns:
            own = folder / network / f"fold-{fold.number}"
            files.append(own / PREDICTIONS_FILE)
            if not files[-1].exists():
                _train_and_predict(experiment, network, fold, learning, test, own, workers)
            progress(len(files), len(chosen) * len(turns))
    return files


def _train_and_predict(  # noqa: PLR0913 - all of one place
    experiment: PaperExperiment,
    network: str,
    fold: Fold,
    learning: Sequence[PaperExam],
    test: PaperImages,
    folder: Path,
    workers: int,
) -> None:
    training = PaperImages(_of(learning, fold.training), experiment.draws, experiment.seed)
    validation = PaperImages(_of(learning, fold.validation), draws=0)
    run = experiment.run_of(network)
    trained = train_paper_network(run, training, validation, folder, workers=workers)
    lines = [["purpose", "seed", *(f"{kind}_{name}" for kind in KINDS for name in PARAMETERS)]]
    for purpose, images in (("validation", validation), ("test", test)):
        estimates, truths = predicted(trained, images)
        for exam, truth, estimate in zip(images.exams, truths, estimates, strict=True):
            lines.append([purpose, str(exam.seed), *_words(truth), *_words(estimate)])
    text = "".join(",".join(line) + "\n" for line in lines)
    write_whole(folder / PREDICTIONS_FILE, text.encode())


KINDS = ("true", "predicted")


def read_predictions(path: Path) -> list[dict[str, str | float]]:
    """Rows of a file of predictions: purpose, seed, and parameters in mm and degrees."""
    with path.open(encoding="utf-8", newline="") as file:
        return [
            {name: value if name == "purpose" else float(value) for name, value in row.items()}
            for row in csv.DictReader(file)
        ]


def _of(exams: Sequence[PaperExam], patients: Sequence[int]) -> list[PaperExam]:
    wanted = set(patients)
    return [each for each in exams if each.seed // EXAMS_OF_A_PATIENT in wanted]


def _words(values: FloatArray) -> list[str]:
    return [f"{value:.4f}" for value in values]
