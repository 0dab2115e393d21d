"""Full circle: what the simulator counted is reconstructed here, and its heart is found."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import numpy as np
import pytest

pytest.importorskip("torch", reason="the simulation needs torch")

from shortaxis.dicom.reading.finding.scan import scan_dicom
from shortaxis.dicom.reading.projections import read_projections
from shortaxis.geometry.pose_errors import pose_errors
from shortaxis.reorientation.methods import estimate_pose
from shortaxis.simulation.exam import SimulatedExam
from shortaxis.simulation.exam_files import CohortFormat, write_exam
from shortaxis.simulation.simulating import simulate
from shortaxis.workflow.studies.reconstructing import Making, MotionHandling, study_of_projections
from simulation_scenes import small_scenario

UNMOVED = Making(motion=MotionHandling.IGNORE)


@cache
def exam(slots: int = 0) -> tuple[SimulatedExam, Path]:
    made = simulate(small_scenario(time_slots=slots, preset_version=2))
    path = write_exam(made, Path(mkdtemp()), CohortFormat.DICOM, with_projections=True)
    return made, path / "projections.dcm"


@pytest.mark.parametrize("slots", [0, 8])
def test_what_is_read_is_what_was_counted(slots: int) -> None:
    made, path = exam(slots)
    (entry,) = scan_dicom(path).entries

    raw = read_projections(entry)

    assert np.array_equal(raw.projections.counts, made.projections.counts)
    assert raw.projections.angles_deg == pytest.approx(made.projections.angles_deg, abs=0.01)
    assert raw.projections.radial_position_mm == pytest.approx(
        made.projections.radial_position_mm, abs=0.01
    )
    assert raw.projections.axis_mm == pytest.approx(made.projections.axis_mm, abs=0.01)
    assert raw.projections.pixel_mm == pytest.approx(made.projections.pixel_mm)
    assert raw.projections.heads == made.projections.heads


def test_the_heart_is_found_where_it_was_drawn() -> None:
    made, path = exam()
    (entry,) = scan_dicom(path).entries

    study = study_of_projections(read_projections(entry), UNMOVED).study

    found = estimate_pose(study.volume, "network", None).pose
    errors = pose_errors(found, made.pose)
    assert errors.long_axis_deg < 10
    assert errors.center_mm < 10


def test_every_time_slot_is_reconstructed() -> None:
    made, path = exam(8)
    (entry,) = scan_dicom(path).entries

    study = study_of_projections(read_projections(entry), UNMOVED).study

    assert study.gates.shape[0] == 8
    assert study.gates.sum() == pytest.approx(study.volume.counts.sum(), rel=0.2)
    assert made.gates is not None
