"""Simulate the bundled exams: ``python demo/simulate_demo_study.py`` writes ``demo/*.dcm``.

A stress exam of the preset ``clinical`` of nobody, ``study.dcm``, and the same patient at rest,
``rest.dcm``; beside each the true pose and the scenario. The stress exam is the
first one of its range that a reader would want to see: with Tc-99m, by a camera with
parallel holes and OSEM, with one defect of a tenth to a quarter of the wall, nothing that makes it
special, and a pose that the ellipsoid sees no reason to review. So it tells nothing about how
good the ellipsoid is; `shortaxis evaluate` does.
"""

from __future__ import annotations

import itertools
import shutil
import sys
import tempfile
from pathlib import Path

from shortaxis.reorientation.ellipsoid import estimate_pose_by_ellipsoid
from shortaxis.simulation.exam import SimulatedExam
from shortaxis.simulation.exam_files import CohortFormat, write_exam
from shortaxis.simulation.presets import sample_scenario
from shortaxis.simulation.scenario import ExamScenario
from shortaxis.simulation.simulating import simulate
from shortaxis.simulation.strata import strata_of

__all__ = ["FILES", "FIRST_SEED", "REST_FILES", "find_demo", "write_demo"]

FIRST_SEED = 9_600_000
"""Outside every range that anything is trained, chosen or tested on."""

FILES = ("study.dcm", "pose.json", "scenario.json")
"""Of the stress exam, as cohorts name them too."""

REST_FILES = ("rest.dcm", "rest_pose.json", "rest_scenario.json")
"""The same of the exam at rest, in the same order."""

HERE = Path(__file__).resolve().parent


def find_demo() -> SimulatedExam:
    """Simulate the first exam that fits."""
    for seed in itertools.count(FIRST_SEED):
        scenario = sample_scenario("clinical", seed, version=1)
        if _fits(scenario):
            exam = simulate(scenario)
            if not estimate_pose_by_ellipsoid(exam.volume).quality.reasons:
                return exam
    raise AssertionError("seeds do not end")


def write_demo(folder: Path) -> SimulatedExam:
    """Write both studies, their true poses and their scenarios; returns the stress exam."""
    stress = find_demo()
    rest = simulate(sample_scenario("clinical", stress.scenario.exam_seed + 1, version=1))
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as cohort:
        for exam, names in ((stress, FILES), (rest, REST_FILES)):
            written = write_exam(exam, Path(cohort), CohortFormat.DICOM)
            for name, target in zip(FILES, names, strict=True):
                shutil.copyfile(written / name, folder / target)
    return stress


def _fits(scenario: ExamScenario) -> bool:
    acquisition = scenario.acquisition
    usual = (
        scenario.condition == "stress"
        and acquisition.technique == "PARALLEL_HOLES"
        and acquisition.tracer.startswith("TC99M")
        and acquisition.motion.shift_mm == 0
        and scenario.reconstruction.method == "osem"
        and scenario.field_of_view.negative_spacing
        and not scenario.reconstruction.attenuation_corrected
        and _has_one_defect(scenario)
    )
    if not usual:
        return False
    strata = strata_of(scenario, scenario.phantom.pose)
    special = ("hot_organ", "small_heart", "low_counts", "extreme_pose", "truncated")
    return 0.1 <= float(strata["defect_part"]) <= 0.25 and not any(strata[name] for name in special)


def _has_one_defect(scenario: ExamScenario) -> bool:
    """Whether one artery is ill: its segments share a severity. No scar, no aneurysm."""
    heart = scenario.phantom.heart
    is_scarred = any(defect.thinning > 0 for defect in heart.defects)
    severities = {defect.severity for defect in heart.defects}
    return heart.left_ventricle.aneurysm is None and not is_scarred and len(severities) == 1


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE
    scenario = write_demo(target).scenario
    paths = ", ".join(str(target / name) for name in FILES + REST_FILES)
    print(f"clinical exams {scenario.exam_seed} and {scenario.exam_seed + 1}: {paths}")
