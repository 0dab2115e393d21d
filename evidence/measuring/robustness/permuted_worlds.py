"""What the flag says of worlds that are wrong although the header is kept.

``python -m evidence run permuted_worlds -- [--cohorts FOLDER] [--data FOLDER]`` reverses,
exchanges, cuts, doubles and stretches `clinical` exams and the real studies (`worlds`), and stores
``permuted_worlds.json``: how many are accepted with the limits that were made for such worlds and
without them, where the header is DICOM's and right, and how many as a bare NIfTI file, which is
written, found and read. The exams are none that a limit was set on. The heart of a
real study is where the network finds it in the study as it is. A study is measured once: a run that
was stopped goes on.
"""

from __future__ import annotations

import argparse
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from evidence.measuring.robustness.calibration_exams import exam_at, seeds_of
from evidence.measuring.robustness.world_sources import (
    REAL,
    Source,
    exam_source,
    real_paths,
    real_source,
)
from evidence.measuring.robustness.worlds import STRETCHED, WORLDS, World, factor_of
from evidence.recording.options import add_cohorts, add_real_data
from evidence.recording.record import store_result
from evidence.recording.resuming import measured_cases
from evidence.registry.table import RESULTS
from shortaxis.errors import HeartNotFoundError, ShortAxisError
from shortaxis.nifti.writing import write_nifti
from shortaxis.reorientation.judgement import LATER_MEASURES
from shortaxis.reorientation.network_estimate import measured_estimate
from shortaxis.reorientation.quality import Measure, judge
from shortaxis.reorientation.weights import DEFAULT_WEIGHTS, find_weights
from shortaxis.spect.volume import SpectVolume
from shortaxis.workflow.reorient.reorienting import reasons_of_the_source
from shortaxis.workflow.studies.finding import find_studies

NAME = "permuted_worlds"

NOT_FOUND, REVIEWED, STOPPED, ACCEPTED = "no heart", "reviewed before", "stopped now", "accepted"
"""Outcomes; `STOPPED` are those that only the later limits send to review."""

DICOM_OUTCOMES = (ACCEPTED, STOPPED, REVIEWED, NOT_FOUND)

FLAGGED, REFUSED = "reviewed", "refused"
"""A NIfTI file is reoriented and flagged, or is not reoriented."""

NIFTI_OUTCOMES = (ACCEPTED, FLAGGED, REFUSED)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    add_real_data(parser)
    add_cohorts(parser)
    arguments = parser.parse_args()
    (cohort,) = RESULTS[NAME].cohorts
    folder = arguments.cohorts / f"permuted-{cohort.first_seed}"
    exams = {
        f"exam {seed}": partial(outcomes_of_exam, folder, cohort.preset, seed)
        for seed in seeds_of(cohort)
    }
    real = {
        f"real study {number}": partial(outcomes_of_study, path)
        for number, path in enumerate(real_paths(arguments.data), start=1)
    }
    found = measured_cases(NAME, arguments.cohorts, {**exams, **real})
    values = {
        "count": cohort.count,
        "exams": counted([found[case] for case in exams]),
        "real": counted([found[case] for case in real]),
    }
    store_result(NAME, values, cohort.first_seed)


Outcomes = Mapping[str, Sequence[str]]
"""Of every world, in their order, by how the study is stored; empty where it is not tried."""


def outcomes_of_exam(folder: Path, preset: str, seed: int) -> Outcomes:
    """What comes of an exam in every world."""
    return outcomes(exam_source(exam_at(folder, preset, seed)))


def outcomes_of_study(path: Path) -> Outcomes:
    """The same of a real study; every wrong voxel size is tried."""
    return outcomes(real_source(path))


def outcomes(source: Source) -> Outcomes:
    """Outcome of every world of a source, as DICOM and as NIfTI."""
    pairs = [
        outcomes_in(source, world) if is_tried(source, world) else ("", "") for world in WORLDS
    ]
    dicom, nifti = zip(*pairs, strict=True)
    return {"dicom": dicom, "nifti": nifti}


def is_tried(source: Source, world: World) -> bool:
    """One wrong voxel size for each direction of an exam, and each for a real study."""
    is_in_turn = factor_of(source.number) == world.factor
    return source.number == REAL or world.group != STRETCHED or is_in_turn


def outcomes_in(source: Source, world: World) -> tuple[str, str]:
    """What comes of a source in a world where directions are certain, and as a bare NIfTI."""
    volume = world.change(source.volume, source.pose)
    try:
        estimate, measures = measured_estimate(volume)
    except HeartNotFoundError:
        return NOT_FOUND, REFUSED
    reasons = estimate.quality.reasons
    return outcome(measures, reasons), outcome_as_nifti(volume, reasons)


def outcome(measures: Mapping[Measure, float], reasons: Sequence[str]) -> str:
    """What the flag makes of a pose: whether it is raised, and by which limits."""
    limits = find_weights(DEFAULT_WEIGHTS).judgement.limits
    before = [limit for limit in limits if limit.measure not in LATER_MEASURES]
    if judge(measures, before, many_near=None).reasons:
        return REVIEWED
    return STOPPED if reasons else ACCEPTED


def outcome_as_nifti(volume: SpectVolume, reasons: Sequence[str]) -> str:
    """The same where the volume comes from a file that says nothing but its affine.

    The file is written, found and read; its voxels are those of the volume, so that the pose is
    not sought again and gives the same `reasons`.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "volume.nii"
        write_nifti(path, volume.counts, volume.patient_from_index)
        try:
            study = find_studies(path).studies[0].load().study
        except ShortAxisError:
            return REFUSED
    return FLAGGED if [*reasons, *reasons_of_the_source(study)] else ACCEPTED


def counted(rows: Sequence[Outcomes]) -> list[dict[str, Any]]:
    """How often each outcome came of each world."""
    return list(_counted(rows))


def _counted(rows: Sequence[Outcomes]) -> Iterator[dict[str, Any]]:
    for number, world in enumerate(WORLDS):
        dicom, nifti = (
            Counter(row[form][number] for row in rows if row[form][number])
            for form in ("dicom", "nifti")
        )
        named = {name: dicom[name] for name in DICOM_OUTCOMES}
        files = {"tried": nifti.total(), **{name: nifti[name] for name in NIFTI_OUTCOMES}}
        yield {
            "group": world.group,
            "world": world.name,
            "tried": dicom.total(),
            **named,
            "nifti": files,
        }


if __name__ == "__main__":
    main()
