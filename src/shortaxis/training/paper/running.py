"""Train every method of an experiment on every fold, and keep what it predicts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import astuple, dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from torch.utils.data import Subset

from shortaxis.errors import HeartNotFoundError
from shortaxis.files.whole_files import write_whole
from shortaxis.geometry.arrays import FloatArray
from shortaxis.geometry.euler import parameters_from_pose
from shortaxis.geometry.pose import RigidPose
from shortaxis.reorientation.methods import estimate_pose
from shortaxis.simulation.exam_files import StoredExam
from shortaxis.spect.volume import SpectVolume
from shortaxis.training.checks import require_choice
from shortaxis.training.exams import SeedRange
from shortaxis.training.loop import trained_alone
from shortaxis.training.paper.cascade import cascade_stages, train_cascade
from shortaxis.training.paper.experiment import (
    AS_INSTALLED,
    EXAMS_OF_A_PATIENT,
    PARAMETERS,
    PREDICTIONS_FILE,
    PaperExperiment,
    fold_folder,
)
from shortaxis.training.paper.images import PaperImage
from shortaxis.training.paper.methods import METHODS, Kind
from shortaxis.training.paper.prepared import PreparedImages, prepare_images
from shortaxis.training.paper.protocol import Fold
from shortaxis.training.paper.run import predicted, train_paper_network

__all__ = ["PREPARED_FOLDER", "run_experiment"]

PREPARED_FOLDER = "images"
"""Of the prepared images; may be deleted when all is trained."""

KINDS = ("true", "predicted")

Told = Callable[[int, int], None]


def run_experiment(  # noqa: PLR0913 - all of one place
    experiment: PaperExperiment,
    folder: Path,
    *,
    methods: Sequence[str] | None = None,
    folds: Sequence[int] | None = None,
    workers: int = 0,
    progress: Told = lambda done, total: None,
    making: Told = lambda done, total: None,
) -> list[Path]:
    """Train what is chosen and keep what it predicts; what is there already stays.

    Parameters
    ----------
    experiment : PaperExperiment
        What to do.
    folder : Path
        Gets ``METHOD/fold-N``, or ``METHOD/as-installed``, with checkpoints, logs and
        ``predictions.csv``.
    methods : sequence of str, optional
        Only these of the experiment's.
    folds : sequence of int, optional
        Only these, from 1.
    workers : int
        Processes that read images, and threads that make them.
    progress : callable, optional
        Told how many of all trainings are done.
    making : callable, optional
        Told of how many of all exams the images are made.

    Returns
    -------
    list of Path
        The files of predictions, in order.

    Raises
    ------
    OptionError
        If a method or fold is not one of the experiment's, or exams are missing.
    OutputError
        If another process trains the same method on the same fold in the same folder.
    """
    jobs = list(_jobs(experiment, methods, folds))
    work = _Work(experiment, folder, workers, making)
    files = []
    for done, (method, fold) in enumerate(jobs, start=1):
        own = folder / method / (fold_folder(fold) if fold else AS_INSTALLED)
        files.append(own / PREDICTIONS_FILE)
        if not files[-1].exists():
            own.mkdir(parents=True, exist_ok=True)
            with trained_alone(own):
                _write(files[-1], work.predictions(method, fold, own))
        progress(done, len(jobs))
    return files


def _jobs(
    experiment: PaperExperiment, methods: Sequence[str] | None, folds: Sequence[int] | None
) -> Iterator[tuple[str, Fold | None]]:
    """Methods and the folds that they are trained on; None for what is installed."""
    turns = {fold.number: fold for fold in experiment.turns()}
    for name in methods or ():
        require_choice("method of the experiment", name, experiment.methods)
    for number in folds or ():
        require_choice("fold", str(number), [str(each) for each in turns])
    for method in experiment.methods:
        if methods and method not in methods:
            continue
        if METHODS[method].kind is Kind.INSTALLED:
            yield method, None
        else:
            yield from ((method, turns[each]) for each in turns if not folds or each in folds)


@dataclass(frozen=True, eq=False)
class _Predictions:
    """Of the exams of one purpose: seeds, and parameters ``(exam, 6)``, mm and degrees."""

    purpose: str
    seeds: Sequence[int]
    truths: FloatArray
    estimates: FloatArray


class _Work:
    """What the methods of an experiment share: exams and images, read when they are needed."""

    def __init__(
        self, experiment: PaperExperiment, folder: Path, workers: int, making: Told
    ) -> None:
        self.experiment = experiment
        self.folder = folder
        self.workers = workers
        self.making = making

    def predictions(self, method: str, fold: Fold | None, own: Path) -> list[_Predictions]:
        """Train a method on a fold, if it is one that is trained, and predict with it."""
        if fold is None:
            return self._installed(METHODS[method].name)
        if METHODS[method].kind is Kind.CASCADE:
            return self._cascade(fold, own)
        return self._network(method, fold, own)

    def _network(self, method: str, fold: Fold, own: Path) -> list[_Predictions]:
        images, watched = self._images, _seeds(fold.validation)
        validation = images.own_of_exams(watched)
        trained = train_paper_network(
            self.experiment.run_of(method),
            images.of_exams(_seeds(fold.training)),
            validation,
            own,
            workers=self.workers,
        )
        tested = self._test_images
        sets: tuple[tuple[str, Sequence[int], Subset[PaperImage]], ...] = (
            ("validation", watched, validation),
            ("test", tested.seeds, tested.own_of_exams(tested.seeds)),
        )
        found = []
        for purpose, seeds, own_images in sets:
            estimates, truths = predicted(trained, own_images)
            found.append(_Predictions(purpose, seeds, truths, estimates))
        return found

    def _cascade(self, fold: Fold, own: Path) -> list[_Predictions]:
        samples = self.experiment.samples_of(fold.training)
        stages = cascade_stages(samples, self.experiment.precision, self.experiment.seed)
        training, validation = (
            _read(self.experiment.learning, _seeds(patients))
            for patients in (fold.training, fold.validation)
        )
        cascade = train_cascade(stages, training, validation, own, workers=self.workers)

        def found(volume: SpectVolume) -> RigidPose:
            return cascade.find(volume).pose

        test = _read(self.experiment.test, self.experiment.test.seeds)
        return [_posed("validation", validation, found), _posed("test", test, found)]

    def _installed(self, name: str) -> list[_Predictions]:
        def found(volume: SpectVolume) -> RigidPose:
            return estimate_pose(volume, name).pose

        return [
            _posed(purpose, list(exams.exams()), found)
            for purpose, exams in (
                ("validation", self.experiment.learning),
                ("test", self.experiment.test),
            )
        ]

    @cached_property
    def _images(self) -> PreparedImages:
        return self._prepared(self.experiment.learning, "learning", self.experiment.draws)

    @cached_property
    def _test_images(self) -> PreparedImages:
        return self._prepared(self.experiment.test, "test", 0)

    def _prepared(self, exams: SeedRange, name: str, draws: int) -> PreparedImages:
        where = self.folder / PREPARED_FOLDER / name
        grid, seed = self.experiment.view_grid, self.experiment.seed
        return prepare_images(
            exams,
            grid,
            draws,
            seed,
            where,
            workers=self.workers,
            # A GPU asks for images faster than a file gives them.
            in_memory=torch.cuda.is_available(),
            progress=self.making,
        )


def _seeds(patients: Sequence[int]) -> list[int]:
    """Seeds of the exams of patients, in their order."""
    return [
        patient * EXAMS_OF_A_PATIENT + number
        for patient in sorted(patients)
        for number in range(EXAMS_OF_A_PATIENT)
    ]


def _read(exams: SeedRange, seeds: Sequence[int]) -> list[StoredExam]:
    wanted = set(seeds)
    return [
        exams.exam(seed, path)
        for seed, path in zip(exams.seeds, exams.paths, strict=True)
        if seed in wanted
    ]


def _posed(
    purpose: str, exams: Sequence[StoredExam], found: Callable[[SpectVolume], RigidPose]
) -> _Predictions:
    """Parameters of the poses that a method finds; nan where it finds no heart."""
    truths, estimates = [], []
    for exam in exams:
        center = exam.volume.center_mm
        truths.append(astuple(parameters_from_pose(exam.pose, center)))
        try:
            estimate = astuple(parameters_from_pose(found(exam.volume), center))
        except HeartNotFoundError:
            estimate = (np.nan,) * len(PARAMETERS)
        estimates.append(estimate)
    seeds = [exam.scenario.exam_seed for exam in exams]
    return _Predictions(purpose, seeds, np.array(truths), np.array(estimates))


def _write(path: Path, found: Sequence[_Predictions]) -> None:
    lines = [["purpose", "seed", *(f"{kind}_{name}" for kind in KINDS for name in PARAMETERS)]]
    for each in found:
        for seed, truth, estimate in zip(each.seeds, each.truths, each.estimates, strict=True):
            values = [f"{value:.4f}" for value in (*truth, *estimate)]
            lines.append([each.purpose, str(seed), *values])
    write_whole(path, "".join(",".join(line) + "\n" for line in lines))
