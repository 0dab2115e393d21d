"""Healthy exams of a cohort for normal limits: simulated ones, and real ones that were reviewed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from shortaxis.errors import HeartNotFoundError, OptionError
from shortaxis.evaluation.cohorts.cohort import Cohort, read_exam_volume
from shortaxis.evaluation.cohorts.reviewed_exams import REVIEWED, read_reviewed_exam
from shortaxis.quantification.normal_group import FACT_VALUES, NormalGroup
from shortaxis.simulation.acquisition import Technique, Tracer
from shortaxis.simulation.exam_files import read_exam_facts
from shortaxis.simulation.scenario import ExamScenario
from shortaxis.spect.camera_kinds import MULTI_PINHOLE, PARALLEL_HOLES, PET
from shortaxis.spect.nuclides import nuclide_named_in
from shortaxis.spect.study import PerfusionStudy
from shortaxis.workflow.normals.healthy_exams import (
    GROUPED_BY,
    HealthyExam,
    require_known_facts,
)
from shortaxis.workflow.normals.low_likelihood_list import ListedExam
from shortaxis.workflow.normals.normal_sets import BuiltNormals, SetDescription, build_normal_set
from shortaxis.workflow.normals.patients import map_without_doubt
from shortaxis.workflow.quantify.quantifying import QuantifyOptions, quantify_study

__all__ = ["build_normals", "exam_group"]

MAX_MOVED_MM = 8.0
"""Patients who moved more have no normal uptake to learn from."""

CAMERA_KINDS = {
    Technique.PARALLEL_HOLES: PARALLEL_HOLES,
    Technique.MULTI_PINHOLE: MULTI_PINHOLE,
    Technique.PET: PET,
}

Progress = Callable[[int, int], None]


def build_normals(
    cohort: Cohort,
    name: str,
    grouped_by: Sequence[str] = GROUPED_BY,
    progress: Progress = lambda done, total: None,
    options: QuantifyOptions | None = None,
    listed: Sequence[ListedExam] | None = None,
) -> BuiltNormals:
    """Limits of every group of healthy exams that is large enough.

    Of simulated exams those are healthy that have no defect or aneurysm, and whose patient moved by
    8 mm at most; of reviewed ones those that are `listed`. Exams whose pose or wall gives a reason
    to review are left out: in use they would not be read unreviewed. Reviewed exams keep the pose
    that was signed.

    Raises
    ------
    OptionError
        If the cohort has too few healthy exams, or the names are not known.
    """
    require_known_facts(grouped_by)
    asked = options or QuantifyOptions(normals=None)
    if cohort.request.preset == REVIEWED:
        exams = list(_reviewed_exams(cohort, asked, listed or (), progress))
        source = f"{len(exams)} reviewed exams, real"
    else:
        exams = list(_healthy_exams(cohort, asked, progress))
        request = cohort.request
        last = request.first_seed + request.count - 1
        source = f"exams {request.first_seed} to {last} of the preset {request.preset}, simulated"
    return build_normal_set(SetDescription(name, source, asked.wall), exams, grouped_by)


def _healthy_exams(
    cohort: Cohort, options: QuantifyOptions, progress: Progress
) -> Iterable[HealthyExam]:
    seeds = list(cohort.request.seeds)
    for done, seed in enumerate(seeds, start=1):
        scenario, _, strata = read_exam_facts(cohort.path_of(seed))
        if _is_healthy(scenario) and float(strata["moved_mm"]) <= MAX_MOVED_MM:
            study = PerfusionStudy(read_exam_volume(cohort.path_of(seed)))
            try:
                polar_map, _ = map_without_doubt(study, options)
            except HeartNotFoundError:
                polar_map = None
            if polar_map is not None:
                yield HealthyExam(f"exam {seed}", exam_group(scenario), polar_map)
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
        sex="F" if scenario.phantom.torso.is_of_woman else "M",
        camera=CAMERA_KINDS[Technique[scenario.acquisition.technique]],
    )


def _reviewed_exams(
    cohort: Cohort, options: QuantifyOptions, listed: Sequence[ListedExam], progress: Progress
) -> Iterable[HealthyExam]:
    """The listed ones, along the axes that a reviewer signed."""
    paths = {cohort.path_of(seed).resolve(): seed for seed in cohort.request.seeds}
    for done, row in enumerate(listed, start=1):
        if row.path not in paths:
            raise OptionError(
                f"row {row.row}, column file: is no exam of the cohort",
                path=cohort.folder,
                expected="a file in its folder exams",
                found="another one",
            )
        exam = read_reviewed_exam(row.path)
        quantified = quantify_study(PerfusionStudy(exam.volume), options, exam.pose)
        said = {fact: str(exam.strata.get(fact, "")) for fact in FACT_VALUES}
        # A camera is stored by its name, a condition that nobody said as unknown.
        known = {fact: word for fact, word in said.items() if word in FACT_VALUES[fact]}
        group = NormalGroup(**known).with_facts(row.stated)
        yield HealthyExam(row.label, group, quantified.traced.polar_map, row.age)
        progress(done, len(listed))
