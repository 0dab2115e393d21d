"""An evaluation: one cohort, any number of methods."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from shortaxis.evaluation.cohorts.benchmarks import CohortCheck
from shortaxis.evaluation.cohorts.reviewed_exams import ReviewedRequest
from shortaxis.evaluation.scores.method_evaluation import MethodEvaluation
from shortaxis.simulation.cohort_request import CohortRequest
from shortaxis.spect.volume import SpectVolume

__all__ = ["CohortEvaluation", "VolumeOf"]

VolumeOf = Callable[[int], SpectVolume]
"""Counts of an exam by its seed."""


@dataclass(frozen=True, eq=False)
class CohortEvaluation:
    """Results of all methods on one cohort.

    Parameters
    ----------
    name : str
        Name of the benchmark, or of the cohort's folder.
    request : CohortRequest or ReviewedRequest
        Which exams the cohort has.
    cohort_version : str
        Version of the package that made it.
    check : CohortCheck
        Whether it is the published benchmark.
    methods : tuple of MethodEvaluation
        One for each method.
    command : str
        What was typed; empty where nothing was.
    """

    name: str
    request: CohortRequest | ReviewedRequest
    cohort_version: str
    check: CohortCheck
    methods: tuple[MethodEvaluation, ...]
    command: str = ""
