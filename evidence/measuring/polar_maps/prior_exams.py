"""Two stress exams of one simulated patient: the same heart, or one that has a defect more.

Exam 2n of a preset is the stress exam of a patient and 2n + 1 the one at rest, on the same camera.
The second stress exam takes the heart and the torso of the first, and of the one at rest what is of
the day: how the patient lies, counts, motion, field of view and noise.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from evidence.measuring.polar_maps.numbers import LOST, area_of, part, territory_of
from shortaxis.evaluation.normals_building import exam_group
from shortaxis.evaluation.walls.true_wall import true_wall
from shortaxis.phantom.defects import PerfusionDefect
from shortaxis.phantom.heart import Heart
from shortaxis.simulation.acquisition import Technique, Tracer
from shortaxis.simulation.pathologies import sample_pathology
from shortaxis.simulation.presets import sample_scenario
from shortaxis.simulation.priors import CLINICAL
from shortaxis.simulation.scenario import ExamScenario
from shortaxis.simulation.simulating import simulate
from shortaxis.simulation.truth import lost_uptake, truth_of
from shortaxis.spect.study import AcquisitionFacts, Modality, PerfusionStudy, StudyCondition
from shortaxis.workflow.study_report.exams.report_exam import ReportExam

__all__ = ["AddedDefect", "imaged_again", "on_camera_of", "report_exam", "with_defect"]

DEFECTS = 20
"""Second part of the seeds that added defects are drawn from; the simulator's own are below 10."""

LEAST_PART = 0.02
"""Of the wall that an added defect takes a fifth of the uptake from: fewer places are no defect."""


@dataclass(frozen=True)
class AddedDefect:
    """What is true of a defect that the second exam has and the first has not.

    `depth` is the largest part of the uptake that it takes at a place, `extent` the part of the
    wall that loses a fifth or more to it, `loss` what the whole wall loses, its depth times its
    extent; `territory` is the artery with two thirds of it.
    """

    depth: float
    extent: float
    loss: float
    territory: str


def imaged_again(first: ExamScenario) -> ExamScenario:
    """The same heart on another day, on the same camera."""
    day = sample_scenario(first.preset, first.exam_seed + 1)
    lying = replace(first.phantom, pose=day.phantom.pose, body_center_mm=day.phantom.body_center_mm)
    return replace(day, condition=first.condition, phantom=lying)


def on_camera_of(other: ExamScenario, again: ExamScenario) -> ExamScenario:
    """A heart that is imaged as another patient is: camera, tracer and reconstruction."""
    moved_mm = again.phantom.pose.center_mm - other.phantom.pose.center_mm
    x, y, z = (np.array(other.field_of_view.center_mm) + moved_mm).tolist()
    return replace(
        again,
        acquisition=other.acquisition,
        reconstruction=other.reconstruction,
        field_of_view=replace(other.field_of_view, center_mm=(x, y, z)),
    )


def with_defect(again: ExamScenario) -> tuple[ExamScenario, AddedDefect]:
    """An exam with a defect more, of one artery, drawn as the simulator draws defects.

    It is drawn anew while it takes nothing that was left: the heart may have lost it before.
    """
    rng = np.random.default_rng([again.number, DEFECTS, again.exam_seed])
    heart = again.phantom.heart
    wall = true_wall(truth_of(heart))
    area, before = area_of(wall), lost_uptake(heart).astype(np.float64)
    while True:
        drawn = sample_pathology(rng, CLINICAL)
        if drawn.aneurysm or not drawn.defects:
            continue
        later = with_defects(heart, drawn.defects)
        added = np.clip(lost_uptake(later).astype(np.float64) - before, 0, 1) * wall.is_wall
        defect = AddedDefect(
            depth=round(float(added.max()), 3),
            extent=round(part(added >= LOST, area), 3),
            loss=round(float(np.average(added, weights=area)), 3),
            territory=territory_of(wall, added, area),
        )
        if defect.extent >= LEAST_PART and defect.territory:
            return replace(again, phantom=replace(again.phantom, heart=later)), defect


def with_defects(heart: Heart, added: Iterable[PerfusionDefect]) -> Heart:
    """The same heart with more defects."""
    return replace(heart, defects=(*heart.defects, *added))


def report_exam(scenario: ExamScenario) -> ReportExam:
    """The exam that a camera stores, with what its header would say."""
    group, acquisition = exam_group(scenario), scenario.acquisition
    is_pet = Technique[acquisition.technique] is Technique.PET
    facts = AcquisitionFacts(
        modality=Modality.PET if is_pet else Modality.NM,
        condition=StudyCondition(scenario.condition),
        tracer=Tracer[acquisition.tracer].label,
        nuclide=group.tracer,
        camera=acquisition.camera,
        camera_kind=group.camera,
        patient_sex=group.sex,
        attenuation_corrected=scenario.reconstruction.attenuation_corrected,
    )
    study = PerfusionStudy(simulate(scenario).volume, facts=facts)
    return ReportExam(facts.condition, study)
