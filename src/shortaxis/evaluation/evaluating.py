"""The use case: a cohort on disk, methods and given poses in, an evaluation out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from shortaxis.errors import OptionError
from shortaxis.evaluation.cohorts.benchmarks import check_cohort
from shortaxis.evaluation.cohorts.cohort import Cohort, CohortTruth, Progress, read_truth
from shortaxis.evaluation.poses.estimating import check_methods, estimate_cohort
from shortaxis.evaluation.poses.foreign_poses import files_of_no_exam, read_foreign_poses
from shortaxis.evaluation.scores.cohort_evaluation import CohortEvaluation
from shortaxis.evaluation.scores.exam_estimate import ExamEstimate
from shortaxis.evaluation.scores.method_evaluation import MethodEvaluation, evaluate_method
from shortaxis.reorientation.methods import METHODS

__all__ = ["EvaluationRequest", "evaluate_cohort"]

ProgressOf = Callable[[str], AbstractContextManager[Progress]]
"""Opens a progress bar with a title."""

FILE_NAME = re.compile(r"[A-Za-z0-9][\w.+-]{0,39}", re.ASCII)


@dataclass(frozen=True)
class EvaluationRequest:
    """What is to be evaluated.

    Parameters
    ----------
    methods : tuple of str
        Estimators by name.
    poses : Path or None
        Folder of given poses.
    poses_name : str
        What the given poses are called, in tables and file names.
    workers : int
        Processes that estimate.
    scheduler : str or None
        Address of a Dask cluster that estimates instead.
    name : str
        What the cohort is called; empty for the name of its folder.
    command : str
        What was typed.

    Raises
    ------
    OptionError
        If a method does not exist, or there is nothing to evaluate, or a name cannot be one.
    """

    methods: tuple[str, ...] = field(default_factory=lambda: tuple(METHODS))
    poses: Path | None = None
    poses_name: str = "poses"
    workers: int = 1
    scheduler: str | None = None
    name: str = ""
    command: str = ""

    def __post_init__(self) -> None:
        check_methods(self.methods)
        if self.workers < 1:
            raise OptionError("no workers", expected="1 or more", found=str(self.workers))
        if not self.methods and self.poses is None:
            raise OptionError("nothing to evaluate", expected="a method or poses", found="neither")
        if not FILE_NAME.fullmatch(self.poses_name) or self.poses_name in METHODS:
            raise OptionError(
                "the poses cannot be called that",
                expected="up to 40 letters, digits and . _ + -, not the name of a method here",
                found=self.poses_name,
            )


def evaluate_cohort(
    cohort: Cohort, request: EvaluationRequest, progress_of: ProgressOf | None = None
) -> CohortEvaluation:
    """Evaluate methods and given poses on all exams of a cohort.

    Raises
    ------
    InputNotFoundError
        If exams are missing, or no pose was given for any of them.
    PoseFileError
        If a given pose is not valid.
    UnreadableFileError
        If an exam is damaged.
    """
    progress_of = progress_of or _no_progress
    with progress_of("Reading exams") as update:
        truth = read_truth(cohort, update)
    given = None if request.poses is None else _of_poses(request.poses, request, truth)
    methods = [_by_method(cohort, truth, request, name, progress_of) for name in request.methods]
    if given is not None:
        methods.append(given)
    return CohortEvaluation(
        name=request.name or cohort.folder.resolve().name,
        request=cohort.request,
        cohort_version=cohort.software_version,
        check=check_cohort(cohort, truth),
        methods=tuple(methods),
        command=request.command,
    )


def _of_poses(folder: Path, request: EvaluationRequest, truth: CohortTruth) -> MethodEvaluation:
    given = read_foreign_poses(folder, truth.exams)
    evaluation = evaluate_method(request.poses_name, truth.exams, given)
    return replace(evaluation, files_of_no_exam=files_of_no_exam(folder, truth.exams))


def _by_method(
    cohort: Cohort,
    truth: CohortTruth,
    request: EvaluationRequest,
    method: str,
    progress_of: ProgressOf,
) -> MethodEvaluation:
    with progress_of(f"Estimating by {method}") as update:
        estimates: Sequence[ExamEstimate] = estimate_cohort(
            cohort,
            method,
            workers=request.workers,
            scheduler=request.scheduler,
            progress=update,
        )
    return evaluate_method(method, truth.exams, estimates)


@contextmanager
def _no_progress(title: str) -> Iterator[Progress]:
    yield lambda done, total: None
