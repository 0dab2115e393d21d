"""Poses of a whole cohort by one method, in one process or several."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path

from shortaxis.errors import HeartNotFoundError, OptionError, ShortAxisError
from shortaxis.evaluation.cohorts.cohort import Cohort, Progress, read_exam_volume
from shortaxis.evaluation.scores.exam_estimate import Absence, ExamEstimate
from shortaxis.reorientation.methods import estimate_pose, require_method
from shortaxis.workflow.batch.workforce import workforce

__all__ = ["check_methods", "estimate_cohort", "estimate_exam"]


def check_methods(methods: Sequence[str]) -> None:
    """Refuse methods that do not exist, before any work is done.

    Raises
    ------
    OptionError
        Naming the methods that exist.
    """
    for method in methods:
        require_method(method)
    if len(set(methods)) != len(methods):
        raise OptionError(
            "a method is named twice", expected="each method once", found=", ".join(methods)
        )


def estimate_exam(method: str, exam: tuple[int, Path]) -> ExamEstimate:
    """Estimate the pose of one exam, given as its seed and path; any other error names the exam."""
    seed, path = exam
    try:
        return ExamEstimate(seed, estimate_pose(read_exam_volume(path), method))
    except HeartNotFoundError:
        return ExamEstimate(seed, absence=Absence.NOT_FOUND)
    except ShortAxisError as error:
        raise error.at_path(path) from error


def estimate_cohort(
    cohort: Cohort,
    method: str,
    *,
    workers: int = 1,
    scheduler: str | None = None,
    progress: Progress | None = None,
) -> tuple[ExamEstimate, ...]:
    """Estimate all poses of a cohort; by seed, the same whatever the number of workers.

    With `scheduler`, the address of a Dask cluster, its workers do it.

    Raises
    ------
    OptionError
        For fewer workers than one.
    WorkerError
        If an exam killed two workers.
    UnreadableFileError
        If an exam is damaged.
    """
    if workers < 1:
        raise OptionError("no workers", expected="1 or more", found=str(workers))
    exams = [(seed, cohort.path_of(seed).resolve()) for seed in cohort.request.seeds]
    estimate = partial(estimate_exam, method)
    report = progress or (lambda done, total: None)
    report(0, len(exams))
    made = []
    with closing(_done(estimate, exams, workers, scheduler)) as done:
        for each in done:
            made.append(each)
            report(len(made), len(exams))
    return tuple(sorted(made, key=lambda each: each.exam_seed))


def _done(
    estimate: Callable[[tuple[int, Path]], ExamEstimate],
    exams: Sequence[tuple[int, Path]],
    workers: int,
    scheduler: str | None,
) -> Generator[ExamEstimate, None, None]:
    if scheduler is None and workers == 1:
        yield from map(estimate, exams)
        return
    with workforce(scheduler, workers) as crew:
        yield from crew.each(estimate, exams)
