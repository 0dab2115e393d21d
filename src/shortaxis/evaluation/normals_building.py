"""Normal limits from the healthy hearts of a cohort, with poses found as they will be in use."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence

from shortaxis.errors import HeartNotFoundError, OptionError
from shortaxis.evaluation.cohorts.cohort import Cohort, read_exam_volume
from shortaxis.quantification.normal_limits import (
    MIN_EXAMS,
    NormalGroup,
    NormalLimits,
    NormalSet,
    limits_of,
)
from shortaxis.quantification.polar_map import PolarMap
from shortaxis.simulation.acquisition import Tracer
from shortaxis.simulation.exam_files import read_exam_facts
from shortaxis.simulation.scenario import ExamScenario
from shortaxis.spect.nuclides import nuclide_named_in
from shortaxis.spect.study import PerfusionStudy
from shortaxis.workflow.quantify.quantifying import QuantifyOptions, quantify_study

__all__ = ["GROUPED_BY", "build_normals", "exam_group"]

GROUPED_BY = ("correction", "tracer", "sex", "condition")
"""What exams of a cohort can be grouped by: fields of `NormalGroup`."""

MAX_MOVED_MM = 8.0
"""Patients who moved more have no normal uptake to learn from."""

Progress = Callable[[int, int], None]


def build_normals(
    cohort: Cohort,
    name: str,
    grouped_by: Sequence[str] = GROUPED_BY,
    progress: Progress = lambda done, total: None,
) -> NormalSet:
    """Limits of every group of healthy exams that is large enough.

    Healthy are exams without a defect or aneurysm whose patient moved by 8 mm at most. Exams whose
    pose or wall gives a reason to review are left out: in use they would not be read unreviewed.
    There is one group for all of them, and one for every value of each combination of
    `grouped_by` that has at least `MIN_EXAMS`.

    Raises
    ------
    OptionError
        If the cohort has too few healthy exams, or the names are not known.
    """
    unknown = [each for each in grouped_by if each not in GROUPED_BY]
    if unknown:
        raise OptionError(
            "unknown fact to tell exams apart by",
            expected=", ".join(GROUPED_BY),
            found=", ".join(unknown),
        )
    maps = list(_healthy_maps(cohort, progress))
    if len(maps) < MIN_EXAMS:
        raise OptionError(
            "too few healthy exams for normal limits",
            path=cohort.folder,
            expected=f"at least {MIN_EXAMS}",
            found=f"{len(maps)} of {cohort.request.count} exams",
        )
    request = cohort.request
    last = request.first_seed + request.count - 1
    source = f"exams {request.first_seed} to {last} of the preset {request.preset}, simulated"
    return NormalSet(name, source, tuple(_groups(name, maps, grouped_by)))


def _healthy_maps(cohort: Cohort, progress: Progress) -> Iterable[tuple[NormalGroup, PolarMap]]:
    seeds = list(cohort.request.seeds)
    for done, seed in enumerate(seeds, start=1):
        scenario, _, strata = read_exam_facts(cohort.path_of(seed))
        if _is_healthy(scenario) and float(strata["moved_mm"]) <= MAX_MOVED_MM:
            polar_map = _map_without_doubt(cohort, seed)
            if polar_map is not None:
                yield exam_group(scenario), polar_map
        progress(done, len(seeds))


def _is_healthy(scenario: ExamScenario) -> bool:
    heart = scenario.phantom.heart
    return not heart.defects and heart.left_ventricle.aneurysm is None


def exam_group(scenario: ExamScenario) -> NormalGroup:
    """Group of a simulated exam; women are those whose torso has breasts."""
    return NormalGroup(
        condition=scenario.condition,
        correction="AC" if scenario.reconstruction.attenuation_corrected else "none",
        tracer=nuclide_named_in(Tracer[scenario.acquisition.tracer].label),
        sex="F" if scenario.phantom.torso.has_breasts else "M",
    )


def _map_without_doubt(cohort: Cohort, seed: int) -> PolarMap | None:
    study = PerfusionStudy(read_exam_volume(cohort.path_of(seed)))
    try:
        quantified = quantify_study(study, QuantifyOptions(normals=None))
    except HeartNotFoundError:
        return None
    return None if quantified.estimate.quality.reasons else quantified.traced.polar_map


def _groups(
    name: str, maps: Sequence[tuple[NormalGroup, PolarMap]], grouped_by: Sequence[str]
) -> Iterable[NormalLimits]:
    for count in range(len(grouped_by) + 1):
        for fields in itertools.combinations(grouped_by, count):
            groups = {
                NormalGroup(**{field: getattr(group, field) for field in fields})
                for group, _ in maps
            }
            for wanted in sorted(groups, key=str):
                inside = [each for group, each in maps if wanted.holds(group)]
                if len(inside) >= MIN_EXAMS:
                    yield limits_of(name, wanted, inside)
